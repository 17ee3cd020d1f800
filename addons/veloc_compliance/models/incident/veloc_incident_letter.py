import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import incident_letter
from .veloc_incident_template import KINDS, LANGS


class VelocIncidentLetter(models.Model):
    """What people are told about one incident; approved, then never changed."""

    _name = "veloc.incident.letter"
    _description = "Notice about an incident"
    _order = "kind, lang desc"
    _rec_name = "subject"
    _veloc_ledger_fields = frozenset({"subject", "body", "state", "sha256"})
    _veloc_ledger_kind = "incident"

    incident_id = fields.Many2one(
        "veloc.incident", required=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(KINDS, required=True)
    lang = fields.Selection(LANGS, "Language", required=True)
    subject = fields.Char(required=True)
    body = fields.Text("Text", required=True)
    preview = fields.Text(compute="_compute_preview")
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved")],
        required=True,
        readonly=True,
        default="draft",
    )
    approved_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    approved_at = fields.Datetime("Approved", readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)

    _one_each = models.UniqueIndex(
        "(incident_id, kind, lang)", "There is one text of a kind in each language."
    )

    # === COMPUTE === #

    @api.depends("subject", "body", "lang")
    def _compute_preview(self):
        for letter in self:
            subject, text = letter._fill("")
            letter.preview = f"{subject}\n\n{text}"

    # === CRUD === #

    def write(self, vals):
        """What was approved stays as it was read."""
        if not self.env.su:
            if {"state", "approved_by", "approved_at", "sha256"} & vals.keys():
                raise AccessError(self.env._("Use the button to approve a text."))
            if any(letter.state == "approved" for letter in self):
                raise AccessError(self.env._("An approved text is not changed."))
        return super().write(vals)

    # === ACTIONS === #

    def action_approve(self):
        """Approve the texts: they say what the law wants, and are frozen (button)."""
        for letter in self:
            incident = letter.incident_id
            incident._check_officer()
            text = f"{letter.subject}\n{letter.body}"
            wrong = incident_letter.unknown(text) or incident_letter.missing(
                text, is_late=incident._is_late()
            )
            if wrong:
                raise UserError(
                    self.env._(
                        "The text lacks or misspells: %(names)s",
                        names=", ".join(f"{{{name}}}" for name in wrong),
                    )
                )
            empty = incident._empty_items()
            if empty:
                raise UserError(
                    self.env._("First fill in: %(names)s", names=", ".join(empty))
                )
            # sudo: the officer was checked; approval is written here only.
            letter.sudo().write(
                {
                    "state": "approved",
                    "approved_by": self.env.uid,
                    "approved_at": fields.Datetime.now(),
                    "sha256": hashlib.sha256(letter.preview.encode()).hexdigest(),
                }
            )
            incident._tell("letter", f"{letter.subject} · SHA-256 {letter.sha256}")
        return True

    # === BUSINESS === #

    def _fill(self, name):
        """Return (subject, text) for one person."""
        values = self.incident_id._letter_values(self.lang) | {"name": name}
        return (
            incident_letter.fill(self.subject, values),
            incident_letter.fill(self.body, values),
        )
