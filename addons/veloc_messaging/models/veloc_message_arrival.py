from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import fallback, message_state

ARRIVED = "arrived_after_all"


class VelocMessage(models.Model):
    """A message that was given up and arrived after all is not sent a second time."""

    _inherit = "veloc.message"

    lost_ref = fields.Char(
        "Provider's id of the send given up",
        readonly=True,
        help="A message that was sent again, or will be: its first copy may still be "
        "reported as delivered.",
    )
    _lost_ref_idx = models.Index("(lost_ref) WHERE lost_ref IS NOT NULL")

    @api.model
    def _arrived_after_all(self, pairs):
        """Take back what waits to be sent again for sends that did arrive.

        ``pairs`` are (account id, the provider's id). What has left meanwhile is
        flagged. Returns ``{pair: message id}``.
        """
        if not pairs:
            return {}
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                # Who holds a row is about to send it: nothing to take back.
                """
                SELECT id, lost_ref, account_id, moved_from_id FROM veloc_message
                 WHERE lost_ref = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
                """,
                [ref for _account, ref in pairs],
            )
        )
        found = {
            (account, ref): id_
            for id_, ref, *accounts in rows
            for account in accounts
            if (account, ref) in pairs
        }
        messages = self.browse(sorted(set(found.values())))
        back = messages._move(message_state.CANCELLED, failure_code=ARRIVED)
        (messages - back).write({"has_conflict": True})
        return found

    def _call_stand_ins_back(self):
        """Cancel the stand-ins on other channels that have not left yet."""
        keys = [
            fallback.key_of(message.key, channel)
            for message in self
            for channel, _label in CHANNELS
        ]
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_message WHERE key = ANY(%s) AND state = %s "
                "AND NOT id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
                keys,
                message_state.QUEUED,
                self.ids,
            )
        )
        waiting = self.browse(row[0] for row in rows)
        waiting._move(message_state.CANCELLED, failure_code=ARRIVED)
