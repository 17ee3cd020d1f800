from odoo import fields, models

_PROOF = "veloc_compliance.group_officer"


class ResPartner(models.Model):
    """Everything a person ever said, with the words they read, on the contact."""

    _inherit = "res.partner"

    veloc_consent_ids = fields.One2many(
        "veloc.consent", "partner_id", "Consent timeline", groups=_PROOF
    )
    veloc_guardian_consent_ids = fields.One2many(
        "veloc.guardian.consent", "partner_id", "Consents of guardians", groups=_PROOF
    )
