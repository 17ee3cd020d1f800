from odoo import api, models


class VelocDispatcher(models.AbstractModel):
    """A copy of the database takes nothing from its outbox."""

    _inherit = "veloc.dispatcher"

    @api.model
    def _claim(self, lane, *args, **kwargs):
        self._read_committed()
        if not self.env["veloc.database.identity"]._may_send():
            return 0, []
        return super()._claim(lane, *args, **kwargs)
