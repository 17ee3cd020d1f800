import base64
import hashlib
import json

from odoo import fields, models

from ...report.incident_form_pdf import draw
from ...rules import incident_form

TEXTS = [
    "number",
    "name",
    "nature",
    "data_affected",
    "description",
    "root_cause",
    "measures_before",
    "measures_after",
    "risks",
    "reversal",
    "delay_reason",
    "processor",
    "secrets",
    "decision_reason",
    "authority_protocol",
]
MOMENTS = [
    "occurred_at",
    "known_at",
    "affected_known_at",
    "authority_told_at",
    "subjects_told_at",
    "due_at",
]
COUNTS = [
    "person_count",
    "child_count",
    "adolescent_count",
    "elderly_count",
    "unknown_count",
    "financial_count",
    "authentication_count",
    "sensitive_count",
    "secrecy_count",
    "sent_count",
    "failed_count",
    "total_subjects",
]


class VelocIncident(models.Model):
    """The communication as the authority's form asks for it, as JSON and PDF."""

    _inherit = "veloc.incident"

    def action_export_json(self):
        """Give the form as a file for programs (button)."""
        form = self._form()
        text = json.dumps(form, ensure_ascii=False, indent=2)
        return self._give("json", "application/json", text.encode())

    def action_export_pdf(self):
        """Give the form to read, sign and file (button)."""
        return self._give("pdf", "application/pdf", draw(self._form()))

    def _form(self):
        """Return the form: fixed fields, in the authority's own language."""
        self._check_desk()
        self.ensure_one()
        return incident_form.build(self._form_facts())

    def _give(self, ending, mimetype, content):
        # sudo: the desk was checked by _form; the file belongs to the incident.
        attachment_sudo = self.env["ir.attachment"].sudo()
        name = f"{(self.number or 'incidente').replace('/', '-')}.{ending}"
        file = attachment_sudo.create(
            {
                "name": name,
                "datas": base64.b64encode(content),
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self._tell("export", f"{name} · SHA-256 {hashlib.sha256(content).hexdigest()}")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{file.id}?download=true",
            "target": "self",
        }

    def _form_facts(self):
        """Return everything the form speaks of, as plain values."""
        controller = self.company_id._veloc_controller()
        found = self._assess()
        return {
            **{name: self[name] or "" for name in TEXTS},
            **{name: self._moment(self[name]) for name in MOMENTS},
            **{name: self[name] for name in COUNTS},
            "is_small_agent": self.is_small_agent,
            "is_late": self._is_late(),
            "impacts": found.impacts,
            "criteria": found.criteria,
            "additions": [
                f"{self._moment(entry.at)}: {entry.text}"
                for entry in self.entry_ids.sorted("id")
                if entry.kind == "addition"
            ],
            "public_url": self.public_url or "",
            "controller": {
                name: getattr(controller, name)
                for name in ["name", "tax_id", "address", "email", "phone"]
            },
            "dpo": {
                name: getattr(controller, f"dpo_{name}")
                for name in ["name", "email", "phone"]
            },
        }

    def _moment(self, moment):
        """Return a moment as people in Brasília write it."""
        if not moment:
            return ""
        local = fields.Datetime.context_timestamp(
            self.with_context(tz="America/Sao_Paulo"), moment
        )
        return local.strftime("%d/%m/%Y %H:%M (%Z)")
