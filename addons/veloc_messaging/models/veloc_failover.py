import logging

from odoo import api, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 2000
# Rests in a row without a message getting through.
KEEPS_FAILING = 3


class VelocFailover(models.AbstractModel):
    """Hands queued messages of an account that cannot send to one that can.

    Once only, and never back: a message that failed at two accounts waits. Free text on
    WhatsApp stays, because its answer window belongs to the number.
    """

    _name = "veloc.failover"
    _description = "Failover to another account"

    @api.model
    def _move_on(self, lane):
        """Move a batch of each broken account's messages; return how many."""
        pairs = self._pairs()
        return sum(self._move_batch(lane, *pair) for pair in pairs)

    def _pairs(self):
        """Return (broken account, its stand-in, that one's provider, reason)."""
        self.env["veloc.account"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (broken.id) broken.id, good.id, good.provider,
                       CASE WHEN broken.state = 'paused'
                            THEN COALESCE(broken.pause_reason, 'paused')
                            ELSE 'keeps failing' END
                  FROM veloc_account broken
                  JOIN veloc_account good
                    ON good.channel = broken.channel AND good.id <> broken.id
                   AND good.active AND good.state = 'active'
                   AND NOT COALESCE(good.stays_out, false)
                   AND COALESCE(good.failures, 0) = 0
                   AND (good.company_id = broken.company_id
                        OR good.company_id IS NULL)
                 WHERE broken.active AND NOT COALESCE(broken.paused_by_hand, false)
                   AND (broken.state = 'paused' OR broken.failures >= %s)
                 ORDER BY broken.id, good.sequence, good.id
                """,
                KEEPS_FAILING,
            )
        )

    def _move_batch(self, lane, broken_id, good_id, provider, reason):
        able = {
            "twilio": SQL("AND m.content_sid IS NOT NULL"),
            "whatsapp": SQL("AND m.template_name IS NOT NULL"),
        }.get(provider, SQL())
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_message SET account_id = %(good)s,
                       moved_from_id = %(broken)s, move_reason = %(reason)s
                 WHERE id IN (
                    SELECT m.id FROM veloc_message m
                     WHERE m.state = 'queued' AND m.account_id = %(broken)s
                       AND m.lane = %(lane)s AND m.moved_from_id IS NULL
                       AND (m.channel <> 'whatsapp' OR (true %(able)s))
                       AND (m.channel <> 'whatsapp' OR m.content_sid IS NOT NULL
                            OR m.template_name IS NOT NULL)
                     ORDER BY m.next_attempt_at, m.priority, m.id LIMIT %(limit)s
                       FOR NO KEY UPDATE SKIP LOCKED)
                """,
                good=good_id,
                broken=broken_id,
                reason=reason[:200],
                lane=lane,
                able=able,
                limit=BATCH,
            )
        )
        moved = self.env.cr.rowcount
        if moved:
            self.env["veloc.message"].invalidate_model(flush=False)
            _logger.warning(
                "%s messages move from account %s to %s", moved, broken_id, good_id
            )
        return moved
