"""From new events to a trader's state: days, sums, stage, funnel and tier."""

import json
from operator import attrgetter
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools import SQL

from ..rules.daybook import book
from ..rules.lifecycle import (
    MILESTONE_STAGES,
    Happening,
    Standing,
    advance,
    age,
    next_stage_at,
)
from ..rules.person import read_zone

DEFAULT_ZONE = "America/Sao_Paulo"
SUMS = (
    "deposit_count",
    "deposit_total",
    "withdrawal_count",
    "withdrawal_total",
    "trade_count",
    "volume_total",
    "result_total",
)
# milestone stage → the trader's column that holds its first time
REACHED = {
    "lead": "lead_at",
    "signup": "signup_at",
    "kyc": "kyc_approved_at",
    "first_deposit": "first_deposit_at",
}
UPDATE_TRADERS = """
UPDATE veloc_trader t SET
    %s,
    net_deposit = coalesce(t.net_deposit, 0) + r.deposit_total - r.withdrawal_total,
    trades_30d = r.trades_30d, tier_id = r.tier_id, is_tier_stale = false,
    stage = r.stage, stage_since = r.stage_since, next_stage_at = r.next_stage_at,
    last_activity_at = r.last_activity_at, lead_at = r.lead_at,
    signup_at = r.signup_at, kyc_approved_at = r.kyc_approved_at,
    first_deposit_at = r.first_deposit_at,
    last_deposit_at = greatest(t.last_deposit_at, r.last_deposit_at),
    last_login_at = greatest(t.last_login_at, r.last_login_at),
    last_event_at = greatest(t.last_event_at, r.last_event_at),
    kyc_state = CASE WHEN r.kyc_at >= coalesce(t.kyc_at, r.kyc_at)
        THEN r.kyc_state ELSE t.kyc_state END,
    kyc_at = greatest(t.kyc_at, r.kyc_at),
    write_date = %s
FROM json_to_recordset(%s::json) AS r (
    id int4, deposit_count int4, deposit_total numeric, withdrawal_count int4,
    withdrawal_total numeric, trade_count int4, volume_total numeric,
    result_total numeric, trades_30d int4, tier_id int4, stage varchar,
    stage_since timestamp, next_stage_at timestamp, last_activity_at timestamp,
    lead_at timestamp, signup_at timestamp, kyc_approved_at timestamp,
    first_deposit_at timestamp, last_deposit_at timestamp, last_login_at timestamp,
    last_event_at timestamp, kyc_state varchar, kyc_at timestamp)
WHERE t.id = r.id
"""
LOCKED_COLUMNS = SQL(
    "id, stage, stage_since, last_activity_at, lead_at, signup_at, kyc_approved_at,"
    " first_deposit_at"
)


class VelocIngestFold(models.AbstractModel):
    """Sums are added by SQL, times are compared by SQL, stages come from the rule."""

    _name = "veloc.ingest.fold"
    _description = "Event Ingestion: Fold"

    @api.model
    def _lock_traders(self, batch):
        """Lock the batch's traders in id order; return ``{id: Standing}``."""
        ids = sorted(
            {batch.known[event.trader].trader_id for event in batch.new_events}
        )
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM veloc_trader"
                " WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                LOCKED_COLUMNS,
                ids,
            )
        )
        return {row["id"]: _standing(row) for row in rows}

    @api.model
    def _fold(self, batch, standings):
        """Bring days, traders, funnel and tiers up to date with the new events."""
        days, accounts = book(batch.entries(), self._get_zone())
        self._add_to_days(days)
        tiers = self.env["veloc.ingest.tiers"]._find_tiers(accounts, batch.now)
        policy = self.env["veloc.trader"]._get_policy()
        rows, changes = [], []
        for trader_id, account in accounts.items():
            happenings = [Happening(e.at, e.type) for e in account.entries]
            standing, moves = advance(
                standings[trader_id], happenings, batch.now, policy
            )
            row = _trader_row(trader_id, account, standing, policy)
            rows.append(row | tiers[trader_id])
            changes += [(trader_id, move) for move in moves]
        self._update_traders(rows, batch.now)
        self._add_changes(changes)

    @api.model
    def _age_due(self, now, limit):
        """Age up to ``limit`` traders that are due; return how many."""
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s FROM veloc_trader"
                " WHERE next_stage_at <= %s ORDER BY next_stage_at LIMIT %s"
                " FOR NO KEY UPDATE SKIP LOCKED",
                LOCKED_COLUMNS,
                now,
                limit,
            )
        )
        policy = self.env["veloc.trader"]._get_policy()
        updates, changes = [], []
        for row in rows:
            standing, moves = age(_standing(row), now, policy)
            due = next_stage_at(standing, policy)
            updates.append((row["id"], standing, due))
            changes += [(row["id"], move) for move in moves]
        self._set_stages(updates, now)
        self._add_changes(changes)
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
    def _add_to_days(self, days):
        columns = ("event_count", *SUMS, "login_count")
        rows = [
            {"trader_id": trader_id, "day": day}
            | {name: getattr(sums, name) for name in columns}
            for (trader_id, day), sums in days.items()
        ]
        names = SQL(", ").join(map(SQL.identifier, columns))
        additions = SQL(", ").join(
            SQL("%(name)s = d.%(name)s + excluded.%(name)s", name=SQL.identifier(name))
            for name in columns
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_trader_day_raw AS d
                    (trader_id, day, %s)
                SELECT trader_id, day, %s
                FROM json_to_recordset(%s::json) AS r (
                    trader_id int4, day date, event_count int4, deposit_count int4,
                    deposit_total numeric, withdrawal_count int4,
                    withdrawal_total numeric, trade_count int4, volume_total numeric,
                    result_total numeric, login_count int4)
                ORDER BY trader_id, day
                ON CONFLICT (trader_id, day) DO UPDATE SET %s
                """,
                names,
                names,
                json.dumps(rows, default=str),
                additions,
            )
        )

    @api.model
    def _update_traders(self, rows, now):
        """Add the sums and set the standing, all traders in one statement."""
        additions = SQL(", ").join(
            SQL(
                "%(name)s = coalesce(t.%(name)s, 0) + r.%(name)s",
                name=SQL.identifier(name),
            )
            for name in SUMS
        )
        self.env.cr.execute(
            SQL(UPDATE_TRADERS, additions, now, json.dumps(rows, default=str))
        )

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


def _trader_row(trader_id, account, standing, policy):
    kyc_state, kyc_at = account.kyc() or (None, None)
    sums = account.sums
    row = {name: getattr(sums, name) for name in SUMS}
    row |= {name: standing.reached.get(stage) for stage, name in REACHED.items()}
    return row | {
        "id": trader_id,
        "stage": standing.stage or "lead",
        "stage_since": standing.since,
        "next_stage_at": next_stage_at(standing, policy),
        "last_activity_at": standing.last_activity_at,
        "last_deposit_at": account.last("deposit_approved"),
        "last_login_at": account.last("login"),
        "last_event_at": account.last(),
        "kyc_state": kyc_state,
        "kyc_at": kyc_at,
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
