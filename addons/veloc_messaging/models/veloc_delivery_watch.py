from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import delivery

_FIELDS = {
    "accepted": "accepted",
    "rejected": "rejected",
    "failed": "failed",
    "opt_out": "opt_outs",
    "complaint": "complaints",
}


class VelocDeliveryWatch(models.AbstractModel):
    """Compares the counts with the thresholds, and acts once per crossing."""

    _name = "veloc.delivery.watch"
    _description = "Watch over deliveries"

    @api.model
    def _cron_watch(self):
        """Stop accounts without credentials, then those that crossed a threshold."""
        accounts = self.env["veloc.account"].search([("active", "=", True)])
        accounts._pause_without_credentials()
        self._watch(accounts, fields.Datetime.now())

    @api.model
    def _watch(self, accounts, now):
        """Read every threshold of these accounts; three queries for all of them."""
        chosen = self.env["veloc.delivery.limit"]._for_accounts(accounts)
        counts = self._counts(chosen, now)
        ages = self._queue_ages(accounts, now)
        for account, limit in chosen:
            window = self._window(counts.get((account.id, limit.id), []))
            if limit.measure == "queue_stuck":
                seconds = (
                    ages.get(account.id, 0.0) if self._moves(account, now) else 0.0
                )
                window = delivery.Window(queue_seconds=seconds)
            self._act(account, limit, delivery.read(limit._rule(), window))

    def _moves(self, account, now):
        """Whether the account should send now: a paused or slowed one is not stuck."""
        slowed = account.resume_at and account.resume_at > now
        return account.state == "active" and not slowed

    def _act(self, account, limit, reading):
        alerts = self.env["veloc.messaging.alert"]
        if reading.crossed:
            company = account.company_id or self.env.company
            lang = company.partner_id.lang or self.env.lang
            detail = self.with_context(lang=lang)._detail(limit, reading)
            alerts._raise(limit.measure, account, self._severity(limit), detail)
            if limit.action == "pause":
                account._pause(detail)
        elif reading.over:
            alerts._clear(limit.measure, account)

    def _severity(self, limit):
        return "critical" if limit.action == "pause" else "warning"

    def _detail(self, limit, reading):
        label = dict(limit._fields["measure"]._description_selection(self.env))
        if limit.is_of_time:
            return self.env._(
                "%(what)s: %(value)s min, the limit is %(limit)s min",
                what=label[limit.measure],
                value=round(reading.value / 60, 1),
                limit=round(limit.minutes, 1),
            )
        return self.env._(
            "%(what)s: %(value)s %% of %(sample)s in %(window)s min, "
            "the limit is %(limit)s %%",
            what=label[limit.measure],
            value=round(reading.value * 100, 2),
            sample=reading.sample,
            window=limit.window,
            limit=round(limit.share * 100, 2),
        )

    # === WHAT IT SEES === #

    def _counts(self, chosen, now):
        """Return {(account id, limit id): [(measure, step, count)]}; one query."""
        windows = [
            SQL("(%s, %s, %s::timestamp)", account.id, limit.id, since)
            for account, limit in chosen
            if limit.measure != "queue_stuck"
            for since in [self._since(account, limit, now)]
        ]
        if not windows:
            return {}
        self.env["veloc.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.account_id, w.limit_id, c.measure, c.step, sum(c.count)
                  FROM (VALUES %s) AS w(account_id, limit_id, since)
                  JOIN %s c ON c.account_id = w.account_id AND c.bucket >= w.since
                 GROUP BY 1, 2, 3, 4
                """,
                SQL(", ").join(windows),
                self.env["veloc.delivery.stat"]._live(),
            )
        )
        counts = {}
        for account_id, limit_id, measure, step, count in rows:
            seen = counts.setdefault((account_id, limit_id), [])
            seen.append((measure, step, int(count)))
        return counts

    def _since(self, account, limit, now):
        """What happened before a person resumed the account is settled."""
        since = now - timedelta(minutes=limit.window)
        if account.resumed_at and account.resumed_at > since:
            # Counts are kept by five minutes: those of the resuming are left out.
            since = account.resumed_at + timedelta(minutes=5)
        return since.replace(minute=since.minute - since.minute % 5, second=0)

    def _window(self, counts):
        sums, steps = dict.fromkeys(_FIELDS.values(), 0), {}
        for measure, step, count in counts:
            if measure == "latency":
                steps[step] = steps.get(step, 0) + count
            elif measure in _FIELDS:
                sums[_FIELDS[measure]] += count
        return delivery.Window(**sums, steps=steps)

    @api.model
    def _queue_ages(self, accounts, now):
        """Return {account id: seconds that the oldest due message waits}.

        One probe of the queue's index per account and lane, however much waits.
        """
        self.env["veloc.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, min(m.next_attempt_at)
                  FROM unnest(%(ids)s::int[]) AS a(id)
                 CROSS JOIN unnest(%(lanes)s::varchar[]) AS l(lane)
                 CROSS JOIN LATERAL (
                    SELECT next_attempt_at FROM veloc_message
                     WHERE state = 'queued' AND account_id = a.id AND lane = l.lane
                       AND next_attempt_at <= %(now)s
                     ORDER BY next_attempt_at, priority, id LIMIT 1) m
                 GROUP BY a.id
                """,
                ids=accounts.ids,
                lanes=[
                    lane
                    for lane, _l in self.env["veloc.message"]._fields["lane"].selection
                ],
                now=now,
            )
        )
        return {id_: (now - oldest).total_seconds() for id_, oldest in rows}
