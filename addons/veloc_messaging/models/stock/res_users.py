from odoo import models

from . import service_mark


class ResUsers(models.Model):
    """Mails about somebody's own login are service, whoever they are."""

    _inherit = "res.users"

    def _action_reset_password(self, *args, **kwargs):
        users = service_mark.marked(self)
        return super(ResUsers, users)._action_reset_password(*args, **kwargs)
