from odoo import fields, models
from odoo.tools.misc import format_date

from ...rules.br_zones import DEFAULT_ZONE


class VelocIncident(models.Model):
    """What letters say about an incident: the items of art. 9 § 1."""

    _inherit = "veloc.incident"

    def action_prepare_letters(self):
        """Make drafts of letters and public notices from the house's texts (button)."""
        self._check_desk()
        self.ensure_one()
        known = {(letter.kind, letter.lang) for letter in self.letter_ids}
        templates = self.env["veloc.incident.template"].search(
            [("kind", "in", ("letter", "public"))]
        )
        self.env["veloc.incident.letter"].create(
            [
                {
                    "incident_id": self.id,
                    "kind": template.kind,
                    "lang": template.lang,
                    "subject": template.subject,
                    "body": template.body,
                }
                for template in templates
                if (template.kind, template.lang) not in known
            ]
        )
        return True

    def _letter_values(self, lang):
        """Return the values of the placeholders."""
        self.ensure_one()
        company = self.company_id._veloc_controller()
        contact = ", ".join(
            filter(
                None,
                (
                    company.dpo_name,
                    company.dpo_email or company.email,
                    company.dpo_phone or company.phone,
                ),
            )
        )
        return {
            "data": self.data_affected or "",
            "measures": self.measures_after or "",
            "risks": self.risks or "",
            "reversal": self.reversal or "",
            "delay": (self._is_late() and self.delay_reason) or "",
            "known_at": self._day(self.affected_known_at or self.known_at, lang),
            "occurred_at": self._day(self.occurred_at, lang),
            "contact": contact,
            "broker": company.name,
            "number": self.number or "",
            "description": self.nature or "",
        }

    def _day(self, moment, lang):
        """Return the day of a moment in Brasília, in the words of the language."""
        if not moment:
            return ""
        local = fields.Datetime.context_timestamp(
            self.with_context(tz=DEFAULT_ZONE), moment
        )
        return format_date(self.env, local.date(), lang_code=lang)

    def _is_late(self):
        """Return whether people hear of it after the term."""
        now = fields.Datetime.now()
        return bool(self.due_at) and (self.subjects_told_at or now) > self.due_at

    def _empty_items(self):
        """Return the labels of what a letter must say and nobody has written yet."""
        names = ["data_affected", "measures_after", "risks", "reversal"]
        if self._is_late():
            names.append("delay_reason")
        gaps = [
            self._fields[name]._description_string(self.env)
            for name in names
            if not self[name]
        ]
        values = self._letter_values("pt_BR")
        if not values["contact"]:
            gaps.append(self.env._("Contact of the encarregado (company)"))
        return gaps
