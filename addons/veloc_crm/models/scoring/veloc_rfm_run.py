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
# Clients are those who ever deposited.
CLIENTS = """
    SELECT (%s - %s) AS days, %s AS times, coalesce(%s, 0) AS money
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
     WHERE s.company_id = %s AND s.first_deposit_day IS NOT NULL
       AND s.score_withheld IS NOT TRUE
"""
# Days and times repeat: counted first, little is left to sort.
LIMITS = """
    WITH clients AS MATERIALIZED (%(clients)s),
    days AS (SELECT days AS value, sum(count(*)) OVER (ORDER BY days) AS upto
        FROM clients GROUP BY days),
    times AS (SELECT times AS value, sum(count(*)) OVER (ORDER BY times) AS upto
        FROM clients GROUP BY times)
    SELECT people,
        ARRAY(SELECT (SELECT min(value) FROM days WHERE upto >= share * people)
            FROM unnest(%(shares)s) AS share ORDER BY share),
        ARRAY(SELECT (SELECT min(value) FROM times WHERE upto >= share * people)
            FROM unnest(%(shares)s) AS share ORDER BY share),
        money
    FROM (SELECT count(*) AS people,
            percentile_disc(%(shares)s) WITHIN GROUP (ORDER BY money) AS money
        FROM clients) AS c
"""
# Who is a client now, or has scores of another day; nobody else is looked at.
# ``width_bucket`` counts limits at or below a value; of the negated ones those at or
# above it, which keeps who equals a limit below it.
SCORED = """
    SELECT s.id, n.r, n.f, n.m,
        (%(table)s::int[])[(n.r - 1) * 25 + (n.f - 1) * 5 + n.m] AS segment,
        s.rfm_r, s.rfm_f, s.rfm_m, s.rfm_segment_id, s.previous_rfm_segment_id
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
      LEFT JOIN LATERAL (
        SELECT 1 + width_bucket(%(recency)s - %(as_of)s, %(days)s::int[]) AS r,
            5 - width_bucket(-(%(frequency)s), %(times)s::int[]) AS f,
            5 - width_bucket(-coalesce(%(value)s, 0), %(money)s::numeric[]) AS m
        ) AS n ON s.first_deposit_day IS NOT NULL AND s.score_withheld IS NOT TRUE
     WHERE %(here)s AND (s.first_deposit_day IS NOT NULL OR s.rfm_r IS NOT NULL
        OR s.previous_rfm_segment_id IS NOT NULL)
"""
CHANGED = """
    SELECT id, r, f, m, segment FROM (%(scored)s) AS n
     WHERE r IS DISTINCT FROM rfm_r OR f IS DISTINCT FROM rfm_f
        OR m IS DISTINCT FROM rfm_m OR segment IS DISTINCT FROM rfm_segment_id
        OR %(rolls)s AND previous_rfm_segment_id IS DISTINCT FROM rfm_segment_id
"""
# Locks in the order of everybody: traders by id, then their figures.
WRITE = """
    WITH changed AS MATERIALIZED (%(changed)s), locked AS (
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

    def _clients(self):
        return SQL(
            CLIENTS,
            self.as_of,
            RECENCY[self.recency],
            FREQUENCY[self.frequency],
            MONEY[self.money],
            self.company_id.id,
        )

    def _find_limits(self):
        """Return the number of clients and the limits of the three measures."""
        self.env.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        [(people, *found)] = self.env.execute_query(
            SQL(LIMITS, shares=list(rfm.SHARES), clients=self._clients())
        )
        names = ("days", "times", "money")
        return {
            "people": people,
            "limits": {
                name: [float(v) if name == "money" else v for v in limits or []]
                if people
                else []
                for name, limits in zip(names, found, strict=True)
            },
        }

    def _write_batch(self, upto):
        """Write what changed up to that id; return whose scores did."""
        rows = self.env.execute_query(
            SQL(
                WRITE,
                changed=self._changed(self._here_joined(upto)),
                rolls=self.is_month_start,
            )
        )
        return [id_ for (id_,) in rows]

    def _changed(self, where):
        """Return the statement for those whose scores differ from what is written."""

        def negated(name):
            return [-limit for limit in reversed(self.limits[name])]

        scored = SQL(
            SCORED,
            table=self._segment_table(),
            as_of=self.as_of,
            recency=RECENCY[self.recency],
            frequency=FREQUENCY[self.frequency],
            value=MONEY[self.money],
            days=negated("days"),
            times=negated("times"),
            money=negated("money"),
            here=where,
        )
        return SQL(CHANGED, scored=scored, rolls=self.is_month_start)

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
