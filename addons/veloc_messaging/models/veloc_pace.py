import time
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.pace import Bucket

# Bulk waits until a part of the bucket is full: few claims of many rows.
WORTH_A_CLAIM = 0.25


class VelocPace(models.Model):
    """The token buckets of accounts and senders, shared by all workers.

    The row is locked from the look at the bucket to the commit of the claim, so that
    the sum over all workers keeps the rate.
    """

    _name = "veloc.pace"
    _description = "Token bucket"
    _log_access = False

    name = fields.Char(required=True, readonly=True)
    full_at = fields.Float(
        "Full again at", required=True, readonly=True, help="Seconds since 1970."
    )

    _name_unique = models.Constraint("UNIQUE (name)", "There is one bucket of a name.")

    @api.model
    def _lock(self, turns, lane, now):
        """Return the ``Tokens`` of these accounts; the caller spends and commits."""
        tokens = Tokens(self, time.time())
        self._load(tokens, list(turns))
        if not tokens.buckets:
            return tokens
        names = sorted(tokens.buckets)
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_pace (name, full_at) SELECT name, 0 "
                "FROM unnest(%s::varchar[]) AS t(name) ON CONFLICT DO NOTHING",
                names,
            )
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT name, full_at FROM veloc_pace WHERE name = ANY(%s) "
                "ORDER BY name FOR UPDATE",
                names,
            )
        )
        tokens.full_at = dict(rows)
        if lane != "urgent":
            tokens.leave_to_urgent(self._urgent_waiting(list(tokens.names), now))
        return tokens

    @api.model
    def _waits(self, account_ids):
        """Return ``{account id: seconds until it may send again}``, without a lock."""
        tokens = Tokens(self, time.time())
        self._load(tokens, account_ids)
        rows = self.env.execute_query(
            SQL(
                "SELECT name, full_at FROM veloc_pace WHERE name = ANY(%s)",
                list(tokens.buckets),
            )
        )
        tokens.full_at = dict(rows)
        return tokens.waits()

    def _load(self, tokens, account_ids):
        """Fill in which buckets limit which account."""
        for id_, rate, burst, sender_rate, sender, channel in self.env.execute_query(
            SQL(
                "SELECT id, rate, burst, sender_rate, sender, channel "
                "FROM veloc_account WHERE id = ANY(%s) "
                "AND (rate > 0 OR sender_rate > 0)",
                account_ids,
            )
        ):
            if rate:
                tokens.add(id_, f"account:{id_}", Bucket.of(rate, burst or 0))
            if sender_rate and sender:
                bucket = Bucket.of(sender_rate, burst or 0)
                tokens.add(id_, f"sender:{channel}:{sender}", bucket)

    def _urgent_waiting(self, account_ids, now):
        """Return ``{account id: urgent rows that are due}`` (as far as it matters)."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT a.id, m.count FROM unnest(%s::int[]) AS a(id)
                    CROSS JOIN LATERAL (SELECT count(*) FROM (
                        SELECT FROM veloc_message
                         WHERE state = 'queued' AND lane = 'urgent'
                           AND account_id = a.id AND next_attempt_at <= %s
                         LIMIT 1000) AS due) AS m
                    """,
                    account_ids,
                    now,
                )
            )
        )


class Tokens:
    """What the buckets hold at one moment, and what is taken from them."""

    def __init__(self, pace, now):
        self._pace, self._now = pace, now
        self.buckets, self.names, self.full_at = {}, {}, {}
        self._is_bulk = False
        self._reserved = Counter()

    def add(self, account_id, name, bucket):
        """Let a bucket limit an account."""
        # Accounts that share a sender share the strictest idea of its rate.
        known = self.buckets.get(name, bucket)
        self.buckets[name] = min(known, bucket, key=lambda b: (b.rate, b.burst))
        self.names.setdefault(account_id, []).append(name)

    def leave_to_urgent(self, waiting):
        """Keep tokens for urgent rows; bulk takes none of these."""
        self._is_bulk = True
        for account_id, count in waiting.items():
            for name in self.names[account_id]:
                self._reserved[name] += count

    def limit(self, turns):
        """Return the turns cut down to the tokens there are."""
        left = {name: self._available(name) for name in self.buckets}
        cut = {}
        for account_id, turn in turns.items():
            names = self.names.get(account_id, ())
            count = min([turn, *(left[name] for name in names)])
            if self._is_bulk and not self._is_worth_it(names, count, turn):
                count = 0
            for name in names:
                left[name] -= count
            if count:
                cut[account_id] = count
        return cut

    def spend(self, account_ids):
        """Take a token for each message that leaves; stored, not committed."""
        spent = Counter(name for id_ in account_ids for name in self.names.get(id_, ()))
        for name, count in sorted(spent.items()):
            full_at = self.buckets[name].take(self.full_at[name], self._now, count)
            self._pace.env.cr.execute(
                SQL("UPDATE veloc_pace SET full_at = %s WHERE name = %s", full_at, name)
            )

    def waits(self):
        """Return ``{account id: seconds until a claim is worth it}``."""
        return {
            id_: max(
                self.buckets[name].ready_in(
                    self.full_at.get(name, 0.0),
                    self._now,
                    _worth_a_claim(self.buckets[name]),
                )
                for name in names
            )
            for id_, names in self.names.items()
        }

    def _available(self, name):
        free = self.buckets[name].available(self.full_at[name], self._now)
        return max(free - self._reserved[name], 0)

    def _is_worth_it(self, names, count, turn):
        return all(
            count >= min(turn, _worth_a_claim(self.buckets[name])) for name in names
        )


def _worth_a_claim(bucket):
    return max(int(bucket.burst * WORTH_A_CLAIM), 1)
