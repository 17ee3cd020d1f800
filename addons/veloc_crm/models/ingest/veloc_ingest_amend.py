"""Reversals and corrections: earlier events count no more, or count otherwise."""

import json

from odoo import api, models
from odoo.tools import SQL

from ...rules import amendments
from ...rules.amendments import MOVING, TakenBack, Target

TARGETS = """
SELECT k.external_id, t.external_ref, r.type, r.at, coalesce(c.is_reversed, false)
FROM veloc_trader_event_key k
JOIN veloc_trader_event_raw r ON r.id = k.event_id
JOIN veloc_trader t ON t.id = r.trader_id
LEFT JOIN veloc_trader_event_change c ON c.target_id = r.id
WHERE k.source = %(source)s AND k.external_id = ANY(%(names)s)
UNION ALL
SELECT external_id, ref, type, at, false FROM veloc_ingest_stage s
WHERE external_id = ANY(%(names)s) AND NOT EXISTS (
    SELECT FROM veloc_trader_event_key k
    WHERE k.source = %(source)s AND k.external_id = s.external_id)
"""
CHANGE = """
INSERT INTO veloc_trader_event_change AS c (
    target_id, is_reversed, corrected_at, corrected_by, amount, volume, result)
SELECT k.event_id, r.is_reversed, r.corrected_at, r.corrected_by, r.amount, r.volume,
    r.result
FROM json_to_recordset(%s::json) AS r (
    target varchar, is_reversed boolean, corrected_at timestamp, corrected_by bigint,
    amount numeric, volume numeric, result numeric)
JOIN veloc_trader_event_key k ON k.source = %s AND k.external_id = r.target
ORDER BY k.event_id
ON CONFLICT (target_id) DO UPDATE SET
    is_reversed = c.is_reversed OR excluded.is_reversed,
    (corrected_at, corrected_by, amount, volume, result) = (
        SELECT n.* FROM (VALUES
            (c.corrected_at, c.corrected_by, c.amount, c.volume, c.result),
            (excluded.corrected_at, excluded.corrected_by, excluded.amount,
                excluded.volume, excluded.result)
        ) AS n (corrected_at, corrected_by, amount, volume, result)
        ORDER BY n.corrected_at DESC NULLS LAST, n.corrected_by DESC LIMIT 1)
"""


class VelocIngestAmend(models.AbstractModel):
    """The log keeps everything; what an event is worth now stands beside it."""

    _name = "veloc.ingest.amend"
    _description = "Event Ingestion: Reversals and Corrections"

    @api.model
    def _find_targets(self, batch):
        """Find what these events are about; refuse those that name nothing we know."""
        amending = [event for event in batch.events if event.target]
        if not amending:
            return
        targets = {
            event.id: Target(event.trader, event.type, event.at, is_pending=True)
            for event in batch.events
        } | {
            name: Target(*values)
            for name, *values in self.env.execute_query(
                SQL(
                    TARGETS,
                    source=batch.source,
                    names=[event.target for event in amending],
                )
            )
        }
        reversed_here = set()
        for event in amending:
            target = targets.get(event.target)
            code = amendments.judge(event, target)
            if event.type == "reversal" and code is None:
                code = "repeated" if event.target in reversed_here else None
                reversed_here.add(event.target)
            if code is None:
                batch.targets[event.index] = target
            else:
                self._drop(batch, event, code)

    @api.model
    def _check_pending(self, batch):
        """Refuse what is about an event of this batch that was refused meanwhile."""
        names = {event.id for event in batch.events}
        batch.keep(
            lambda event: (
                event.index not in batch.targets
                or not batch.targets[event.index].is_pending
                or event.target in names
            ),
            "unknown_target",
        )

    @api.model
    def _drop(self, batch, event, code):
        """Refuse the event; one that says what was said before is a duplicate."""
        batch.events.remove(event)
        if code == "repeated":
            batch.duplicates += 1
            batch.repeated.add(event.id)
        else:
            batch.reject(event.index, event.id, code)

    @api.model
    def _apply(self, batch):
        """Count the traders anew whose earlier events were changed; return their ids.

        The rows of this batch stand in the log, and the traders are locked.
        """
        events = [event for event in batch.new_events if event.target]
        if not events:
            return set()
        rows = []
        for target, change in amendments.changes(events, batch.ids).items():
            event = change.pop("event", None)
            if event:
                change |= batch.corrected_values(event)
            rows.append({**change, "target": target})
        self.env.cr.execute(SQL(CHANGE, json.dumps(rows, default=str), batch.source))
        trader_ids = {batch.known[event.trader].trader_id for event in events}
        self.env["veloc.trader.state"]._recompute(trader_ids, batch.now)
        return trader_ids

    @api.model
    def _take_back(self, batch):
        """Let those whose deposit or trade was reversed stand where they would have."""
        taken: dict[int, TakenBack] = {}
        for event in batch.new_events:
            target = batch.targets.get(event.index)
            if event.type == "reversal" and target.type in MOVING:
                trader_id = batch.known[event.trader].trader_id
                taken.setdefault(trader_id, TakenBack(event.at, [])).times.append(
                    target.at
                )
        return self.env["veloc.ingest.fold"]._stand_anew(taken, batch.now)
