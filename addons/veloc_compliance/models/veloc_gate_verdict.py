from odoo import api, fields, models

from ..const import CHANNELS, LEGAL_BASES


class VelocGateVerdict(models.Model):
    """The gate's leave to contact somebody once; an outbox row cannot be without."""

    _name = "veloc.gate.verdict"
    _inherit = ["veloc.append.only"]
    _description = "Gate verdict"
    _log_access = False
    _order = "id desc"

    partner_id = fields.Many2one(
        "res.partner",
        "Person",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    purpose_id = fields.Many2one(
        "veloc.purpose", required=True, readonly=True, ondelete="restrict"
    )
    purpose_version_id = fields.Many2one(
        "veloc.purpose.version", required=True, readonly=True, ondelete="restrict"
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    allowed = fields.Boolean(required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    basis = fields.Selection(
        LEGAL_BASES, string="Legal basis", required=True, readonly=True
    )
    consent_id = fields.Many2one("veloc.consent", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(required=True, readonly=True)

    # What the outbox's foreign key points to: id and what it was asked about.
    _asked_unique = models.Constraint(
        "UNIQUE(id, partner_id, purpose_id, channel, allowed)", "One verdict, one row."
    )
    _consent_named = models.Constraint(
        "CHECK (NOT allowed OR basis <> 'consent' OR consent_id IS NOT NULL)",
        "A verdict that rests on consent names the consent.",
    )

    # === COMPUTE === #

    @api.depends("partner_id", "purpose_id")
    def _compute_display_name(self):
        for verdict in self:
            verdict.display_name = (
                f"{verdict.partner_id.display_name} · {verdict.purpose_id.display_name}"
            )
