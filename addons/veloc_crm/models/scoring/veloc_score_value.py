"""What twelve months of a client are worth: Gamma-Gamma beside a simple margin."""

import hashlib

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...rules import gamma_gamma, lifetime

MOST_CLIENTS = 100_000
# What the margin is a share of: (all time, 90 days).
BASES = {
    "volume": (SQL("t.volume_total"), SQL("s.volume_total_90")),
    "net_deposit": (
        SQL("t.net_deposit"),
        SQL("(s.deposit_total_90 - s.withdrawal_total_90)"),
    ),
}
USUAL_RATE = 0.05  # percent of the volume
CLIENTS = """
    SELECT s.active_days, coalesce(%(whole)s, 0)::float8,
           s.active_days_90 - s.active_days_30, s.active_days_30
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
     WHERE s.company_id = %(company)s AND s.active_days > 0
       AND s.score_withheld IS NOT TRUE
     ORDER BY hashint4(s.id) LIMIT %(most)s
"""


class VelocScoreValue(models.AbstractModel):
    """Learns what an active day is worth, and how fast clients fall silent."""

    _name = "veloc.score.value"
    _description = "Score: Value"

    @api.model
    def _base(self):
        """Return (base, rate) of the margin; nonsense counts as the default."""
        # sudo: two settings, whoever asks.
        get = self.env["ir.config_parameter"].sudo().get_param
        base = get("veloc_crm.margin_base")
        try:
            percent = float(get("veloc_crm.margin_rate", USUAL_RATE))
        except ValueError:
            percent = USUAL_RATE
        if not 0 < percent <= 100:
            percent = USUAL_RATE
        return base if base in BASES else next(iter(BASES)), percent / 100

    @api.model
    def _train(self, company, kind, now):
        """Fit the value of a day and the monthly churn; both replace the old ones."""
        base, rate = self._base()
        table = self._clients(company, base)
        days, whole = table[:, 0], table[:, 1] * rate
        worth = whole > 0
        values = {
            "people": len(table),
            "positives": int(worth.sum()),
            "window_to": self.env["veloc.score.frame"]._today(now),
            "data_hash": hashlib.sha256(table.tobytes()).hexdigest(),
        }
        cards = self.env["veloc.score.model"]
        lacking = max(lifetime.LEAST_PEOPLE - values["positives"], 0)
        if lacking:
            if not cards._live(company, kind):
                cards._tell_lacking(company, kind, now, lacking, **values)
            return
        days, mean = days[worth], whole[worth] / days[worth]
        found = {
            **self._fit(days, mean),
            "base": base,
            "rate": rate,
            "churn": lifetime.monthly_churn(table[:, 2], table[:, 3]),
        }
        live = cards._live(company, kind)
        if not live or _differs(live.parameters, found):
            card = cards._add(
                company, kind, now, state="draft", parameters=found, **values
            )
            card._go_live()

    @api.model
    def _fit(self, days, mean):
        value = gamma_gamma.fit(days, mean)
        correlation = gamma_gamma.correlation(days, mean)
        return {
            "p": value.p,
            "q": value.q,
            "v": value.v,
            "correlation": correlation,
            "uses_model": gamma_gamma.may_be_used(value, correlation),
            "group_mean": float(mean.mean()),
        }

    @api.model
    def _clients(self, company, base):
        rows = self.env.execute_query(
            SQL(CLIENTS, whole=BASES[base][0], company=company.id, most=MOST_CLIENTS)
        )
        return np.array(rows, dtype=float).reshape(-1, 4)


def _differs(before, now):
    """Return whether a refit says something else: more than a percent of anything."""
    for name, value in now.items():
        old = before.get(name)
        if not isinstance(value, float) or not isinstance(old, float):
            if value != old:
                return True
        elif abs(value - old) > 0.01 * abs(old):
            return True
    return False
