from odoo import models

from ..providers import base


class VelocDispatcher(models.AbstractModel):
    """A message that a provider took is a contact: one entry each, by the group."""

    _inherit = "veloc.dispatcher"

    def _after_answers(self, group, rows, now):
        done = super()._after_answers(group, rows, now)
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "contact",
                    "model": "veloc.message",
                    "res_id": key,
                    "subject_id": rows[key]["partner_id"],
                    "public": {
                        "channel": rows[key]["channel"],
                        "purpose": rows[key]["purpose_id"],
                    },
                }
                for key, result in group
                if result.kind == base.ACCEPTED
            ]
        )
        return done
