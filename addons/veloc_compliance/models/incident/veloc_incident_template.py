from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...rules import incident_letter

KINDS = [("letter", "Letter to a person"), ("public", "Public notice")]
LANGS = [("pt_BR", "Portuguese"), ("en_US", "English")]


class VelocIncidentTemplate(models.Model):
    """The house's text of letters and public notices about incidents, by language."""

    _name = "veloc.incident.template"
    _description = "Template of incident notices"
    _order = "kind, lang desc"

    name = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True, default="letter")
    lang = fields.Selection(LANGS, "Language", required=True, default="pt_BR")
    subject = fields.Char(required=True)
    body = fields.Text(required=True)
    active = fields.Boolean(default=True)

    _one_each = models.UniqueIndex(
        "(kind, lang) WHERE active", "There is one text in force for each language."
    )

    @api.constrains("subject", "body")
    def _check_text(self):
        for template in self:
            text = f"{template.subject}\n{template.body}"
            wrong = incident_letter.unknown(text) or incident_letter.missing(text)
            if wrong:
                raise ValidationError(
                    self.env._(
                        "The text lacks or misspells: %(names)s",
                        names=", ".join(f"{{{name}}}" for name in wrong),
                    )
                )
