"""What scores are computed from: rows of plain numbers, read by SQL."""

from datetime import UTC, date

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...rules import propensity

EPOCH = date(2000, 1, 1)
# People whom the house protects are neither learnt from nor given a chance.
CARE = (
    "self_exclusion",
    "cooling_off",
    "loss_limit",
    "minor",
    "complaint",
    "kyc_block",
    "deceased",
    "blocklist",
)
PROTECTS = SQL(
    """b.lifted_at IS NULL AND b.kind = ANY(%s)
       AND (b.until_at IS NULL OR b.until_at > now() AT TIME ZONE 'UTC')""",
    list(CARE),
)
IN_CARE = SQL(
    "EXISTS (SELECT FROM veloc_suppression b WHERE b.partner_id = t.partner_id AND %s)",
    PROTECTS,
)
PEOPLE = SQL("veloc_trader_state s JOIN veloc_trader t ON t.id = s.id")
# As the state has them now. Same numbers, same order as in PAST.
NOW = {
    propensity.FIRST: """
        %(today)s - least(t.lead_at, t.signup_at, t.create_date)::date,
        (t.signup_at IS NOT NULL)::int, (t.kyc_approved_at IS NOT NULL)::int,
        s.login_count_7, s.login_count_30, s.login_count_90,
        (SELECT count(*) FROM veloc_trader_event_raw e
          WHERE s.first_deposit_day IS NULL AND e.trader_id = s.id
            AND e.type = 'deposit_started' AND e.at > %(today)s - 30)
    """,
    propensity.NEXT: """
        least(%(today)s - s.last_deposit_day, %(longest)s),
        least(%(today)s - s.last_active_day, %(longest)s),
        %(today)s - s.first_deposit_day,
        s.deposit_count_30, s.deposit_count_90, s.deposit_total_90,
        s.withdrawal_count_90, s.trade_count_30, s.trade_count_90,
        s.active_days_30, s.active_days_90, s.login_count_30
    """,
}
PAST = {
    propensity.FIRST: """
        %(today)s - least(t.lead_at, t.signup_at, t.create_date)::date,
        coalesce(t.signup_at::date <= %(today)s, false)::int,
        coalesce(t.kyc_approved_at::date <= %(today)s, false)::int,
        coalesce(d.logins_7, 0), coalesce(d.logins_30, 0), coalesce(d.logins_90, 0),
        (SELECT count(*) FROM veloc_trader_event_raw e WHERE e.trader_id = s.id
            AND e.type = 'deposit_started' AND e.at > %(today)s - 30
            AND e.at < %(today)s + 1)
    """,
    propensity.NEXT: """
        coalesce(%(today)s - d.last_deposit_day, %(longest)s),
        coalesce(%(today)s - d.last_active_day, %(longest)s),
        %(today)s - s.first_deposit_day,
        coalesce(d.deposits_30, 0), coalesce(d.deposits_90, 0),
        coalesce(d.deposited_90, 0), coalesce(d.withdrawals_90, 0),
        coalesce(d.trades_30, 0), coalesce(d.trades_90, 0),
        coalesce(d.active_days_30, 0), coalesce(d.active_days_90, 0),
        coalesce(d.logins_30, 0)
    """,
}
DAYS = """
    SELECT trader_id,
        max(day) FILTER (WHERE deposit_count > 0) AS last_deposit_day,
        max(day) FILTER (WHERE deposit_count + trade_count > 0) AS last_active_day,
        sum(deposit_count) FILTER (WHERE day > %(today)s - 30) AS deposits_30,
        sum(deposit_count) FILTER (WHERE day > %(today)s - 90) AS deposits_90,
        sum(deposit_total) FILTER (WHERE day > %(today)s - 90) AS deposited_90,
        sum(withdrawal_count) FILTER (WHERE day > %(today)s - 90) AS withdrawals_90,
        sum(trade_count) FILTER (WHERE day > %(today)s - 30) AS trades_30,
        sum(trade_count) FILTER (WHERE day > %(today)s - 90) AS trades_90,
        count(*) FILTER (WHERE day > %(today)s - 30
            AND deposit_count + trade_count > 0) AS active_days_30,
        count(*) FILTER (WHERE day > %(today)s - 90
            AND deposit_count + trade_count > 0) AS active_days_90,
        sum(login_count) FILTER (WHERE day > %(today)s - 7) AS logins_7,
        sum(login_count) FILTER (WHERE day > %(today)s - 30) AS logins_30,
        sum(login_count) FILTER (WHERE day > %(today)s - 90) AS logins_90
      FROM veloc_trader_day
     WHERE day > %(today)s - %(longest)s AND day <= %(today)s
     GROUP BY trader_id
"""
WHO = {
    propensity.FIRST: """
        least(t.lead_at, t.signup_at, t.create_date)::date <= %(today)s
        AND (s.first_deposit_day IS NULL OR s.first_deposit_day > %(today)s)
    """,
    propensity.NEXT: "s.first_deposit_day <= %(today)s",
}
SNAPSHOT = """
    SELECT EXISTS (SELECT FROM veloc_trader_day o WHERE o.trader_id = s.id
               AND o.deposit_count > 0 AND o.day > %(today)s
               AND o.day <= %(today)s + 30)::int,
           %(columns)s
      FROM %(people)s LEFT JOIN (%(days)s) d ON d.trader_id = s.id
     WHERE s.company_id = %(company)s AND s.score_withheld IS NOT TRUE
       AND NOT %(in_care)s AND %(who)s
     ORDER BY hashint4(s.id) LIMIT %(most)s
"""


class VelocScoreFrame(models.AbstractModel):
    """The one place that knows which columns a score reads."""

    _name = "veloc.score.frame"
    _description = "Score Frame"

    @api.model
    def _companies(self):
        """Return the companies that have traders."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_company c WHERE EXISTS"
                " (SELECT FROM veloc_trader t WHERE t.company_id = c.id) ORDER BY id"
            )
        )
        return self.env["res.company"].browse(id_ for (id_,) in rows)

    @api.model
    def _today(self, now):
        """Return the broker's day."""
        zone = self.env["veloc.ingest.fold"]._get_zone()
        return now.replace(tzinfo=UTC).astimezone(zone).date()

    @api.model
    def _past(self, kind, company, day, most):
        """Return (outcome, rows): people as they were that day, and what came."""
        values = self._values(day)
        rows = self.env.execute_query(
            SQL(
                SNAPSHOT,
                **values,
                people=PEOPLE,
                columns=SQL(PAST[kind], **values),
                days=SQL(DAYS, **values),
                who=SQL(WHO[kind], **values),
                company=company.id,
                in_care=IN_CARE,
                most=most,
            )
        )
        table = np.array(rows, dtype=float).reshape(
            -1, 1 + len(propensity.FEATURES[kind])
        )
        return table[:, 0], propensity.design(kind, table[:, 1:])

    @api.model
    def _now(self, kind, today, where):
        """Return [(id, raw numbers…)] of people as their figures are now."""
        values = self._values(today)
        return self.env.execute_query(
            SQL(
                "SELECT s.id, %s FROM %s WHERE %s AND %s ORDER BY s.id",
                SQL(NOW[kind], **values),
                PEOPLE,
                SQL(WHO[kind], **values),
                where,
            )
        )

    @api.model
    def _values(self, day):
        return {"today": day, "longest": propensity.LONGEST_SILENCE}
