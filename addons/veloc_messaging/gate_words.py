"""Why the gate says no, in words for people who were about to call somebody."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

REASONS = {
    "archived": _lt("The contact is archived."),
    "blocklist": _lt("The person is on a do-not-contact list."),
    "blocked": _lt("The person was taken out of use, by law or on their own request."),
    "channel_blocked": _lt("This channel is blocked for the person."),
    "complaint": _lt("The person has an open complaint."),
    "consent_outdated": _lt("The consent was given to an older text."),
    "consent_revoked": _lt("The person took the consent back."),
    "cooling_off": _lt("The person is in a cooling-off period."),
    "deceased": _lt("The person has died."),
    "kyc_block": _lt("The identity check of the person is blocked."),
    "loss_limit": _lt("The person has reached a limit of their own."),
    "minor": _lt("The person is a minor."),
    "no_address": _lt("There is no phone number."),
    "no_consent": _lt("The person has not consented to this."),
    "no_contact_hours": _lt("There are no hours at which such calls are allowed."),
    "opt_out": _lt("The person does not want to be called."),
    "self_exclusion": _lt("The person excluded themselves."),
}
