from odoo import api, fields, models
from odoo.exceptions import UserError

CHOICES = [("link", "A contact we have"), ("create", "A new contact")]


class VelocConversationLink(models.TransientModel):
    """Says who an unknown sender is, once and for all."""

    _name = "veloc.conversation.link"
    _description = "Who is this person?"

    conversation_id = fields.Many2one(
        "veloc.conversation", required=True, ondelete="cascade"
    )
    # Read with the user's own rights: the id may be any conversation's.
    candidate_ids = fields.Many2many(
        related="conversation_id.candidate_ids", related_sudo=False
    )
    identifier = fields.Char(related="conversation_id.identifier", related_sudo=False)
    choice = fields.Selection(CHOICES, required=True, default="link")
    partner_id = fields.Many2one("res.partner", "Contact")
    name = fields.Char(
        compute="_compute_name",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
    )

    # === COMPUTE === #

    @api.depends("conversation_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.conversation_id.sender_name

    # === ACTIONS === #

    def action_link(self):
        """Link the conversation, and remember whose number or id this is."""
        self.ensure_one()
        talk = self.conversation_id
        partner = self.partner_id if self.choice == "link" else self._make_contact()
        if not partner:
            raise UserError(self.env._("Choose a contact."))
        talk = talk._link(partner)
        return {
            "type": "ir.actions.act_window",
            "res_model": "veloc.conversation",
            "res_id": talk.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "main",
        }

    def _make_contact(self):
        self.conversation_id._check_agent()
        if not (self.name or "").strip():
            raise UserError(self.env._("Give the new contact a name."))
        talk = self.conversation_id
        values = {"name": self.name.strip(), "company_id": talk.company_id.id}
        if talk.channel == "email":
            values["email"] = talk.identifier
        elif (talk.identifier or "").startswith("+"):
            values["phone"] = talk.identifier
        # sudo: who may answer a stranger may note down who it is, and no more.
        return self.env["res.partner"].sudo().create(values).sudo(False)
