from odoo import api, models


class ResUsers(models.Model):
    """Who signs up by themselves on the portal comes by their own word."""

    _inherit = "res.users"

    @api.model
    def _signup_create_user(self, values):
        guard = self.env["veloc.tombstone.guard"]
        with guard._own_word_of_the_person("portal"):
            return super()._signup_create_user(values)
