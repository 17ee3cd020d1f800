"""Membership kept up to date: who was touched, whose time has come, everybody."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import segment_sql
from ...rules.segment_definition import leaves
from ...rules.sql_text import sql

FILL_BATCH = 20_000
DUE_BATCH = 5_000
# A move names the conditions that turned; more than this nobody reads.
MOST_FLIPS = 5
MARKS = """
CREATE TABLE IF NOT EXISTS veloc_segment_mark (
    trader_id int4 PRIMARY KEY REFERENCES veloc_trader ON DELETE CASCADE,
    truths int4[] NOT NULL,
    segment_ids int4[] NOT NULL,
    next_check_at timestamp
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS veloc_segment_mark_due
    ON veloc_segment_mark (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS veloc_trader_event_raw_rare
    ON veloc_trader_event_raw (trader_id, at) WHERE type NOT IN ('trade', 'login');
CREATE INDEX IF NOT EXISTS veloc_segment_absent_partner
    ON res_partner (id) WHERE veloc_blocked_at IS NOT NULL OR NOT active;
"""
# What is true of each trader now against what was noted; the note is brought up to
# date in the same statement. Only those whose segments change come back.
MARK = """
WITH changed AS (
    SELECT fresh.*, m.truths AS old_truths, m.segment_ids AS old_ids
    FROM (%(fresh)s) fresh LEFT JOIN veloc_segment_mark m ON m.trader_id = fresh.id
    WHERE m.trader_id IS NULL OR m.truths <> fresh.truths
       OR m.segment_ids <> fresh.segment_ids
       OR (fresh.due IS NOT NULL AND m.next_check_at IS NULL)
       OR fresh.due < m.next_check_at
       OR (%(is_exact)s AND fresh.due IS DISTINCT FROM m.next_check_at)
), noted AS (
    INSERT INTO veloc_segment_mark AS m (trader_id, truths, segment_ids, next_check_at)
    SELECT id, truths, segment_ids, due FROM changed
    ON CONFLICT (trader_id) DO UPDATE SET truths = excluded.truths,
        segment_ids = excluded.segment_ids, next_check_at = excluded.next_check_at
)
SELECT id, truths, segment_ids, old_truths, coalesce(old_ids, '{}') FROM changed
WHERE segment_ids IS DISTINCT FROM coalesce(old_ids, '{}') ORDER BY id
"""
MOVE = """
WITH moves AS (
    SELECT * FROM json_to_recordset(%(moves)s::json)
        AS r (segment_id int4, trader_id int4, kind varchar, reason jsonb)
), gone AS (
    DELETE FROM veloc_segment_member m USING moves
    WHERE moves.kind = 'left' AND m.segment_id = moves.segment_id
      AND m.trader_id = moves.trader_id
    RETURNING m.segment_id, m.trader_id
), come AS (
    INSERT INTO veloc_segment_member (segment_id, trader_id, since, reason)
    SELECT segment_id, trader_id, %(now)s, reason FROM moves WHERE kind = 'entered'
    ORDER BY trader_id, segment_id
    ON CONFLICT DO NOTHING RETURNING segment_id, trader_id
)
INSERT INTO veloc_segment_event (segment_id, trader_id, kind, at, reason)
SELECT segment_id, trader_id, kind, %(now)s, reason FROM moves
WHERE (segment_id, trader_id) IN (TABLE gone UNION ALL TABLE come)
RETURNING id, segment_id, trader_id, kind
"""


class VelocSegmentEngine(models.AbstractModel):
    """One statement answers all segments for all traders it is given."""

    _name = "veloc.segment.engine"
    _description = "Segment Engine"

    def init(self):
        """Make the table of what was last true of each trader."""
        self.env.cr.execute(MARKS)

    @api.model
    def _clock(self, now):
        """Return the moment with the broker's day."""
        zone = self.env["veloc.ingest.fold"]._get_zone()
        today = now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone.key)).date()
        return segment_sql.Clock(now, today, zone.key)

    # === TOUCHED === #

    @api.model
    def _touch(self, trader_ids, now, wake=True, is_exact=False, is_locked=False):
        """Let these traders in and out of the live segments; return the moves.

        ``is_locked``: the caller holds the traders' rows already.
        """
        trees = self.env["veloc.segment"]._get_live()
        if not trees or not trader_ids:
            return []
        self.env.flush_all()
        ids = _array(sorted(set(trader_ids)))
        self._be_frugal()
        if not is_locked:
            self._lock(ids)
        rows = self._mark(trees, sql("t.id = ANY(%s::int4[])", ids), now, is_exact)
        return self._move(trees, rows, now, wake)

    @api.model
    def _be_frugal(self):
        """Tell the planner what it is about: a few thousand rows by their numbers.

        Neither compiled code nor reading whole tables pays (measured: 1.7 times the
        processor time).
        """
        self.env.cr.execute("SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1")

    @api.model
    def _lock(self, ids):
        """Lock the traders in the order that everybody keeps."""
        self.env.cr.execute(
            SQL(
                "SELECT FROM veloc_trader WHERE id = ANY(%s::int4[])"
                " ORDER BY id FOR NO KEY UPDATE",
                ids,
            )
        )

    @api.model
    def _mark(self, live, scope, now, is_exact=False):
        """Note what is true of the traders in ``scope``; return whose segments moved.

        Rows of (trader id, truths, segment ids, truths before, segment ids before).
        """
        program = segment_sql.build(
            {id_: one.tree for id_, one in live.items()},
            self._clock(now),
            {id_: one.company_id for id_, one in live.items()},
        )
        fresh = segment_sql.evaluate(program, scope)
        return self.env.execute_query(
            SQL(MARK, fresh=SQL(fresh.code, *fresh.params), is_exact=is_exact)
        )

    @api.model
    def _move(self, live, rows, now, wake):
        """Write the moves, tell the cadences; return (event, segment, trader, kind)."""
        moves = [move for row in rows for move in self._prepare_moves(live, *row)]
        if not moves:
            return []
        written = self.env.execute_query(SQL(MOVE, moves=json.dumps(moves), now=now))
        self._forget()
        # A segment that is being filled lets people in who were there all along.
        news = [move for move in written if live.get(move[1]) and live[move[1]].is_full]
        if wake and news:
            self.env["veloc.cadence.entry"]._on_segment_moves(news, now)
        return written

    @api.model
    def _forget(self):
        """What SQL wrote, the ORM must read again."""
        for name in ("member", "event"):
            self.env[f"veloc.segment.{name}"].invalidate_model(flush=False)
        self.env["veloc.segment"].invalidate_model(
            ["member_ids", "event_ids", "member_count"], flush=False
        )

    @api.model
    def _prepare_moves(self, live, trader_id, truths, ids, old_truths, old_ids):
        before, after = set(old_ids), set(ids)
        return [
            {
                "segment_id": segment_id,
                "trader_id": trader_id,
                "kind": "entered" if segment_id in after else "left",
                "reason": self._prepare_reason(
                    live.get(segment_id), truths, old_truths
                ),
            }
            for segment_id in sorted(before ^ after)
        ]

    @api.model
    def _prepare_reason(self, segment, truths, old_truths):
        """Return which conditions turned, or what else it was."""
        if segment is None:
            return {"cause": "archived"}
        if not segment.is_full:
            return {"cause": "definition"}
        if old_truths is None:
            return {"cause": "first"}
        turned = set(truths) ^ set(old_truths)
        flips = {
            leaf.key: {"c": leaf.condition, "now": number in truths}
            for leaf in leaves(segment.tree)
            if (number := segment_sql.leaf_id(leaf.key)) in turned
        }
        if not flips:
            return {"cause": "person"}
        return {"flips": list(flips.values())[:MOST_FLIPS]}

    @api.model
    def _change_list(self, segment, entered_ids, left_ids, now):
        """Put traders on a static list and take others off; return the moves."""
        moves = [
            {
                "segment_id": segment.id,
                "trader_id": trader_id,
                "kind": kind,
                "reason": {"cause": "list"},
            }
            for kind, ids in (("entered", entered_ids), ("left", left_ids))
            for trader_id in sorted(set(ids))
        ]
        if not moves:
            return []
        ids = sorted({*entered_ids, *left_ids})
        self.env.flush_all()
        self._lock(_array(ids))
        written = self.env.execute_query(SQL(MOVE, moves=json.dumps(moves), now=now))
        self._forget()
        self.env["veloc.cadence.entry"]._on_segment_moves(written, now)
        if segment._asking():
            self._touch(ids, now, is_locked=True)
        return written

    # === TIME === #

    @api.model
    def _mark_due(self, partner_ids):
        """Have these people looked at within a minute: something about them changed."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_segment_mark m SET next_check_at = %s FROM veloc_trader t"
                " WHERE t.id = m.trader_id AND t.partner_id = ANY(%s)"
                " AND (m.next_check_at > %s OR m.next_check_at IS NULL)",
                now,
                list(partner_ids),
                now,
            )
        )

    @api.model
    def _note_changed(self, trader_ids):
        """Have these traders looked at soon: their figures, scores or tiers moved.

        For jobs that change many by SQL; one statement, whatever the number. Who was
        never looked at has no mark: a first look is somebody else's errand.
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_segment_mark SET next_check_at = %(now)s"
                " WHERE trader_id = ANY(%(ids)s)"
                " AND (next_check_at > %(now)s OR next_check_at IS NULL)",
                now=now,
                ids=list(trader_ids),
            )
        )

    @api.model
    def _mark_readers_due(self, message_ids):
        """Have the readers of these messages looked at, where a segment asks."""
        if message_ids and self._asks_messages():
            self.env.cr.execute(
                SQL(
                    "UPDATE veloc_segment_mark k SET next_check_at = %s"
                    " FROM veloc_trader t JOIN veloc_message m"
                    " ON m.partner_id = t.partner_id"
                    " WHERE t.id = k.trader_id AND m.id = ANY(%s)",
                    fields.Datetime.now(),
                    list(message_ids),
                )
            )

    @api.model
    def _asks_messages(self):
        """Say whether any live segment reads what became of messages."""
        return any(
            leaf.condition["is"] == "message"
            for one in self.env["veloc.segment"]._get_live().values()
            for leaf in leaves(one.tree)
        )

    @api.model
    def _cron_due(self):
        """Look at those whose time has come, then at segments to be filled."""
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(remaining=1)
        while time_left:
            self.env["veloc.cadence.engine"]._read_committed()
            now = fields.Datetime.now()
            done = (
                self._pass_due(now)
                or self._pass_fill(now)
                # sudo: the job starts the campaigns that analysts published.
                or self.env["veloc.cadence"].sudo()._pass_campaigns(now)
            )
            time_left = cron._commit_progress(done, remaining=int(bool(done)))
            if not done:
                return

    @api.model
    def _pass_due(self, now):
        """Look at one batch of those who are due; return how many."""
        ids = self._due_ids(now)
        if ids:
            self._touch(ids, now, is_exact=True)
            self._settle(ids, now)
        return len(ids)

    @api.model
    def _due_ids(self, now):
        rows = self.env.execute_query(
            SQL(
                "SELECT trader_id FROM veloc_segment_mark WHERE next_check_at <= %s"
                " ORDER BY next_check_at LIMIT %s",
                now,
                DUE_BATCH,
            )
        )
        return [trader_id for (trader_id,) in rows]

    @api.model
    def _settle(self, ids, now):
        """Let go of who is due for nothing any more: the last live segment is gone."""
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_segment_mark SET next_check_at = NULL"
                " WHERE trader_id = ANY(%s) AND next_check_at <= %s",
                ids,
                now,
            )
        )

    # === EVERYBODY === #

    @api.model
    def _pass_fill(self, now):
        """Look at the next traders for segments that are being filled; count them."""
        # sudo: the job fills what anybody saved.
        unfilled = self.env["veloc.segment"].sudo()._get_unfilled()
        if not unfilled:
            return 0
        start = min(unfilled.mapped("fill_from"))
        ids = self._next_ids(start)
        if not ids:
            unfilled._end_fill(now)
            return 1
        self._touch(ids, now)
        unfilled.filtered(lambda s: s.fill_from < ids[-1]).fill_from = ids[-1]
        return len(ids)

    @api.model
    def _next_ids(self, start):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_trader WHERE id > %s ORDER BY id LIMIT %s",
                start,
                FILL_BATCH,
            )
        )
        return [trader_id for (trader_id,) in rows]


def _array(ids):
    """Return ids as PostgreSQL writes an array: thousands as values cost ten times."""
    return f"{{{','.join(map(str, ids))}}}"
