from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules import conversation_text


class VelocConversationTemplate(models.TransientModel):
    """Sends an approved template to the person of a conversation."""

    _name = "veloc.conversation.template"
    _description = "Send an approved template"

    conversation_id = fields.Many2one(
        "veloc.conversation", required=True, ondelete="cascade"
    )
    # Read with the user's own rights: the id may be any conversation's.
    channel = fields.Selection(
        related="conversation_id.reply_channel", related_sudo=False
    )
    usable_ids = fields.Many2many(
        "veloc.template", compute="_compute_usable_ids", string="Usable templates"
    )
    template_id = fields.Many2one(
        "veloc.template", required=True, domain="[('id', 'in', usable_ids)]"
    )
    preview = fields.Text(compute="_compute_preview")

    # === COMPUTE === #

    @api.depends("conversation_id")
    def _compute_usable_ids(self):
        now = fields.Datetime.now()
        for wizard in self:
            talk = wizard.conversation_id
            channel = talk.reply_channel or talk.channel
            bodies = self.env["veloc.template"].search(
                [("current_version_id.body_ids.channel", "=", channel)]
            )
            wizard.usable_ids = bodies.filtered(
                lambda t, talk=talk: self._may_use(t, talk, now)
            )

    def _may_use(self, template, talk, now):
        if template.code == "conversation.reply":
            return False
        if not talk._is_window_closed(now):
            return True
        # WhatsApp takes only what it has approved itself.
        bodies = template.current_version_id.body_ids
        return any(
            body.content_sid or body.template_name
            for body in bodies
            if body.channel == "whatsapp"
        )

    @api.depends("template_id")
    def _compute_preview(self):
        for wizard in self:
            talk = wizard.conversation_id
            if not wizard.template_id or not talk.partner_id:
                wizard.preview = False
                continue
            request = (
                talk.partner_id.id,
                wizard.template_id.id,
                talk.reply_channel or talk.channel,
                {},
            )
            (text,) = self.env["veloc.template"]._render([request])
            wizard.preview = conversation_text.shown(text.body) or False

    # === ACTIONS === #

    def action_send(self):
        """Send the template; the history shows it with what became of it."""
        self.ensure_one()
        talk = self.conversation_id
        talk._check_agent()
        if self.template_id not in self.usable_ids:
            raise UserError(self.env._("Choose one of the templates offered."))
        sent = self.env["veloc.conversation.reply"]._send(talk, self.template_id)
        talk._show_sent(sent)
        return {"type": "ir.actions.act_window_close"}
