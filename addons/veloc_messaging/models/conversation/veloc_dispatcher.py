import logging

from odoo import models

from ...providers import base
from .veloc_outbox import IN_CONVERSATION

_logger = logging.getLogger(__name__)


class VelocDispatcher(models.AbstractModel):
    """Keeps quiet while a person talks, and writes into the history what left."""

    _inherit = "veloc.dispatcher"

    def _holds(self, rows, now):
        """Let what was queued before the conversation began wait, too."""
        holds = super()._holds(rows, now)
        purposes = self.env["veloc.purpose"].browse({r["purpose_id"] for r in rows})
        service = set(purposes.filtered(lambda p: p.kind == "service").ids)
        held = [
            row
            for row in rows
            if not (row["lane"] == "urgent" and row["purpose_id"] in service)
        ]
        silent = self.env["veloc.conversation"]._silent(
            {row["partner_id"] for row in held}, now
        )
        for row in held:
            if until := silent.get(row["partner_id"]):
                holds.setdefault(row["id"], (until, IN_CONVERSATION))
        return holds

    def _after_answers(self, group, rows, now):
        """Show accepted messages in the conversations of their people."""
        super()._after_answers(group, rows, now)
        people = {
            rows[key]["partner_id"]
            for key, result in group
            if result.kind == base.ACCEPTED
        }
        talks = self.env["veloc.conversation"].search(
            [("partner_id", "in", list(people))]
        )
        if not talks:
            return
        try:
            with self.env.cr.savepoint():
                self.env["veloc.conversation.entry"]._add_robot(talks)
                talks._changed()
        except Exception:
            # The answers of the provider must never be lost for the history's sake.
            _logger.exception("The history of conversations %s", talks.ids)
