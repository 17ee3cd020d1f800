"""The night's scores: chances and values of all whom a day may have changed."""

from datetime import timedelta

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...rules import gamma_gamma, lifetime, logistic, mbg_nbd, propensity
from .veloc_score_frame import IN_CARE, PROTECTS
from .veloc_score_value import BASES

# Column: by how much it must move to be written, absolutely and of its value.
COLUMNS = {
    "p_alive": (0.005, 0),
    "churn_risk": (0.005, 0),
    "overdue_ratio": (0.1, 0.1),
    "p_first_deposit": (0.005, 0),
    "p_next_deposit": (0.005, 0),
    "ltv": (0.01, 0.01),
    "ltv_simple": (0.01, 0.01),
}
# Silence tells little more from one day to the next: once in so many nights.
SHARES = 7
DUE = """
    (s.active_days_90 > 0 OR s.withdrawal_count_90 > 0 OR s.login_count_90 > 0
        OR s.scored_at IS NULL OR s.last_event_at > %(since)s OR s.score_withheld
        OR s.id %% %(shares)s = %(night)s
        OR (s.p_first_deposit IS NOT NULL OR s.p_next_deposit IS NOT NULL)
            AND s.id IN (SELECT c.id FROM veloc_suppression b
                JOIN veloc_trader c ON c.partner_id = b.partner_id WHERE %(protects)s))
"""
CLIENTS = """
    SELECT s.id, coalesce(t.source_id, 0), s.active_days,
           s.first_active_day - %(today)s, s.last_active_day - %(today)s,
           coalesce(%(whole)s, 0)::float8, coalesce(%(recent)s, 0)::float8
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
     WHERE %(here)s AND s.active_days > 0 AND s.score_withheld IS NOT TRUE
     ORDER BY s.id
"""
# The range stands wherever a table does: else each batch reads all of both tables.
WRITE = """
    WITH n AS (
        SELECT id, %(names)s
          FROM unnest(%(ids)s::int[], %(arrays)s) AS u (id, %(names)s)
    ), changed AS (
        SELECT s.id, %(new)s FROM veloc_trader_state s LEFT JOIN n ON n.id = s.id
         WHERE %(here)s AND (%(moved)s)
    ), locked AS (
        SELECT t.id FROM veloc_trader t JOIN changed c ON c.id = t.id
         WHERE t.id > %(last)s AND t.id <= %(upto)s
         ORDER BY t.id FOR NO KEY UPDATE OF t
    )
    UPDATE veloc_trader_state s SET %(sets)s, scored_at = %(at)s
      FROM changed c JOIN locked l ON l.id = c.id
     WHERE s.id = c.id AND s.id > %(last)s AND s.id <= %(upto)s RETURNING s.id
"""


class VelocScoreRun(models.Model):
    """One night of a company. Nobody's score is older than their last real move."""

    _name = "veloc.score.run"
    _inherit = ["veloc.score.batch.mixin"]
    _description = "Score Run"
    _order = "at desc, id desc"
    _rec_name = "as_of"

    _company_at_unique = models.UniqueIndex(
        "(company_id, at)", "A company has one run a night."
    )

    @api.model
    def _prepare_run(self, company, now):
        if not self.env["veloc.score.model"]._newest(company, "activity"):
            # Nothing was ever learnt here: do it now rather than next week.
            self.env.ref("veloc_crm.ir_cron_train_scores")._trigger()
        return {"as_of": self.env["veloc.score.frame"]._today(now)}

    def _here(self, upto):
        """Return the condition of a batch: whose chances may have moved."""
        here, last = super()._here(upto), self._last(self.company_id)
        if not last or self._has_learnt_since(last.at):
            return here
        due = SQL(
            DUE,
            since=last.at - timedelta(days=1),
            shares=SHARES,
            night=self.as_of.toordinal() % SHARES,
            protects=PROTECTS,
        )
        return SQL("%s AND %s", here, due)

    def _has_learnt_since(self, at):
        """Return whether a model came or went: then everybody is scored."""
        mine = [("company_id", "=", self.company_id.id)]
        news = ["|", ("live_since", ">=", at), ("retired_at", ">=", at)]
        return bool(self.env["veloc.score.model"].search([*mine, *news], limit=1))

    def _end(self):
        """Count who has scores, whenever they were written."""
        [(self.people,)] = self.env.execute_query(
            SQL(
                "SELECT count(p_alive) FROM veloc_trader_state WHERE company_id = %s",
                self.company_id.id,
            )
        )
        return super()._end()

    def _write_batch(self, upto):
        """Score the batch and write what moved; return whose scores did."""
        joined = self._here_joined(upto)
        found = {}  # column -> {trader id: value}
        self._score_clients(joined, found)
        for kind in propensity.KINDS:
            self._score_chance(kind, joined, found)
        return self._write_scores(upto, found)

    def _card(self, kind):
        return self.env["veloc.score.model"]._live(self.company_id, kind).parameters

    # === SCORING === #

    def _score_chance(self, kind, here, found):
        """Score whom the chance is about, but nobody in care."""
        card = self._card(kind)
        if not card:
            return
        where = SQL("%s AND s.score_withheld IS NOT TRUE AND NOT %s", here, IN_CARE)
        rows = self.env["veloc.score.frame"]._now(kind, self.as_of, where)
        if not rows:
            return
        table = np.array(rows, dtype=float)
        formula = logistic.Formula.from_json(card)
        chances = logistic.chances(formula, propensity.design(kind, table[:, 1:]))
        found[f"p_{kind}"] = _by_id(table[:, 0], chances)

    def _score_clients(self, here, found):
        """Score rhythm and value of those who were ever active."""
        activity, value = self._card("activity"), self._card("value")
        if not activity:
            return
        whole, recent = BASES[value["base"]] if value else (SQL("0"), SQL("0"))
        rows = self.env.execute_query(
            SQL(CLIENTS, today=self.as_of, here=here, whole=whole, recent=recent)
        )
        table = np.array(rows, dtype=float).reshape(-1, 7)
        for name in np.unique(table[:, 1]):
            mine = table[table[:, 1] == name]
            group = activity["groups"].get(str(int(name)), activity["groups"]["all"])
            for column, scores in score_clients(mine, group, value).items():
                found.setdefault(column, {}).update(_by_id(mine[:, 0], scores))

    # === WRITING === #

    def _write_scores(self, upto, found):
        """Write all columns of the batch; who is in none of them has no scores."""
        ids = sorted(set().union(*found.values())) if found else []
        arrays = [_array(found.get(name, {}), ids) for name in COLUMNS]
        names = [SQL.identifier(name) for name in COLUMNS]

        def join(code, separator=", "):
            return SQL(separator).join(SQL(code, name=name) for name in names)

        moved = [
            SQL(
                "(s.%(name)s IS NULL) <> (n.%(name)s IS NULL)"
                " OR abs(s.%(name)s - n.%(name)s) > %(least)s + %(part)s"
                " * abs(n.%(name)s)",
                name=SQL.identifier(name),
                least=least,
                part=part,
            )
            for name, (least, part) in COLUMNS.items()
        ]
        rows = self.env.execute_query(
            SQL(
                WRITE,
                names=join("%(name)s"),
                new=join("n.%(name)s"),
                sets=join("%(name)s = c.%(name)s"),
                ids=ids,
                arrays=SQL(", ").join(SQL("%s::float8[]", array) for array in arrays),
                moved=SQL(" OR ").join(moved),
                here=self._here(upto),
                last=self.last_id or 0,
                upto=upto,
                at=self.at,
            )
        )
        return [id_ for (id_,) in rows]


def score_clients(table, group, value):
    """Return {column: values} for rows as ``CLIENTS`` reads them."""
    _ids, _source, days, first, last, whole, recent = table.T
    weeks = lifetime.rhythm(days, first, last, 0)
    numbers = lifetime.parameters(group)
    alive = mbg_nbd.p_alive(numbers, *weeks)
    scores = {
        "p_alive": alive,
        "churn_risk": 1 - alive,
        "overdue_ratio": lifetime.overdue(days, first, last, 0, group["gap"]),
    }
    if not value:
        return scores
    times = mbg_nbd.expected(numbers, *weeks, lifetime.HORIZON_WEEKS)
    scores["ltv"] = times * day_values(value, days, whole * value["rate"] / days)
    scores["ltv_simple"] = lifetime.simple_value(recent * value["rate"], value["churn"])
    return scores


def day_values(value, days, mean):
    """Return the margin of an active day to come."""
    mean = np.maximum(mean, 0)
    plain = gamma_gamma.shrunk_mean(value["group_mean"], days, mean)
    if not value["uses_model"]:
        return plain
    model = gamma_gamma.Value(value["p"], value["q"], value["v"])
    # Who never brought a margin is outside the model.
    return np.where(mean > 0, gamma_gamma.expected_mean(model, days, mean), plain)


def _by_id(ids, values):
    return dict(zip(ids.astype(int).tolist(), values.tolist(), strict=True))


def _array(values, ids):
    """Return the literal of an array: one text, not a list of a million objects."""
    parts = (values.get(id_) for id_ in ids)
    texts = ("NULL" if value is None else f"{value:.8g}" for value in parts)
    return f"{{{','.join(texts)}}}"
