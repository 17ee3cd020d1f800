"""Who stands where: up with each batch, down by night, set-wise and with history."""

import json
from collections import defaultdict
from datetime import UTC, date, timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..rules.tiers import ALL, CORRECTION, METRICS, NEWS, NIGHT, Place, climb, settle

LADDERS = {"tier": "veloc.tier", "vip": "veloc.vip.level"}
POINT_WORTH = {"volume": Decimal(1000), "deposit": Decimal(10)}
SOURCE = SQL("FROM veloc_trader t JOIN veloc_trader_state s ON s.id = t.id")
# metric → where its number stands; a point's worth is a setting
FIGURES = {
    "deposit_total": SQL("coalesce(t.deposit_total, 0)"),
    "deposit_total_90d": SQL("s.deposit_total_90"),
    "volume_30d": SQL("s.volume_total_30"),
    "volume_90d": SQL("s.volume_total_90"),
    "trades_30d": SQL("s.trade_count_30"),
    "net_deposit": SQL("coalesce(t.net_deposit, 0)"),
}
RISING = """
SELECT %s %s JOIN veloc_ingest_touched x ON x.trader_id = t.id
WHERE x.is_milestone OR x.deposit_count + x.withdrawal_count + x.trade_count > 0
"""
INSERT_MOVES = """
INSERT INTO veloc_tier_event
    (trader_id, company_id, ladder, %s, %s, direction, at, reason, seen)
SELECT t.id, t.company_id, %s, r.from_id, r.to_id, r.direction, r.at, r.reason, r.seen
FROM json_to_recordset(%s::json) AS r (
    n int4, trader_id int4, from_id int4, to_id int4, direction varchar, at timestamp,
    reason varchar, seen jsonb)
JOIN veloc_trader t ON t.id = r.trader_id ORDER BY r.n
"""


class VelocIngestTiers(models.AbstractModel):
    """SQL finds the few whose place may change; the rule decides about them."""

    _name = "veloc.ingest.tiers"
    _description = "Tier Assignment"

    # === THE TWO WAYS IN === #

    @api.model
    def _settle(self, now, corrected_ids=()):
        """Lift those of the batch whose new numbers reach a higher rung.

        The caller holds the traders' locks and has written the sums. Of
        ``corrected_ids`` events were taken back: these may fall at once.
        """
        rising = self._find_rising()
        for code in LADDERS:
            if rising[code]:
                self._place(code, rising[code], now, NEWS)
            if corrected_ids:
                self._place(code, list(corrected_ids), now, CORRECTION)

    # === FIND === #

    @api.model
    def _place(self, code, trader_ids, now, occasion):
        where = SQL("t.id = ANY(%s)", trader_ids)
        rows = self._find_candidates(code, occasion, where, now)
        return self._decide(code, rows, now, occasion)

    @api.model
    def _find_rising(self):
        """Return ``{ladder: ids}`` of the batch's traders who reach a higher rung.

        One look for both ladders: most batches lift nobody.
        """
        ids = SQL(", ").join(
            SQL("array_agg(t.id) FILTER (WHERE %s)", self._is_rising(code))
            for code in LADDERS
        )
        [found] = self.env.execute_query(SQL(RISING, ids, SOURCE))
        return dict(zip(LADDERS, found, strict=True))

    @api.model
    def _is_rising(self, code):
        """Return SQL that tells whether the figures reach a rung above one's own."""
        rungs = self.env[LADDERS[code]]
        ladder = rungs._get_ladder()
        here = SQL("t.%s", SQL.identifier(rungs._place_columns.rung))
        return SQL("%s > %s", self._rank_entered(ladder), rank(ladder, here))

    @api.model
    def _find_candidates(self, code, occasion, where, now):
        """Return place and figures of those whom the rule has to look at."""
        rungs = self.env[LADDERS[code]]
        ladder, columns = rungs._get_ladder(), rungs._place_columns
        here = SQL("t.%s", SQL.identifier(columns.rung))
        review = SQL("t.%s", SQL.identifier(columns.review))
        wanted = self._is_rising(code)
        if occasion != NEWS:
            until = now.date() if occasion == NIGHT else date.max
            fall = self._may_fall(ladder, here, review, until)
            wanted = SQL("(%s OR %s)", wanted, fall)
        tail = SQL("ORDER BY t.id FOR NO KEY UPDATE OF t SKIP LOCKED")
        figures = SQL(", ").join(
            SQL("(%s)::text AS %s", expression, SQL.identifier(name))
            for name, expression in self._figures().items()
        )
        return self.env.execute_query_dict(
            SQL(
                "SELECT t.id, t.company_id, %s AS rung_id, t.%s AS since,"
                " %s AS review_on, %s %s WHERE %s AND %s %s",
                here,
                SQL.identifier(columns.since),
                review,
                figures,
                SOURCE,
                where,
                wanted,
                tail if occasion == NIGHT else SQL(),
            )
        )

    @api.model
    def _may_fall(self, ladder, here, review, until):
        """Return SQL for those to be warned, spared, or let fall until that day."""
        kept = self._is_kept(ladder, here)
        lost = [
            SQL("%s = %s AND t.company_id <> %s", here, rung.id, rung.company_id)
            for rung in ladder
            if rung.company_id
        ]
        return SQL(
            "CASE WHEN %s THEN %s IS NOT NULL ELSE %s IS NULL OR %s <= %s OR %s END",
            kept,
            review,
            review,
            review,
            until,
            SQL(" OR ").join([SQL("%s = 0", rank(ladder, here)), *lost]),
        )

    @api.model
    def _figures(self):
        """Return where each metric's number stands, as SQL."""
        volume, deposit = self._point_worth()
        points = SQL(
            "(s.volume_total_90 / %s + s.deposit_total_90 / %s)", volume, deposit
        )
        return FIGURES | {"points": points}

    @api.model
    def _point_worth(self):
        """Return how much volume, and how much deposited, makes one point.

        Nonsense in a parameter must not keep events out: the defaults hold then.
        """
        # sudo: two numbers out of the settings, whoever asks.
        get = self.env["ir.config_parameter"].sudo().get_param
        return tuple(
            _positive(get(f"veloc_crm.point_{of}"), default)
            for of, default in POINT_WORTH.items()
        )

    @api.model
    def _rank_entered(self, ladder):
        """Return SQL for the number of the highest rung the figures reach, from 1."""
        cases = [
            SQL("WHEN %s THEN %s", self._is_met(rung, 100), number)
            for number, rung in enumerate(ladder, 1)
        ]
        if not cases:
            return SQL("0")
        return SQL("CASE %s ELSE 0 END", SQL(" ").join(reversed(cases)))

    @api.model
    def _is_kept(self, ladder, here):
        """Return SQL that tells whether the figures suffice for where one stands."""
        cases = [
            SQL("WHEN %s THEN %s", rung.id, self._is_met(rung, rung.stay_percent))
            for rung in ladder
        ]
        if not cases:
            return SQL("(%s IS NULL)", here)
        return SQL(
            "(%s IS NULL OR CASE %s %s ELSE false END)",
            here,
            here,
            SQL(" ").join(cases),
        )

    @api.model
    def _is_met(self, rung, percent):
        figures = self._figures()
        conditions = [
            SQL("%s >= %s", figures[name], limit * percent / 100)
            for name, limit in rung.criteria.items()
        ]
        glue = SQL(" AND ") if rung.match == ALL else SQL(" OR ")
        met = SQL("(%s)", glue.join(conditions)) if conditions else SQL("true")
        if rung.company_id:
            return SQL("(t.company_id = %s AND %s)", rung.company_id, met)
        return met

    # === DECIDE === #

    @api.model
    def _decide(self, code, rows, now, occasion):
        """Ask the rule about each row, write what changed; return counts."""
        if not rows:
            return {}
        ladder = self.env[LADDERS[code]]._get_ladder()
        gains = self._find_gains(rows, now) if occasion == NEWS else {}
        places, moves = [], []
        for row in rows:
            own = [r for r in ladder if r.company_id in (None, row["company_id"])]
            before = Place(row["rung_id"], row["since"], row["review_on"])
            figures = {name: Decimal(row[name]) for name in METRICS}
            if occasion == NEWS:
                steps = climb(before, figures, gains.get(row["id"], ()), own, now)
            else:
                steps = [settle(before, figures, own, now, occasion)]
            if not steps or steps[-1][0] == before:
                continue
            places.append((row["id"], steps[-1][0]))
            moves += [(row["id"], place, move) for place, move in steps if move]
        self._write_places(code, places)
        if moves:
            self._write_moves(code, moves)
        if occasion == NIGHT and moves:
            # After a batch of events the ingest does this itself.
            moved = sorted({trader_id for trader_id, *_rest in moves})
            self.env["veloc.segment.engine"]._note_changed(moved)
        if code == "vip" and moves and occasion != NIGHT:
            # By night everybody's benefits are looked at once, at the end.
            self.env["veloc.vip.grant"]._refresh(now, [row[0] for row in moves])
        return _count(moves, len(places))

    @api.model
    def _find_gains(self, rows, now):
        """Return ``{trader: [(time, what the event added)]}``, oldest first."""
        fold = self.env["veloc.ingest.fold"]
        today = now.replace(tzinfo=UTC).astimezone(fold._get_zone()).date()
        volume_worth, deposit_worth = self._point_worth()
        gains = defaultdict(list)
        for trader_id, at, day, amount, volume in self.env.execute_query(
            SQL(
                """
                SELECT trader_id, at, (at AT TIME ZONE 'UTC' AT TIME ZONE %s)::date,
                       CASE WHEN type = 'deposit_approved'
                           THEN amount_company::text END,
                       CASE WHEN type = 'trade' THEN volume::text END
                FROM veloc_trader_event_raw
                WHERE trader_id = ANY(%s) AND (type = 'deposit_approved'
                    OR (type = 'trade' AND at > %s))
                ORDER BY trader_id, at, id
                """,
                fold._get_zone().key,
                [row["id"] for row in rows],
                now - timedelta(days=91),
            )
        ):
            age = (today - day).days
            gain = _gain(age, amount, volume, volume_worth, deposit_worth)
            gains[trader_id].append((at, gain))
        return gains

    # === WRITE === #

    @api.model
    def _write_places(self, code, places):
        if not places:
            return
        columns = self.env[LADDERS[code]]._place_columns
        rows = [
            {"id": id_, "rung": place.rung_id, "since": place.since, "review": due}
            for id_, place in places
            for due in [place.review_on]
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader t SET %s = r.rung, %s = r.since, %s = r.review"
                " FROM json_to_recordset(%s::json) AS r (id int4, rung int4,"
                " since timestamp, review date) WHERE t.id = r.id",
                *(SQL.identifier(name) for name in columns),
                json.dumps(rows, default=str),
            )
        )
        traders = self.env["veloc.trader"]
        traders.invalidate_model(columns, flush=False)
        if code == "tier":
            traders._retime_stages([trader_id for trader_id, _place in places])

    @api.model
    def _write_moves(self, code, moves):
        """Add to the history; a first place on the lowest rung is no move."""
        field = "level" if code == "vip" else "tier"
        rows = [
            {
                "n": number,
                "trader_id": trader_id,
                "from_id": move.from_id,
                "to_id": move.to_id,
                "direction": move.direction,
                "at": place.since,
                "reason": move.reason,
                "seen": {
                    name: [str(value), str(limit)]
                    for name, (value, limit) in move.seen.items()
                },
            }
            for number, (trader_id, place, move) in enumerate(moves)
            if move.from_id or move.seen
        ]
        self.env.cr.execute(
            SQL(
                INSERT_MOVES,
                SQL.identifier(f"from_{field}_id"),
                SQL.identifier(f"to_{field}_id"),
                code,
                json.dumps(rows, default=str),
            )
        )
        self.env["veloc.tier.event"].invalidate_model(flush=False)


def _positive(text, default):
    try:
        number = Decimal(text or default)
    except ArithmeticError:
        return default
    return number if number.is_finite() and number > 0 else default


def rank(ladder, here):
    """Return SQL for the number of the rung one stands on, from 1; 0: none."""
    return SQL(
        "coalesce(array_position(%s::int4[], %s), 0)", [r.id for r in ladder], here
    )


def _gain(age, amount, volume, volume_worth, deposit_worth):
    """Return what one event adds to the metrics, as seen from today."""
    gain = {}
    if amount:
        amount = Decimal(amount)
        gain["deposit_total"] = amount
        if age < 90:
            gain |= {"deposit_total_90d": amount, "points": amount / deposit_worth}
    if volume is not None and age < 90:
        volume = Decimal(volume)
        gain |= {"volume_90d": volume, "points": volume / volume_worth}
        if age < 30:
            gain |= {"volume_30d": volume, "trades_30d": Decimal(1)}
    return gain


def _count(moves, placed):
    """Return the counts that the nightly run shows."""
    counts = defaultdict(int)
    for _trader_id, _place, move in moves:
        counts[move.direction] += 1
    counts["warned"] = placed - len({trader_id for trader_id, *_rest in moves})
    return counts
