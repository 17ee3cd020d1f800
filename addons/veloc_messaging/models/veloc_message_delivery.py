from odoo import fields, models


class VelocMessage(models.Model):
    """Why a message waits, and which other message it stands for."""

    _inherit = "veloc.message"

    template_name = fields.Char(
        readonly=True, help="Approved WhatsApp template at Meta."
    )
    hold_reason = fields.Char("Waits because", readonly=True)
    fallback_of_id = fields.Many2one(
        "veloc.message",
        "Stands in for",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The message on another channel that did not arrive.",
    )
    fallback_reason = fields.Char(readonly=True)
    fallback_ids = fields.One2many(
        "veloc.message", "fallback_of_id", "Other channels tried", readonly=True
    )
