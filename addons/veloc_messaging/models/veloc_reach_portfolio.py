from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

DAY = timedelta(days=1)
# Who found no place is not asked about again before this.
LEAST_WAIT = timedelta(minutes=10)


class VelocReachPortfolio(models.Model):
    """How many people may be written to first in 24 hours (WhatsApp's messaging limit).

    People are counted, not messages, and only those outside of an open answer window.
    The limit is a stock: where it is scarce, the most valuable messages get it.
    """

    _name = "veloc.reach.portfolio"
    _description = "Business portfolio"
    _order = "name, id"

    name = fields.Char(required=True)
    daily_limit = fields.Integer(
        "People in 24 hours",
        required=True,
        default=250,
        help="As Meta shows it: 250, 2,000, 10,000, 100,000; 0 for no limit.",
    )
    account_ids = fields.One2many("veloc.account", "portfolio_id", "Accounts")
    used = fields.Integer(compute="_compute_used")
    left = fields.Integer(compute="_compute_used")
    active = fields.Boolean(default=True)

    _daily_limit_positive = models.Constraint(
        "CHECK (daily_limit >= 0)", "A limit cannot be negative; 0 stands for none."
    )

    # === COMPUTE === #

    @api.depends("daily_limit")
    def _compute_used(self):
        used = self._count_used(self.ids, fields.Datetime.now())
        for portfolio in self:
            portfolio.used = used.get(portfolio.id, 0)
            portfolio.left = max(portfolio.daily_limit - portfolio.used, 0)

    # === BUSINESS === #

    @api.model
    def _allot(self, rows, windows, now):
        """Return ``{row id: until}`` of the rows for which there is no place.

        ``rows`` are claimed rows with a ``portfolio_id``; the portfolios stay locked
        until the commit, so that two workers never give away the same place.
        """
        limits = self._lock_limits({row["portfolio_id"] for row in rows})
        rows = self._outside(rows, windows, now)
        rows = [row for row in rows if row["portfolio_id"] in limits]
        if not rows:
            return {}
        known = self._known(rows, now)
        used = self._count_used(list(limits), now)
        left = {id_: limit - used.get(id_, 0) for id_, limit in limits.items()}
        granted, homeless = set(known), []
        for row in sorted(rows, key=_by_worth):
            person = (row["portfolio_id"], row["address"])
            if person in granted:
                continue
            if left[person[0]] > 0:
                left[person[0]] -= 1
                granted.add(person)
            else:
                homeless.append(row)
        frees = self._next_free({row["portfolio_id"] for row in homeless}, now)
        return {row["id"]: frees[row["portfolio_id"]] for row in homeless}

    @api.model
    def _spend(self, rows, windows, now):
        """Remember who is written to first by these rows; stored, not committed."""
        people = {
            (row["portfolio_id"], row["address"])
            for row in self._outside(rows, windows, now)
        }
        if not people:
            return
        portfolios, addresses = map(list, zip(*sorted(people), strict=True))
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_reach_use (portfolio_id, address, used_at) "
                "SELECT *, %s::timestamp FROM unnest(%s::int[], %s::varchar[]) "
                "ON CONFLICT (portfolio_id, address) "
                "DO UPDATE SET used_at = excluded.used_at",
                now,
                portfolios,
                addresses,
            )
        )

    def _outside(self, rows, windows, now):
        """Return the rows to people who did not write to us lately."""
        return [
            row
            for row in rows
            if row.get("portfolio_id")
            and (windows.get(row["partner_id"]) or now) <= now
        ]

    def _lock_limits(self, ids):
        self.flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, daily_limit FROM veloc_reach_portfolio "
                    "WHERE id = ANY(%s) AND daily_limit > 0 ORDER BY id FOR UPDATE",
                    sorted(ids),
                )
            )
        )

    @api.model
    def _count_used(self, ids, now):
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT portfolio_id, count(*) FROM veloc_reach_use "
                    "WHERE portfolio_id = ANY(%s) AND used_at > %s GROUP BY 1",
                    ids,
                    now - DAY,
                )
            )
        )

    def _known(self, rows, now):
        """Return the (portfolio, address) that were written to within the day."""
        return set(
            self.env.execute_query(
                SQL(
                    "SELECT portfolio_id, address FROM veloc_reach_use "
                    "WHERE address = ANY(%s) AND portfolio_id = ANY(%s) "
                    "AND used_at > %s",
                    [row["address"] for row in rows],
                    [row["portfolio_id"] for row in rows],
                    now - DAY,
                )
            )
        )

    def _next_free(self, ids, now):
        rows = self.env.execute_query(
            SQL(
                "SELECT portfolio_id, min(used_at) FROM veloc_reach_use "
                "WHERE portfolio_id = ANY(%s) AND used_at > %s GROUP BY 1",
                sorted(ids),
                now - DAY,
            )
        )
        # Without an entry this very batch takes all places there are.
        frees = dict.fromkeys(ids, now + DAY)
        frees.update({id_: max(at + DAY, now + LEAST_WAIT) for id_, at in rows})
        return frees


def _by_worth(row):
    return -(row.get("worth") or 0), row["lane"] != "urgent", row["id"]
