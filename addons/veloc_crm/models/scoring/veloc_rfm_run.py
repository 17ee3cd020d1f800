"""One night's RFM of a company: its limits, and who went where."""

import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import rfm

# What "recent", "often" and "value" mean; the first of each is the default.
RECENCY = {
    "active": SQL("s.last_active_day"),
    "deposit": SQL("s.last_deposit_day"),
}
FREQUENCY = {"deposit_days": SQL("s.deposit_days"), "active_days": SQL("s.active_days")}
MONEY = {
    "net_deposit": SQL("t.net_deposit"),
    "deposit_total": SQL("t.deposit_total"),
    "volume_total": SQL("t.volume_total"),
}
# Clients are those who ever deposited; a line for each of them.
CLIENTS = """
    SELECT s.id, (%s - %s) AS days, %s AS times, coalesce(%s, 0) AS money
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
     WHERE s.company_id = %s AND s.first_deposit_day IS NOT NULL
       AND s.score_withheld IS NOT TRUE AND %s
"""
LIMITS = """
    SELECT count(*), percentile_disc(%(shares)s) WITHIN GROUP (ORDER BY days),
           percentile_disc(%(shares)s) WITHIN GROUP (ORDER BY times),
           percentile_disc(%(shares)s) WITHIN GROUP (ORDER BY money)
      FROM (%(clients)s) AS c
"""
# ``width_bucket`` counts limits at or below a value; of the negated ones those at or
# above it, which keeps who equals a limit below it.
SCORES = """
    SELECT id, 1 + width_bucket(-days, %(days)s::int[]) AS r,
           5 - width_bucket(-times, %(times)s::int[]) AS f,
           5 - width_bucket(-money, %(money)s::numeric[]) AS m
      FROM (%(clients)s) AS c
"""
# Locks in the order of everybody: traders by id, then their figures.
WRITE = """
    WITH scored AS (
        SELECT r.*, (%(table)s::int[])[(r.r - 1) * 25 + (r.f - 1) * 5 + r.m] AS segment
          FROM (%(scores)s) AS r
    ), changed AS (
        SELECT s.id, n.r, n.f, n.m, n.segment
          FROM veloc_trader_state s LEFT JOIN scored n ON n.id = s.id
         WHERE %(here)s AND ((s.rfm_r, s.rfm_f, s.rfm_m, s.rfm_segment_id)
                IS DISTINCT FROM (n.r, n.f, n.m, n.segment)
             OR %(rolls)s AND s.previous_rfm_segment_id
                IS DISTINCT FROM s.rfm_segment_id)
    ), locked AS (
        SELECT t.id FROM veloc_trader t JOIN changed c ON c.id = t.id
         ORDER BY t.id FOR NO KEY UPDATE OF t
    )
    UPDATE veloc_trader_state s
       SET rfm_r = c.r, rfm_f = c.f, rfm_m = c.m, rfm_segment_id = c.segment,
           previous_rfm_segment_id = CASE WHEN %(rolls)s THEN s.rfm_segment_id
               ELSE s.previous_rfm_segment_id END
      FROM changed c JOIN locked l ON l.id = c.id WHERE s.id = c.id RETURNING s.id
"""


class VelocRfmRun(models.Model):
    """Limits, counts and moves are kept, so that any score can be explained later."""

    _name = "veloc.rfm.run"
    _inherit = ["veloc.score.batch.mixin"]
    _description = "RFM Run"
    _order = "at desc, id desc"
    _rec_name = "as_of"

    is_month_start = fields.Boolean(
        "Month's First Run", readonly=True, help="Moves are counted from here."
    )
    recency = fields.Char(required=True, readonly=True)
    frequency = fields.Char(required=True, readonly=True)
    money = fields.Char("Value", required=True, readonly=True)
    limits = fields.Json(readonly=True, help="The four quantiles of each measure.")
    cells = fields.Json(readonly=True, help="Clients and value per combination.")
    moves = fields.Json(readonly=True, help="Clients by segment then and now.")

    _company_at_unique = models.UniqueIndex(
        "(company_id, at)", "A company has one run a night."
    )

    # === THE NIGHT === #

    @api.model
    def _prepare_run(self, company, now):
        """Return tonight's values, limits included."""
        as_of = self.env["veloc.score.frame"]._today(now)
        last = self._last(company)
        run = self.new({"company_id": company.id, "as_of": as_of, **self._measures()})
        return {
            **self._measures(),
            **run._find_limits(),
            "as_of": as_of,
            "is_month_start": not last
            or last.as_of.replace(day=1) < as_of.replace(day=1),
        }

    @api.model
    def _measures(self):
        """Return what the settings chose; nonsense counts as the default."""
        # sudo: three words out of the settings, whoever asks.
        get = self.env["ir.config_parameter"].sudo().get_param
        chosen = {}
        for name, choices in (
            ("recency", RECENCY),
            ("frequency", FREQUENCY),
            ("money", MONEY),
        ):
            value = get(f"veloc_crm.rfm_{name}")
            chosen[name] = value if value in choices else next(iter(choices))
        return chosen

    def _clients(self, where=None):
        return SQL(
            CLIENTS,
            self.as_of,
            RECENCY[self.recency],
            FREQUENCY[self.frequency],
            MONEY[self.money],
            self.company_id.id,
            where or SQL("true"),
        )

    def _find_limits(self):
        """Return the number of clients and the limits of the three measures."""
        [(people, *found)] = self.env.execute_query(
            SQL(LIMITS, shares=list(rfm.SHARES), clients=self._clients())
        )
        names = ("days", "times", "money")
        return {
            "people": people,
            "limits": {
                name: [float(v) if name == "money" else v for v in limits or []]
                for name, limits in zip(names, found, strict=True)
            },
        }

    def _write_batch(self, upto):
        """Write what changed up to that id; return whose scores did."""
        here = self._here(upto)
        rows = self.env.execute_query(
            SQL(
                WRITE,
                table=self._segment_table(),
                scores=self._scores(here),
                here=here,
                rolls=self.is_month_start,
            )
        )
        return [id_ for (id_,) in rows]

    def _scores(self, where):
        def negated(name):
            return [-limit for limit in reversed(self.limits[name])]

        return SQL(
            SCORES,
            days=negated("days"),
            times=negated("times"),
            money=negated("money"),
            clients=self._clients(where),
        )

    def _segment_table(self):
        """Return the segment of each of the 125 combinations, in their order."""
        table = rfm.segment_table(self.env["veloc.rfm.segment"]._get_rules())
        return [table.get(cell) for cell in rfm.cells()]

    def _end(self):
        """Count cells and moves."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT s.rfm_r AS r, s.rfm_f AS f, s.rfm_m AS m,
                       s.rfm_segment_id AS segment, count(*),
                       coalesce(sum(%s), 0)::float8 AS value
                  FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
                 WHERE s.company_id = %s AND s.rfm_r IS NOT NULL
                 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
                """,
                MONEY[self.money],
                self.company_id.id,
            )
        )
        moves = self.env.execute_query(
            SQL(
                "SELECT previous_rfm_segment_id, rfm_segment_id, count(*)"
                " FROM veloc_trader_state WHERE company_id = %s"
                " AND (previous_rfm_segment_id, rfm_segment_id) IS DISTINCT FROM"
                " (NULL, NULL) GROUP BY 1, 2 ORDER BY 1, 2",
                self.company_id.id,
            )
        )
        self.write(
            {
                "is_done": True,
                "cells": json.loads(json.dumps(rows)),
                "moves": [list(move) for move in moves],
            }
        )
