from collections import defaultdict
from datetime import UTC
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL


class VelocCareLimit(models.Model):
    """Limits meet what the trader does: who reaches one is left in peace."""

    _inherit = "veloc.care.limit"

    @api.model
    def _record_events(self, wishes, source):
        """Set the limits of events: ``(partner id, LimitWish)``, the oldest first."""
        codes = {wish.currency for _partner, wish in wishes if wish.currency}
        currencies = self.env["res.currency"].with_context(active_test=False)
        by_code = {c.name: c for c in currencies.search([("name", "in", list(codes))])}
        # sudo: nobody has create rights; the broker's program may tell events.
        self.sudo()._set_many(
            [
                {
                    "partner_id": partner_id,
                    "kind": wish.kind,
                    "period": wish.period,
                    "value": wish.value,
                    "currency": by_code.get(wish.currency),
                    "source": source,
                }
                for partner_id, wish in wishes
            ]
        )

    @api.model
    def _watch_reached(self, partner_ids, now):
        """Suppress who has reached a limit until its period ends; one query."""
        if not partner_ids:
            return
        zone = self.env["veloc.ingest.fold"]._get_zone()
        local = now.replace(tzinfo=UTC).astimezone(zone)
        reached = defaultdict(list)
        for row in self._sums(partner_ids, local):
            partner_id, kind, period, limit, currency_id, own_id, spent = row
            spent = self._in_currency(spent or Decimal(0), own_id, currency_id, now)
            if spent >= limit:
                reached[kind, period].append(partner_id)
        for (kind, period), ids in reached.items():
            self._note_reached(ids, kind, period, local)

    def _sums(self, partner_ids, local):
        """Return rows of what was spent in the running period of each limit."""
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT l.partner_id, l.kind, l.period, l.amount, l.currency_id,
                    t.currency_id, sum(CASE l.kind WHEN 'deposit'
                        THEN d.deposit_total ELSE -d.result_total END)
                FROM veloc_care_limit l
                JOIN veloc_trader t ON t.partner_id = l.partner_id
                JOIN veloc_trader_day d ON d.trader_id = t.id
                    AND d.day >= CASE l.period WHEN 'day' THEN %(day)s::date
                        WHEN 'week' THEN %(week)s::date ELSE %(month)s::date END
                WHERE l.state = 'active' AND l.kind IN ('deposit', 'loss')
                    AND l.partner_id = ANY(%(ids)s)
                GROUP BY l.id, t.id
                """,
                ids=list(partner_ids),
                **self._period_starts(local),
            )
        )

    def _in_currency(self, amount, own_id, wanted_id, now):
        if own_id == wanted_id:
            return amount
        currencies = self.env["res.currency"]
        spent = currencies.browse(own_id)._convert(
            float(amount), currencies.browse(wanted_id), self.env.company, now.date()
        )
        return Decimal(str(spent))
