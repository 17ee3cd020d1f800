from odoo import fields, models

from ...const import CHANNELS


class VelocConsentPendingLine(models.Model):
    """One purpose and channel of a consent that waits, with the version shown."""

    _name = "veloc.consent.pending.line"
    _description = "Purpose waiting for confirmation"
    _log_access = False
    _rec_name = "channel"

    pending_id = fields.Many2one(
        "veloc.consent.pending",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    version_id = fields.Many2one(
        "veloc.purpose.version", required=True, readonly=True, ondelete="restrict"
    )
    purpose_id = fields.Many2one(related="version_id.purpose_id")
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
