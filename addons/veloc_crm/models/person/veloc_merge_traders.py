from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import one_trader

DAY_SUMS = (
    "event_count",
    "deposit_count",
    "deposit_total",
    "withdrawal_count",
    "withdrawal_total",
    "trade_count",
    "volume_total",
    "result_total",
    "login_count",
)
# What the segments work out of everything else: put back, never moved.
DERIVED = ("veloc_segment_member", "veloc_segment_mark")
MILESTONES = SQL("('lead', 'signup', 'kyc', 'first_deposit')")
RENAMED = SQL("occurrence = occurrence || ' +' || id")
ENDED = SQL(
    "%s, state = 'exited', exit_reason = 'merged', next_due = NULL, held_until = NULL,"
    " ended_at = now() AT TIME ZONE 'UTC'",
    RENAMED,
)


class VelocMerge(models.Model):
    """The trading side of a merge: events, days, funnel, runs and sums."""

    _inherit = "veloc.merge"

    def _join_traders(self, journal):
        """Let one trader hold what two did; the other's reference stays known."""
        gone, kept = self.loser_id.veloc_trader_ids, self.survivor_id.veloc_trader_ids
        if gone and not kept:
            old, new = self.loser_id.id, self.survivor_id.id
            journal.move("veloc_trader", "partner_id", old, new)
            self.env.invalidate_all()
        if not gone or not kept:
            return
        columns = [
            (table, column)
            for table, column in self._columns("veloc_trader")
            if table not in DERIVED
        ]
        self._permit([table for table, _column in columns])
        for table in DERIVED:
            journal.snapshot(table, "trader_id", [gone.id, kept.id])
        self._join_milestones(journal, gone, kept)
        self._join_runs(journal, gone, kept)
        for table, column in columns:
            _moved, left = journal.move(table, column, gone.id, kept.id)
            if left:
                journal.delete(table, SQL("id = ANY(%s)", left))
        self._join_sums(journal, gone, kept)
        self._join_days(journal, gone, kept)
        self._drop_trader(journal, gone, kept)

    @api.model
    def _join_milestones(self, journal, gone, kept):
        """The earlier of two first times is the first time."""
        pairs = self.env.execute_query(
            SQL(
                """
                SELECT own.id, least(own.at, other.at), other.id
                FROM veloc_lifecycle_event own JOIN veloc_lifecycle_event other
                    ON other.stage = own.stage AND other.trader_id = %s
                WHERE own.trader_id = %s AND own.stage IN %s
                """,
                gone.id,
                kept.id,
                MILESTONES,
            )
        )
        for own, at, _other in pairs:
            journal.update("veloc_lifecycle_event", [own], SQL("at = %s", at))
        others = [other for _own, _at, other in pairs]
        journal.delete("veloc_lifecycle_event", SQL("id = ANY(%s)", others))

    @api.model
    def _join_runs(self, journal, gone, kept):
        """Nobody goes twice through one cadence: the survivor's own run goes on."""
        both_run = SQL(
            "(own.state = 'active' AND own.is_solo"
            " AND other.state = 'active' AND other.is_solo)"
        )
        doubled = self.env.execute_query(
            SQL(
                """
                SELECT other.id, bool_or(%(both)s)
                FROM veloc_enrolment other JOIN veloc_enrolment own
                    ON own.cadence_id = other.cadence_id AND own.trader_id = %(kept)s
                WHERE other.trader_id = %(gone)s
                    AND (own.occurrence = other.occurrence OR %(both)s)
                GROUP BY other.id
                """,
                both=both_run,
                kept=kept.id,
                gone=gone.id,
            )
        )
        for running, assignments in ((False, RENAMED), (True, ENDED)):
            ids = [id_ for id_, both in doubled if bool(both) is running]
            journal.update("veloc_enrolment", ids, assignments)

    @api.model
    def _join_sums(self, journal, gone, kept):
        """Write what the rule makes of the two rows, and keep them as they were."""
        ids = [gone.id, kept.id]
        journal.entries.append(
            {
                "op": "figures",
                "last_event_id": self._last_event_id(),
                "last_line_id": self._last_line_id(),
                "trader": journal.rows("veloc_trader", [kept.id])[kept.id],
                "states": list(journal.rows("veloc_trader_state", ids).values()),
            }
        )
        rows = self._trader_rows(ids)
        values = one_trader.join(rows[kept.id], rows[gone.id])
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader SET tier_review_on = current_date,"
                " vip_review_on = current_date, %s WHERE id = %s",
                SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), value)
                    for name, value in values.items()
                ),
                kept.id,
            )
        )

    @api.model
    def _last_event_id(self):
        """Return a number that all later events exceed."""
        rows = self.env.execute_query(
            SQL("SELECT nextval('veloc_trader_event_id_seq')")
        )
        return rows[0][0]

    @api.model
    def _last_line_id(self):
        """Return a number that all later lines of the funnel exceed."""
        rows = self.env.execute_query(
            SQL("SELECT nextval('veloc_lifecycle_event_id_seq')")
        )
        return rows[0][0]

    @api.model
    def _trader_rows(self, ids):
        names = SQL(", ").join(map(SQL.identifier, one_trader.COLUMNS))
        rows = self.env.execute_query_dict(
            SQL("SELECT id, %s FROM veloc_trader WHERE id = ANY(%s)", names, ids)
        )
        return {row["id"]: row for row in rows}

    @api.model
    def _join_days(self, journal, gone, kept):
        """Add the days of one to those of the other."""
        self._add_days(gone.id, kept.id)
        journal.entries.append({"op": "days", "from": gone.id, "to": kept.id})
        journal.delete("veloc_trader_day_raw", SQL("trader_id = %s", gone.id))

    @api.model
    def _add_days(self, source, target):
        names = SQL(", ").join(map(SQL.identifier, DAY_SUMS))
        sums = SQL(", ").join(
            SQL("%(n)s = d.%(n)s + excluded.%(n)s", n=SQL.identifier(name))
            for name in DAY_SUMS
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_trader_day_raw AS d (day, trader_id, %(names)s)"
                " SELECT day, %(target)s, %(names)s FROM veloc_trader_day_raw"
                " WHERE trader_id = %(source)s ORDER BY day"
                " ON CONFLICT (day, trader_id) DO UPDATE SET %(sums)s",
                names=names,
                target=target,
                source=source,
                sums=sums,
            )
        )

    @api.model
    def _take_days(self, source, target):
        """Take the days of ``source`` out of those of ``target`` again."""
        sums = SQL(", ").join(
            SQL("%(n)s = d.%(n)s - s.%(n)s", n=SQL.identifier(name))
            for name in DAY_SUMS
        )
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader_day_raw d SET %s FROM veloc_trader_day_raw s"
                " WHERE d.trader_id = %s AND s.trader_id = %s AND s.day = d.day",
                sums,
                target,
                source,
            )
        )
        self.env.cr.execute(
            SQL(
                "DELETE FROM veloc_trader_day_raw d WHERE trader_id = %s AND %s",
                target,
                SQL(" AND ").join(
                    SQL("%s = 0", SQL.identifier(name)) for name in DAY_SUMS
                ),
            )
        )

    def _drop_trader(self, journal, gone, kept):
        """Remove the empty row; its reference leads to the one who stays."""
        reference, company = gone.external_ref, gone.company_id.id
        journal.delete("veloc_trader", SQL("id = %s", gone.id))
        self.env.invalidate_all()
        journal.insert(
            "veloc_trader_alias",
            ("external_ref", "trader_id", "merge_id", "company_id"),
            SQL("VALUES (%s, %s, %s, %s)", reference, kept.id, self.id, company),
        )
        journal.insert(
            "veloc_trader_former",
            ("number", "trader_id", "merge_id"),
            SQL("VALUES (%s, %s, %s)", gone.id, kept.id, self.id),
        )
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    def _settle(self, journal):
        """Count anew, and let the one who stays in and out of segments."""
        self.env.invalidate_all()
        trader_ids = self.survivor_id.veloc_trader_ids.ids
        if not trader_ids:
            return
        last = self._last_move_id()
        self.env["veloc.trader.state"]._recompute(trader_ids)
        now = fields.Datetime.now()
        self.env["veloc.segment"]._on_touched(trader_ids, now, wake=False)
        self.env.flush_all()
        moves = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_segment_event WHERE trader_id = ANY(%s)"
                " AND id > %s",
                trader_ids,
                last,
            )
        )
        ids = [id_ for (id_,) in moves]
        entry = {"op": "insert", "table": "veloc_segment_event", "ids": ids}
        journal.entries.append(entry)

    @api.model
    def _last_move_id(self):
        rows = self.env.execute_query(
            SQL("SELECT coalesce(max(id), 0) FROM veloc_segment_event")
        )
        return rows[0][0]
