from odoo import fields, models


class VelocMessage(models.Model):
    """Why a message waits, which one it stands in for, and what it is worth."""

    _inherit = "veloc.message"

    template_name = fields.Char(
        readonly=True, help="Approved WhatsApp template at Meta."
    )
    variables = fields.Text(
        readonly=True,
        groups="veloc_messaging.group_manager",
        help="What the text was filled with, kept for a fallback on another channel.",
    )
    worth = fields.Float(
        readonly=True,
        default=0.0,
        help="Where a daily limit is scarce, the most valuable messages go first.",
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
    moved_from_id = fields.Many2one(
        "veloc.account",
        "Taken over from",
        readonly=True,
        ondelete="restrict",
        help="The account that should have sent this and could not.",
    )
    move_reason = fields.Char("Taken over because", readonly=True)
    resends = fields.Integer(
        "Sent again",
        readonly=True,
        help="How often this was sent again after the provider had given it up.",
    )

    _worth_idx = models.Index(
        "(account_id, lane, worth DESC, next_attempt_at, id) "
        "WHERE state = 'queued' AND channel = 'whatsapp'"
    )
