"""Still a client: MBG/NBD on active days, for everybody and each big channel."""

import hashlib
import logging

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...rules import lifetime, mbg_nbd

_logger = logging.getLogger(__name__)

MOST_CLIENTS = 100_000
# Of a log-likelihood: a refit that explains no more is no news.
LEAST_GAIN = 10.0
CLIENTS = """
    SELECT coalesce(t.source_id, 0), s.active_days,
           s.first_active_day - %(today)s, s.last_active_day - %(today)s
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
     WHERE s.company_id = %(company)s AND s.active_days > 0
       AND s.score_withheld IS NOT TRUE
     ORDER BY hashint4(s.id) LIMIT %(most)s
"""


class VelocScoreActivity(models.AbstractModel):
    """Fits the model that says who is still here, and how often they will come."""

    _name = "veloc.score.activity"
    _description = "Score: Still a Client"

    @api.model
    def _train(self, company, kind, now):
        """Fit MBG/NBD on active days: for everybody, and for each big channel."""
        today = self.env["veloc.score.frame"]._today(now)
        table = self._clients(company, today)
        sources, days, first, last = table.T
        cards = self.env["veloc.score.model"]
        repeaters = int((days > 1).sum())
        values = {
            "people": len(table),
            "positives": repeaters,
            "window_to": today,
            "data_hash": hashlib.sha256(table.tobytes()).hexdigest(),
        }
        lacking = lifetime.lacking(len(table), repeaters)
        if lacking:
            if not cards._live(company, kind):
                cards._tell_lacking(company, kind, now, lacking, **values)
            return
        groups = {"all": self._fit_group(days, first, last)}
        for source in np.unique(sources[sources > 0]):
            mine = sources == source
            if mine.sum() >= lifetime.LEAST_GROUP:
                groups[str(int(source))] = self._fit_group(
                    days[mine], first[mine], last[mine]
                )
        groups = {name: group for name, group in groups.items() if group}
        if "all" not in groups:
            cards._tell_lacking(company, kind, now, 0, **values)
            return
        self._settle(company, kind, now, table, groups, values)

    @api.model
    def _clients(self, company, today):
        rows = self.env.execute_query(
            SQL(
                CLIENTS,
                today=today,
                company=company.id,
                most=MOST_CLIENTS,
            )
        )
        return np.array(rows, dtype=float).reshape(-1, 4)

    @api.model
    def _fit_group(self, days, first, last):
        """Return the parameters of a group, or None where the fit found no ground."""
        found = mbg_nbd.fit(*lifetime.rhythm(days, first, last, 0))
        if not found.converged:
            _logger.warning("MBG/NBD did not converge for %s people", found.people)
            return None
        numbers = found.parameters
        return {
            "r": numbers.r,
            "alpha": numbers.alpha,
            "a": numbers.a,
            "b": numbers.b,
            "log_likelihood": found.log_likelihood,
            "people": found.people,
            "gap": lifetime.usual_gap(days, first, last),
        }

    @api.model
    def _settle(self, company, kind, now, table, groups, values):
        """Replace the model in use where a new fit explains more."""
        cards = self.env["veloc.score.model"]
        live = cards._live(company, kind)
        if live and set(live.parameters["groups"]) == set(groups):
            old = lifetime.parameters(live.parameters["groups"]["all"])
            likely = mbg_nbd.log_likelihood(
                old, *lifetime.rhythm(table[:, 1], table[:, 2], table[:, 3], 0)
            ).sum()
            if groups["all"]["log_likelihood"] - likely < LEAST_GAIN:
                return
        card = cards._add(
            company, kind, now, state="draft", parameters={"groups": groups}, **values
        )
        card._go_live()
