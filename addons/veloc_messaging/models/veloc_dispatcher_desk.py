from odoo import models

from ..providers import base


class VelocDispatcher(models.AbstractModel):
    """A call that the desk took becomes a task, in the transaction of the answer."""

    _inherit = "veloc.dispatcher"

    def _after_answers(self, group, rows, now):
        taken = [
            rows[key]
            for key, result in group
            if result.kind == base.ACCEPTED and rows[key]["channel"] == "call"
        ]
        accounts = self.env["veloc.account"].browse({r["account_id"] for r in taken})
        desks = set(accounts.filtered(lambda a: a.provider == "desk").ids)
        calls = [row for row in taken if row["account_id"] in desks]
        self.env["veloc.call"]._make(calls, now)
        return super()._after_answers(group, rows, now)
