"""From new events to a trader's stage, and the funnel's memory of it."""

import json
from operator import attrgetter
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools import SQL

from ..rules.kyc import latest_kyc
from ..rules.lifecycle import (
    ACTIVITY,
    FIRST_DEPOSIT,
    MILESTONE_STAGES,
    MILESTONES,
    REVERSAL,
    Change,
    Happening,
    Standing,
    advance,
    age,
    next_stage_at,
    stand_anew,
)
from ..rules.person import read_zone

DEFAULT_ZONE = "America/Sao_Paulo"
# milestone stage → the trader's column that holds its first time
REACHED = {
    "lead": "lead_at",
    "signup": "signup_at",
    "kyc": "kyc_approved_at",
    "first_deposit": "first_deposit_at",
}
SET_STANDINGS = """
UPDATE veloc_trader t SET stage = r.stage, stage_since = r.stage_since,
    next_stage_at = r.next_stage_at, last_activity_at = r.last_activity_at,
    lead_at = r.lead_at, signup_at = r.signup_at, kyc_approved_at = r.kyc_approved_at,
    first_deposit_at = r.first_deposit_at
FROM json_to_recordset(%s::json) AS r (
    id int4, stage varchar, stage_since timestamp, next_stage_at timestamp,
    last_activity_at timestamp, lead_at timestamp, signup_at timestamp,
    kyc_approved_at timestamp, first_deposit_at timestamp)
WHERE t.id = r.id
"""
SET_KYC = """
UPDATE veloc_trader t SET kyc_state = r.state, kyc_at = r.at
FROM json_to_recordset(%s::json) AS r (id int4, state varchar, at timestamp)
WHERE t.id = r.id AND r.at >= coalesce(t.kyc_at, r.at)
"""
# Who keeps the stage whatever the rule would say: no limit of silence was passed, no
# milestone came, and money moved only where that changes nothing yet or any more.
KEEPS_STAGE = """
    t.stage_since IS NOT NULL AND NOT x.is_milestone
    AND coalesce(t.next_stage_at > greatest(%(now)s, x.last_at), true)
    AND (x.active_at IS NULL
        OR (t.stage IN ('lead', 'signup', 'kyc') AND x.first_deposit_at IS NULL)
        OR (t.stage IN ('active', 'won_back') AND t.next_stage_at IS NOT NULL
            AND (x.first_deposit_at IS NULL
                OR coalesce(t.first_deposit_at <= x.first_deposit_at, false))))
"""
LOCK = """
WITH locked AS MATERIALIZED (
    SELECT %(columns)s, %(keeps)s AS keeps
    FROM veloc_trader t JOIN veloc_ingest_touched x ON x.trader_id = t.id
    ORDER BY t.id FOR NO KEY UPDATE OF t
)
SELECT * FROM locked WHERE NOT keeps
"""
# The hour is what has an index.
DUE = "t.next_stage_hour <= %(now)s AND t.next_stage_at <= %(now)s"
TOUCHED_IDS = "SELECT array_agg(trader_id) FROM veloc_ingest_touched"
LOCKED_COLUMNS = SQL(
    "t.id, t.stage, t.stage_since, t.last_activity_at, t.lead_at, t.signup_at,"
    " t.kyc_approved_at, t.first_deposit_at, t.tier_id"
)


class VelocIngestFold(models.AbstractModel):
    """Stages come from the rule, but for those whom the events leave where they are."""

    _name = "veloc.ingest.fold"
    _description = "Event Ingestion: Fold"

    @api.model
    def _lock_traders(self, batch):
        """Lock the batch's traders in id order.

        Return the ids of all, and ``{id: (Standing, Policy)}`` of those the rule must
        look at.
        """
        keeps = "false" if self.env.context.get("veloc_careful") else KEEPS_STAGE
        others = self.env.execute_query_dict(
            SQL(LOCK, columns=LOCKED_COLUMNS, keeps=SQL(keeps, now=batch.now))
        )
        [(trader_ids,)] = self.env.execute_query(SQL(TOUCHED_IDS))
        policy_of = self._get_policy_of()
        standings = {row["id"]: (_standing(row), policy_of(row)) for row in others}
        return trader_ids, standings

    @api.model
    def _get_policy_of(self):
        """Return a function that finds the limits of silence for a locked row."""
        policies = self.env["veloc.trader"]._get_policies()
        return lambda row: policies.get(row["tier_id"], policies[None])

    @api.model
    def _move(self, batch, standings):
        """Let the rule move these traders; return the ids of those who moved."""
        self._set_kyc(batch)
        if not standings:
            return set()
        rows, changes = [], []
        for trader_id, happenings in self._find_happenings(standings).items():
            before, policy = standings[trader_id]
            standing, moves = advance(before, happenings, batch.now, policy)
            rows.append(_standing_row(trader_id, standing, policy))
            changes += [(trader_id, move) for move in moves]
        self.env.cr.execute(SQL(SET_STANDINGS, json.dumps(rows, default=str)))
        self._add_changes(changes)
        return {trader_id for trader_id, _move in changes}

    @api.model
    def _find_happenings(self, trader_ids):
        """Return what the batch tells of these traders, as the rule wants it."""
        found = {}
        for trader_id, at, kind in self.env.execute_query(
            SQL(
                "SELECT trader_id, at, type FROM veloc_ingest_new"
                " WHERE trader_id = ANY(%s) AND is_counted ORDER BY id",
                list(trader_ids),
            )
        ):
            found.setdefault(trader_id, []).append(Happening(at, kind))
        return found

    @api.model
    def _set_kyc(self, batch):
        """Note the latest word about identity checks."""
        rows = [
            {"id": batch.known[ref].trader_id, "state": state, "at": at}
            for ref, (state, at) in latest_kyc(batch.new_events).items()
        ]
        if rows:
            self.env.cr.execute(SQL(SET_KYC, json.dumps(rows, default=str)))

    @api.model
    def _stand_anew(self, taken, now):
        """Set the stage of ``{trader_id: TakenBack}`` from all that still counts.

        The funnel keeps its lines; a first deposit that is none is marked, and one
        line tells where the trader stands. Returns the ids of those who moved.
        """
        old = self._load_standings(list(taken))
        rows, changes, voided = [], [], []
        for trader_id, history in self._load_history(list(taken)).items():
            was, policy = old[trader_id]
            back = taken[trader_id]
            standing, moves = stand_anew(was, history, back.times, now, policy)
            rows.append(_standing_row(trader_id, standing, policy))
            if was.reached.get(FIRST_DEPOSIT) != standing.reached.get(FIRST_DEPOSIT):
                voided.append(trader_id)
                changes += [(trader_id, m) for m in moves if m.stage == FIRST_DEPOSIT]
            if was.stage != standing.stage:
                change = Change(standing.stage, back.at, was.stage, REVERSAL)
                changes.append((trader_id, change))
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_lifecycle_event SET reason = 'reversed'"
                " WHERE trader_id = ANY(%s) AND stage = %s AND reason <> %s",
                voided,
                FIRST_DEPOSIT,
                REVERSAL,
            )
        )
        self.env.cr.execute(SQL(SET_STANDINGS, json.dumps(rows, default=str)))
        self._add_changes(changes)
        return {trader_id for trader_id, _change in changes}

    @api.model
    def _load_standings(self, trader_ids):
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM veloc_trader t WHERE id = ANY(%s)",
                LOCKED_COLUMNS,
                trader_ids,
            )
        )
        policy_of = self._get_policy_of()
        return {row["id"]: (_standing(row), policy_of(row)) for row in rows}

    @api.model
    def _load_history(self, trader_ids):
        """Return everything that still counts for the stages of these traders."""
        found = {trader_id: [] for trader_id in trader_ids}
        for trader_id, at, kind in self.env.execute_query(
            SQL(
                "SELECT trader_id, at, type FROM veloc_trader_event_counted"
                " WHERE trader_id = ANY(%s) AND type = ANY(%s) ORDER BY at, id",
                trader_ids,
                [*MILESTONES, *ACTIVITY],
            )
        ):
            found[trader_id].append(Happening(at, kind))
        return found

    @api.model
    def _count_due(self, now):
        """Return how many traders are due to age."""
        query = SQL("SELECT count(*) FROM veloc_trader t WHERE %s", SQL(DUE, now=now))
        [(count,)] = self.env.execute_query(query)
        return count

    @api.model
    def _age_due(self, now, limit):
        """Age up to ``limit`` traders that are due; return how many."""
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM veloc_trader t"
                " WHERE %s ORDER BY next_stage_at LIMIT %s"
                " FOR NO KEY UPDATE SKIP LOCKED",
                LOCKED_COLUMNS,
                SQL(DUE, now=now),
                limit,
            )
        )
        policy_of = self._get_policy_of()
        updates, changes = [], []
        for row in rows:
            policy = policy_of(row)
            standing, moves = age(_standing(row), now, policy)
            due = next_stage_at(standing, policy)
            updates.append((row["id"], standing, due))
            changes += [(row["id"], move) for move in moves]
        self._set_stages(updates, now)
        self._add_changes(changes)
        self.env["veloc.segment.engine"]._note_changed([row["id"] for row in rows])
        self.env["veloc.trader"].invalidate_model(flush=False)
        self.env["veloc.lifecycle.event"].invalidate_model(flush=False)
        return len(rows)

    @api.model
    def _set_stages(self, updates, now):
        rows = [
            {"id": trader_id, "stage": s.stage, "since": s.since, "due": due}
            for trader_id, s, due in updates
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader t SET stage = r.stage, stage_since = r.since,"
                " next_stage_at = r.due, write_date = %s"
                " FROM json_to_recordset(%s::json) AS r (id int4, stage varchar,"
                " since timestamp, due timestamp) WHERE t.id = r.id",
                now,
                json.dumps(rows, default=str),
            )
        )

    @api.model
    def _get_zone(self):
        """Return the zone in which the broker's day begins and ends."""
        # sudo: one setting, whoever asks.
        get = self.env["ir.config_parameter"].sudo().get_param
        return ZoneInfo(read_zone(get("veloc_crm.zone") or "") or DEFAULT_ZONE)

    @api.model
    def _add_changes(self, changes):
        """Write the funnel; late news may only tell an earlier date."""
        if not changes:
            return
        rows = [
            {
                "trader_id": trader_id,
                "stage": change.stage,
                "from_stage": change.from_stage,
                "at": change.at,
                "reason": change.reason,
                "n": number,
            }
            for number, (trader_id, change) in enumerate(_earliest_milestones(changes))
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_lifecycle_event AS e
                    (trader_id, stage, from_stage, at, reason, company_id)
                SELECT r.trader_id, r.stage, r.from_stage, r.at, r.reason, t.company_id
                FROM json_to_recordset(%s::json) AS r (trader_id int4, stage varchar,
                    from_stage varchar, at timestamp, reason varchar, n int4)
                JOIN veloc_trader t ON t.id = r.trader_id
                ORDER BY r.trader_id, r.at, r.n
                ON CONFLICT (trader_id, stage)
                    WHERE stage IN ('lead', 'signup', 'kyc', 'first_deposit')
                        AND reason NOT IN ('reversal', 'reversed')
                    DO UPDATE SET at = least(e.at, excluded.at)
                """,
                json.dumps(rows, default=str),
            )
        )


def _standing(row):
    """Return what the rule must know; a trader just created has no stage yet."""
    reached = {stage: row[name] for stage, name in REACHED.items() if row[name]}
    return Standing(
        stage=row["stage"] if row["stage_since"] else None,
        since=row["stage_since"],
        last_activity_at=row["last_activity_at"],
        reached=reached,
    )


def _standing_row(trader_id, standing, policy):
    row = {name: standing.reached.get(stage) for stage, name in REACHED.items()}
    return row | {
        "id": trader_id,
        "stage": standing.stage or "lead",
        "stage_since": standing.since,
        "next_stage_at": next_stage_at(standing, policy),
        "last_activity_at": standing.last_activity_at,
    }


def _earliest_milestones(changes):
    """One statement may touch a milestone's row once: keep the earliest."""
    first = {}
    for trader_id, change in changes:
        key = trader_id, change.stage
        if change.stage in MILESTONE_STAGES:
            first[key] = min(first.get(key, change), change, key=attrgetter("at"))
    return [
        (trader_id, change)
        for trader_id, change in changes
        if first.get((trader_id, change.stage), change) is change
    ]
