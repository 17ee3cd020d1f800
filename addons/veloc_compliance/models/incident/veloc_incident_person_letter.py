from odoo import models


class VelocIncidentPerson(models.Model):
    """The letter of one person, in their language."""

    _inherit = "veloc.incident.person"

    def _prepare_notice(self):
        """Return the notice; its key makes it one letter for one person.

        A letter that did not arrive is tried again under a new one.
        """
        self.ensure_one()
        lang = self.partner_id.lang or "pt_BR"
        letter = self.incident_id._approved(
            "letter", lang if lang.startswith("pt") else "en_US"
        )
        subject, text = letter._fill(self.partner_id.name or "")
        who = {"partner_id": self.partner_id.id} if self.partner_id else {}
        return {
            **(who or {"email": self.address}),
            "code": "incident",
            "subject": subject,
            "text": text,
            "key": self._notice_key(),
        }

    def _notice_key(self):
        return f"incident:{self.incident_id.id}:{self.id}:{self.attempts}"
