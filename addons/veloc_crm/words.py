"""Decisions and events in words: one table each, translated where they are shown."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

CONDITIONS = [
    ("always", "Always"),
    ("no_deposit_yet", "Has not deposited yet"),
    ("has_deposited", "Has deposited"),
    ("kyc_not_approved", "Documents not approved yet"),
    ("kyc_approved", "Documents approved"),
    ("has_not_logged_in", "Has not logged in since entering"),
    ("has_logged_in", "Has logged in since entering"),
]

VERDICTS = [
    ("sent", "Sent"),
    ("deferred", "Deferred"),
    ("refused", "Refused"),
    ("skipped", "Skipped"),
    ("expired", "Expired"),
    ("exited", "Left"),
    ("finished", "Finished"),
    ("duplicate", "Already sent"),
]

# reason code of the planner, the gate, the renderer or the engine -> a sentence
REASONS = {
    # the planner and the engine
    "blocked": _lt("The person was taken out of use, by law or on their own request."),
    "goal": _lt("The goal of the cadence was reached."),
    "exit_event": _lt("Something happened that ends the cadence."),
    "stage": _lt("The trader is in a stage that ends the cadence."),
    "left_segment": _lt("The trader is no longer in the segment of the cadence."),
    "no_step_left": _lt("No step is left."),
    "too_late": _lt("The message would have come too late to be useful."),
    "held_too_long": _lt(
        "Contact was allowed only after the message had lost its use."
    ),
    "event_too_old": _lt(
        "The event was already too old when we heard of it: nobody gets mail "
        "about the past."
    ),
    "cadence_stopped": _lt("The cadence was stopped."),
    "plan_exit": _lt("A new version was published and those waiting left."),
    "plan_no_step": _lt("The new version has no step left for this person."),
    "no_deposit_yet": _lt("The trader has deposited already."),
    "has_deposited": _lt("The trader has not deposited yet."),
    "kyc_not_approved": _lt("The documents are approved already."),
    "kyc_approved": _lt("The documents are not approved yet."),
    "has_not_logged_in": _lt("The trader has logged in since."),
    "has_logged_in": _lt("The trader has not logged in since."),
    # legal bases that allowed
    "consent": _lt("The person consented."),
    "contract": _lt("Needed for the person's contract."),
    "legal_obligation": _lt("Required by law."),
    "legitimate_interest": _lt("Legitimate interest, weighed and documented."),
    # the gate
    "deceased": _lt("The person has died."),
    "self_exclusion": _lt("The person excluded themselves."),
    "cooling_off": _lt("The person is in a cooling-off period."),
    "loss_limit": _lt("The person has reached a limit of their own."),
    "minor": _lt("The person is a minor."),
    "complaint": _lt("The person has an open complaint."),
    "kyc_block": _lt("The person's documents are blocked."),
    "blocklist": _lt("The person or the address is on a block list."),
    "opt_out": _lt("The person opted out of this channel."),
    "channel_blocked": _lt("The channel does not reach this person."),
    "no_address": _lt("There is no address for this channel."),
    "no_consent": _lt("The person never consented."),
    "consent_revoked": _lt("The person took the consent back."),
    "consent_outdated": _lt("The consent was given to an older text."),
    "quiet_hours": _lt("Outside the hours in which we may contact the person."),
    "no_contact_hours": _lt("There is no hour in which we may use this channel."),
    "unknown_purpose": _lt("The purpose has no published version."),
    "unknown_person": _lt("The person is not known."),
    "archived": _lt("The contact is archived."),
    # rendering and queueing
    "no_approved_version": _lt("The template has no approved version."),
    "no_body": _lt("The template has no text for this channel and language."),
    "missing_variable": _lt("The text needs a value that is not known."),
    "bad_text": _lt("A value holds characters that cannot be stored."),
    "template_not_approved": _lt("The template has no approved version."),
    "bad_value": _lt("A value of the event cannot be written as the text needs it."),
    "render_failed": _lt("The text could not be made."),
    "unknown_partner": _lt("The person is not known."),
    "no_account": _lt("No active account sends on this channel."),
    "in_conversation": _lt("The person is talking with us; the robot keeps quiet."),
}


# what a rule looked at -> its name
SEEN = {
    "age": _lt("Age"),
    "channel": _lt("Channel"),
    "consent": _lt("Consent"),
    "consent_version": _lt("Text consented to"),
    "covers_from": _lt("Oldest text that counts"),
    "deposit_count": _lt("Deposits"),
    "granted": _lt("Said yes"),
    "kyc_state": _lt("KYC"),
    "last_login_at": _lt("Last login"),
    "recorded_at": _lt("Recorded on"),
    "stage": _lt("Stage"),
    "state": _lt("State (UF)"),
    "suppressions": _lt("Suppressions"),
    "useful_until": _lt("Useful until"),
    "version": _lt("Text in force"),
    "zone": _lt("Time zone"),
}


def say_seen(env, saw):
    """Return what a rule saw, a line each, in the user's language."""
    return "\n".join(
        f"{env._(SEEN[name]) if name in SEEN else name}: {_say_value(env, value)}"
        for name, value in (saw or {}).items()
    )


def _say_value(env, value):
    if value is None:
        return env._("none")
    if isinstance(value, bool):
        return env._("yes") if value else env._("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def say_reason(env, code):
    """Return the sentence for a reason code in the user's language, or the code."""
    base = (code or "").partition(":")[0]
    return env._(REASONS[base]) if base in REASONS else code or ""


def say_selection(env, model, field, value):
    """Return the translated label of a selection value."""
    labels = dict(env[model]._fields[field]._description_selection(env))
    return labels.get(value, value or "")
