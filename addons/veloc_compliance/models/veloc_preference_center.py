from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import preference_form
from ..rules.gate import Consent

# First half of an advisory lock; the second is the person's number.
PERSON_LOCK = 7_602_102


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows later that the person did it: from where, with what, reading what."""

    source: str
    ip: str = ""
    user_agent: str = ""
    lang: str = ""


class VelocPreferenceCenter(models.AbstractModel):
    """What the public pages show a person and record of them.

    Called for anonymous visitors with a signed link, hence private throughout.
    """

    _name = "veloc.preference.center"
    _description = "Preference centre"

    # === READING === #

    @api.model
    def _find(self, scope, token):
        """Return the person and the link behind a token; an empty person if none."""
        partners = self.env["res.partner"]
        link = partners._veloc_read_link(scope, token)
        return partners.browse(link and link.partner_id).exists(), link

    @api.model
    def _language(self, partner, wanted=None):
        """Return the page's language: asked for, the person's, else Portuguese."""
        installed = dict(self.env["res.lang"].get_installed())
        # The texts are written in English: it is there, installed or not.
        offered = [lang for lang in ("pt_BR", "en_US") if lang in {*installed, "en_US"}]
        known = [lang for lang in (wanted, partner.lang) if lang in offered]
        return (known or offered)[0]

    @api.model
    def _page(self, partner):
        """Return the sections of the preference page, with their boxes."""
        granted, closed = self._granted(partner), self._opted_out(partner)
        channels = self._channel_labels()
        return [
            {
                "purpose": purpose,
                "shown": f"{purpose.id}:{purpose.current_version_id.id}",
                "boxes": [
                    {
                        "value": f"{purpose.id}:{channel}",
                        "label": channels[channel],
                        "is_allowed": granted[purpose.id, channel]
                        and channel not in closed,
                    }
                    for channel in preference_form.PAGE_CHANNELS
                ],
            }
            for purpose in self.env["veloc.purpose"]._revocable()
        ]

    @api.model
    def _links(self, partner):
        """Return other pages of this person: addons add ``{"url", "label"}``."""
        return []

    @api.model
    def _channel_labels(self):
        field = self.env["veloc.consent"]._fields["channel"]
        return dict(field._description_selection(self.env))

    def _granted(self, partner):
        """Return ``{(purpose_id, channel): bool}``: what the person's words allow."""
        purposes = self.env["veloc.purpose"]._revocable()
        words = self._words(partner, purposes)
        return {
            (purpose.id, channel): self._is_granted(
                purpose, words.get((purpose.id, channel))
            )
            for purpose in purposes
            for channel in preference_form.PAGE_CHANNELS
        }

    def _opted_out(self, partner):
        """Return the channels a STOP closed; their boxes are shown empty."""
        blocks = self.env["veloc.suppression"]._gate_suppressions(
            partner.ids, fields.Datetime.now()
        )
        kinds = blocks.get(partner.id, ())
        return {channel for kind, channel in kinds if kind == "opt_out"}

    def _words(self, partner, purposes):
        states = self.env["veloc.consent.state"]
        words = states._gate_consents(partner.ids, purposes.ids)
        return {key[1:]: consent for key, consent in words.items()}

    @staticmethod
    def _is_granted(purpose, word: Consent | None):
        if purpose.legal_basis != "consent":
            return word is None or word.granted
        covers_from = purpose.current_version_id.covers_from
        return bool(word and word.granted and word.number >= covers_from)

    # === RECORDING === #

    @api.model
    def _wait_turn(self, partner):
        """Let this person's words be recorded one after the other.

        Who presses twice, or whose mail service does, finds it done the second time.
        """
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(%s, %s)", PERSON_LOCK, partner.id)
        )

    @api.model
    def _save(self, partner, form, proof):
        """Record what the person changed; return how many words that were."""
        choice = preference_form.read(form)
        if choice.stop:
            return self._stop(partner, proof)
        stale = self._stale(form)
        changes = [
            change
            for change in preference_form.changes(self._granted(partner), choice)
            if not (change.granted and change.purpose_id in stale)
        ]
        self._record(partner, changes, proof, choice.read)
        # Ticking a box on a channel closed by STOP opens it again; boxes left
        # empty there were just revoked, whatever a program recorded since.
        reopened = preference_form.channels(choice) & self._opted_out(partner)
        for channel in reopened:
            self.env["veloc.suppression"]._lift(
                partner.ids, "opt_out", source=proof.source, channel=channel
            )
        return len(changes) + len(reopened)

    @api.model
    def _unsubscribe(self, partner, link, proof):
        """Record the revocation a one-click link asks for; harmless when repeated."""
        purposes = self.env["veloc.purpose"]._revocable()
        # A link about something that cannot be revoked ends all that can be.
        named = purposes.filtered(lambda purpose: purpose.id == link.purpose_id)
        return self._stop(partner, proof, named or purposes, link.channel)

    def _stop(self, partner, proof, purposes=None, channel=None):
        purposes = purposes or self.env["veloc.purpose"]._revocable()
        words = self._words(partner, purposes)
        revoked = {key for key, word in words.items() if not word.granted}
        stops = preference_form.stop_everything(purposes.ids, revoked)
        return self._record(
            partner, [s for s in stops if channel in (None, s.channel)], proof
        )

    def _record(self, partner, changes, proof, notices=None):
        """Store the words with their proof; return how many.

        ``notices``: by purpose, the hash of the notice that was on the page.
        """
        values = [self._prepare_consent_values(partner, c, proof) for c in changes]
        for value in values:
            value["notice_hash"] = (notices or {}).get(value["purpose_id"])
        return len(self.env["veloc.consent"].create(values))

    def _prepare_consent_values(self, partner, change, proof):
        version = self._version(change)
        return {
            "partner_id": partner.id,
            "purpose_id": change.purpose_id,
            "version_id": version.id,
            "channel": change.channel,
            "granted": change.granted,
            "recorded_at": fields.Datetime.now(),
            "recorded_by": self.env.uid,
            "source": proof.source,
            "text_hash": change.version_id and version._text_hash(proof.lang),
            "text_language": change.version_id and proof.lang,
            "ip": proof.ip,
            "user_agent": proof.user_agent[:512],
        }

    def _version(self, change):
        """Return the version the person read, which may just have been replaced."""
        purpose = self.env["veloc.purpose"].browse(change.purpose_id)
        shown = purpose.version_ids.filtered(
            lambda version: version.id == change.version_id and version.state != "draft"
        )
        return shown or purpose.current_version_id
