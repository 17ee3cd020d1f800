from odoo import fields, models

from odoo.addons.veloc_compliance.const import CHANNELS


class VelocConversationRound(models.Model):
    """One matter of a conversation, from the first word to the end, measured."""

    _name = "veloc.conversation.round"
    _description = "Service measures"
    _order = "opened_at desc, id desc"
    _rec_name = "conversation_id"

    conversation_id = fields.Many2one(
        "veloc.conversation",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="conversation_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="conversation_id.partner_id", store=True, string="Person"
    )
    desk_id = fields.Many2one("veloc.desk", readonly=True, ondelete="set null")
    user_id = fields.Many2one(
        "res.users", "Agent", readonly=True, help="Who answered last."
    )
    channel = fields.Selection(CHANNELS, readonly=True)
    opened_at = fields.Datetime(required=True, readonly=True, index=True)
    first_response_at = fields.Datetime(readonly=True)
    first_response_minutes = fields.Float(
        "First response (working minutes)", readonly=True, aggregator="avg"
    )
    closed_at = fields.Datetime(readonly=True)
    resolution_minutes = fields.Float(
        "Resolution (working minutes)", readonly=True, aggregator="avg"
    )
    reopened = fields.Integer(readonly=True, default=0)
    stepped_in = fields.Integer("Asked to step in", readonly=True)
    escalated = fields.Integer(readonly=True)
    answers = fields.Integer(readonly=True)
