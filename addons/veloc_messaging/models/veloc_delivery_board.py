from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..rules import delivery

PERIODS = (24, 72, 168, 720)
BY_DAY = 72  # longer periods are drawn by day
# The stamps that say a message got that far, the first one there is.
_STAMPS = {
    "queued": ("queued_at",),
    "accepted": ("accepted_at", "sent_at", "delivered_at", "read_at"),
    "delivered": ("delivered_at", "read_at"),
    "read": ("read_at",),
    "failed": ("failed_at",),
}
_STATES = {
    "failed": ["failed", "undelivered"],
    "stopped": ["blocked", "expired", "cancelled"],
}
_DRAWN = ("queued", "accepted", "delivered", "failed")


class VelocDeliveryBoard(models.AbstractModel):
    """The deliverability screen: what it shows, and the messages behind a number."""

    _name = "veloc.delivery.board"
    _description = "Deliverability"

    @api.model
    def load(self, hours=24):
        """Return the numbers of every account for the last hours, and the curve."""
        self.env["veloc.delivery.stat"].check_access("read")
        now = fields.Datetime.now()
        hours = hours if hours in PERIODS else PERIODS[0]
        since = self._since(hours, now)
        counts = self._counts(since)
        accounts = (
            self.env["veloc.account"]
            .with_context(active_test=False)
            .search(["|", ("active", "=", True), ("id", "in", list(counts))])
        )
        watch = self.env["veloc.delivery.watch"]
        live = {
            "ages": watch._queue_ages(accounts, now),
            "doubts": self._doubts(accounts),
            "budgets": accounts._budget_left(now),
            "alerts": self._alerts(accounts),
        }
        return {
            "hours": hours,
            "since": fields.Datetime.to_string(since),
            "accounts": [
                self._prepare_account(account, counts.get(account.id, []), live)
                for account in accounts
            ],
            "curve": self._curve(since, hours),
        }

    @api.model
    def open(self, account_id, measure, since, reason=None):
        """Return the window with the messages (or people) behind a number."""
        since = fields.Datetime.to_datetime(since)
        if measure in ("opt_out", "complaint"):
            model, domain = (
                "veloc.delivery.objection",
                Domain("kind", "=", measure) & Domain("at", ">=", since),
            )
        else:
            model, domain = "veloc.message", self._behind(measure, since, reason)
        return {
            "type": "ir.actions.act_window",
            "name": self._label(measure),
            "res_model": model,
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": list(domain & Domain("account_id", "=", account_id)),
        }

    # === NUMBERS === #

    def _since(self, hours, now):
        # Old counts are kept by the hour: only whole hours are exact.
        since = now - timedelta(hours=hours)
        return since.replace(minute=0, second=0, microsecond=0)

    def _counts(self, since):
        """Return {account id: [(measure, reason, step, count)]}; one query."""
        self.env["veloc.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT account_id, measure, reason, step, sum(count) FROM %s c "
                "WHERE bucket >= %s AND company_id = ANY(%s) GROUP BY 1, 2, 3, 4 "
                "HAVING sum(count) <> 0 ORDER BY 1, 5 DESC",
                self.env["veloc.delivery.stat"]._live(),
                since,
                [*self.env.companies.ids, 0],
            )
        )
        counts = {}
        for account_id, *cell, count in rows:
            counts.setdefault(account_id, []).append((*cell, int(count)))
        return counts

    def _prepare_account(self, account, counts, live):
        sums, steps, failed = {}, {}, []
        reasons = self._reasons()
        for measure, reason, step, count in counts:
            sums[measure] = sums.get(measure, 0) + count
            if measure == "latency":
                steps[step] = steps.get(step, 0) + count
            elif measure == "failed":
                label = reasons.get(reason) or self.env._("Other reasons")
                failed.append({"reason": reason, "label": label, "count": count})
        labels = {
            name: dict(account._fields[name]._description_selection(self.env))
            for name in ("channel", "provider", "state")
        }
        return {
            "id": account.id,
            "name": account.name,
            "channel": labels["channel"][account.channel],
            "provider": labels["provider"].get(account.provider, account.provider),
            "state": account.state,
            "state_label": labels["state"][account.state],
            "pause_reason": account.pause_reason or "",
            "sums": sums,
            "failed": failed,
            # False and not None: programs ask over XML-RPC as well.
            "p50": delivery.quantile(steps, 0.5) or False,
            "p95": delivery.quantile(steps, 0.95) or False,
            "queue_age": live["ages"].get(account.id, False),
            "in_doubt": live["doubts"].get(account.id, 0),
            "budget_left": live["budgets"].get(account.id, False),
            "alerts": live["alerts"].get(account.id, 0),
        }

    def _reasons(self):
        field = self.env["veloc.message"]._fields["failure_class"]
        return dict(field._description_selection(self.env))

    def _doubts(self, accounts):
        groups = self.env["veloc.message"]._read_group(
            [("state", "=", "in_doubt"), ("account_id", "in", accounts.ids)],
            ["account_id"],
            ["__count"],
        )
        return {account.id: count for account, count in groups}

    def _alerts(self, accounts):
        groups = self.env["veloc.messaging.alert"]._read_group(
            [("closed_at", "=", False), ("account_id", "in", accounts.ids)],
            ["account_id"],
            ["__count"],
        )
        return {account.id: count for account, count in groups}

    def _curve(self, since, hours):
        """Return counts by hour or day of the reader's zone, ready to draw."""
        zone = self.env.user.tz or self.env.context.get("tz") or "UTC"
        unit, style = ("day", "DD/MM") if hours > BY_DAY else ("hour", "DD/MM HH24:00")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT to_char(at, %(style)s), measure, sum(count) FROM (
                    SELECT date_trunc(%(unit)s, bucket AT TIME ZONE 'UTC'
                           AT TIME ZONE %(zone)s) AS at, measure, count
                      FROM %(live)s c WHERE bucket >= %(since)s
                       AND company_id = ANY(%(companies)s) AND measure = ANY(%(drawn)s)
                ) t GROUP BY at, measure ORDER BY at
                """,
                style=style,
                unit=unit,
                zone=zone,
                live=self.env["veloc.delivery.stat"]._live(),
                since=since,
                companies=[*self.env.companies.ids, 0],
                drawn=list(_DRAWN),
            )
        )
        labels = list(dict.fromkeys(label for label, _m, _c in rows))
        values = {(label, measure): int(count) for label, measure, count in rows}
        return {
            "labels": labels,
            "sets": [
                {
                    "measure": measure,
                    "label": self._label(measure),
                    "data": [values.get((label, measure), 0) for label in labels],
                }
                for measure in _DRAWN
            ],
        }

    # === BEHIND A NUMBER === #

    def _label(self, measure):
        field = self.env["veloc.delivery.stat"]._fields["measure"]
        labels = dict(field._description_selection(self.env))
        more = {
            "due": self.env._("Due and waiting"),
            "in_doubt": self.env._("In doubt"),
        }
        return labels.get(measure) or more.get(measure) or measure

    def _behind(self, measure, since, reason):
        """Return the domain that finds exactly the messages a number counted."""
        if measure == "in_doubt":
            return Domain("state", "=", "in_doubt")
        if measure == "due":
            return Domain("state", "=", "queued") & Domain(
                "next_attempt_at", "<=", fields.Datetime.now()
            )
        domain = Domain.TRUE
        if measure in _STATES:
            domain = Domain("state", "in", _STATES[measure])
        if measure == "stopped":
            domain &= Domain("write_date", ">=", since)
        else:
            domain &= self._first_stamp(_STAMPS[measure], since)
        if reason is not None and measure == "failed":
            domain &= Domain("failure_class", "=", reason or False)
        return domain

    def _first_stamp(self, stamps, since):
        first, *others = stamps
        domain = Domain(first, ">=", since)
        if others:
            domain |= Domain(first, "=", False) & self._first_stamp(others, since)
        return domain
