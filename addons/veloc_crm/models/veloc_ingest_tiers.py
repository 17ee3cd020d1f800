"""Who belongs to which tier: after each batch, and when the world moved on."""

import json
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.tiers import Volume, tier_for

WINDOW = timedelta(days=30)
BATCH = 5_000


class VelocIngestTiers(models.AbstractModel):
    """Set-based; the thinking is the rule's."""

    _name = "veloc.ingest.tiers"
    _description = "Tier Assignment"

    @api.model
    def _find_tiers(self, trader_ids, now):
        """Return ``{trader_id: {"trades_30d", "tier_id"}}`` as the sums stand."""
        ladder = self.env["veloc.tier"]._get_ladder()
        return {
            trader_id: {
                "trades_30d": trades,
                "tier_id": tier_for(Volume(Decimal(total), trades), ladder),
            }
            for trader_id, total, trades in self._measure(list(trader_ids), now)
        }

    @api.model
    def _assign(self, trader_ids, now):
        """Count the 30-day trades of these traders anew and set their tiers."""
        tiers = self._find_tiers(trader_ids, now)
        rows = [{"id": trader_id, **tier} for trader_id, tier in tiers.items()]
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader t SET trades_30d = r.trades_30d,"
                " tier_id = r.tier_id, is_tier_stale = false"
                " FROM json_to_recordset(%s::json) AS r"
                " (id int4, trades_30d int4, tier_id int4) WHERE t.id = r.id",
                json.dumps(rows),
            )
        )

    @api.model
    def _measure(self, trader_ids, now):
        """Return (trader, deposit total as text, trades in the window)."""
        return self.env.execute_query(
            SQL(
                """
                SELECT t.id, coalesce(t.deposit_total, 0)::text,
                       coalesce(sum(d.trade_count), 0)::int4
                FROM veloc_trader t
                LEFT JOIN veloc_trader_day d
                    ON d.trader_id = t.id AND d.day > %s
                WHERE t.id = ANY(%s)
                GROUP BY t.id
                """,
                (now - WINDOW).date(),
                trader_ids,
            )
        )

    @api.model
    def _cron_retier(self):
        """Work off the traders marked stale, in batches."""
        cron = self.env["ir.cron"]
        self._mark_left_window()
        traders = self.env["veloc.trader"]
        stale = [("is_tier_stale", "=", True)]
        time_left = cron._commit_progress(remaining=traders.search_count(stale))
        while time_left and (ids := self._lock_stale()):
            self._assign(ids, fields.Datetime.now())
            traders.invalidate_model(flush=False)
            time_left = cron._commit_progress(len(ids))

    @api.model
    def _lock_stale(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_trader WHERE is_tier_stale ORDER BY id LIMIT %s"
                " FOR NO KEY UPDATE SKIP LOCKED",
                BATCH,
            )
        )
        return [trader_id for (trader_id,) in rows]

    @api.model
    def _mark_left_window(self):
        """Mark those whose counted trades just fell out of the 30 days."""
        left = (fields.Datetime.now() - WINDOW).date()
        self.env["veloc.trader"]._mark_tiers_stale(
            SQL(
                "trades_30d > 0 AND id IN (SELECT trader_id FROM veloc_trader_day"
                " WHERE day BETWEEN %s AND %s AND trade_count > 0)",
                left - timedelta(days=7),
                left,
            )
        )
