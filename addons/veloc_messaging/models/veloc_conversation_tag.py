from odoo import fields, models


class VelocConversationTag(models.Model):
    """What a conversation is about, in the words of the house."""

    _name = "veloc.conversation.tag"
    _description = "Conversation tag"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()

    _name_unique = models.Constraint("UNIQUE (name)", "This tag exists already.")
