"""Weekly: find groups, say why these, and put everybody into the nearest."""

from datetime import timedelta

import numpy as np
from scipy.optimize import linear_sum_assignment

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...rules import clusters

EVERY = timedelta(days=7)
MOST = 20_000
# Name → SQL; all of them count by their order of magnitude.
FEATURES = {
    "recency": "%(today)s - s.last_active_day",
    "frequency": "s.active_days",
    "money": "greatest(t.net_deposit, 0)",
    "volume": "coalesce(t.volume_total, 0)",
    "tenure": "%(today)s - s.first_active_day",
    "withdrawals": "100 * least(coalesce(t.withdrawal_total"
    " / nullif(t.deposit_total, 0), 0), 1)",
}
CLIENTS = """
    SELECT s.id, %(columns)s
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
     WHERE %(where)s AND s.active_days > 0 AND s.score_withheld IS NOT TRUE
"""
WRITE = """
    WITH n AS (
        SELECT * FROM unnest(%(ids)s::int[], %(found)s::int[]) AS u (id, cluster)
    ), changed AS (
        SELECT s.id, n.cluster FROM veloc_trader_state s LEFT JOIN n ON n.id = s.id
         WHERE %(here)s AND s.cluster_id IS DISTINCT FROM n.cluster
    ), locked AS (
        SELECT t.id FROM veloc_trader t JOIN changed c ON c.id = t.id
         ORDER BY t.id FOR NO KEY UPDATE OF t
    )
    UPDATE veloc_trader_state s SET cluster_id = c.cluster
      FROM changed c JOIN locked l ON l.id = c.id WHERE s.id = c.id RETURNING s.id
"""


class VelocClusterRun(models.Model):
    """What was tried, what was chosen and why; "not enough data" where it is so."""

    _name = "veloc.cluster.run"
    _inherit = ["veloc.score.batch.mixin"]
    _description = "Cluster Run"
    _order = "at desc, id desc"
    _rec_name = "as_of"

    is_enough = fields.Boolean("Enough data", readonly=True)
    lacking = fields.Integer("Clients lacking", readonly=True)
    chosen = fields.Integer("Clusters", readonly=True)
    trials = fields.Json(readonly=True, help="Each number of groups, and how it did.")
    scale = fields.Json(readonly=True)
    trial_table = fields.Json(compute="_compute_trial_table")
    center_ids = fields.Json("Clusters of the Centres", readonly=True)

    _company_at_unique = models.UniqueIndex(
        "(company_id, at)", "A company has one run a night."
    )

    @api.depends("trials")
    @api.depends_context("lang")
    def _compute_trial_table(self):
        words = {
            "too_small": self.env._("a group is smaller than 3 % of the clients"),
            "unstable": self.env._("other samples give other groups"),
        }
        for run in self:
            run.trial_table = {
                "head": [
                    self.env._("Groups"),
                    self.env._("Smallest"),
                    self.env._("Stability"),
                    self.env._("Verdict"),
                ],
                "bars": self.env._("Separation (silhouette)"),
                "rows": [
                    {
                        "cells": [
                            str(trial["k"]),
                            f"{formatLang(self.env, 100 * trial['smallest'])} %",
                            formatLang(self.env, trial["stability"]),
                            self._verdict(trial, words),
                        ],
                        "bars": [trial["silhouette"]],
                    }
                    for trial in run.trials or []
                ],
            }

    def _verdict(self, trial, words):
        refusal = words.get(trial["refusal"], "")
        if not trial["is_chosen"]:
            return refusal or self.env._("less well separated")
        if refusal:
            return self.env._("chosen as the least bad: %(why)s", why=refusal)
        return self.env._("chosen: the best separated")

    @api.model
    def _prepare_run(self, company, now):
        """Return the values of a run with its groups; None where a week is not over."""
        last = self._last(company)
        # An hour's grace: nights do not begin to the second.
        if last and now - last.at < EVERY - timedelta(hours=1):
            return None
        as_of = self.env["veloc.score.frame"]._today(now)
        rows = self._read(
            SQL("s.company_id = %s", company.id), as_of, sample=clusters.FIT_ON
        )
        lacking = max(clusters.LEAST_PEOPLE - len(rows), 0)
        values = {"as_of": as_of, "is_enough": not lacking, "lacking": lacking}
        if lacking:
            return {**values, "people": len(rows), "is_done": True}
        scale = clusters.scale_of(rows[:, 1:])
        points = scale.apply(rows[:, 1:])
        centers, trials = clusters.choose(points)
        found = self._settle(company, now, points, centers)
        return {
            **values,
            "chosen": len(centers),
            "scale": {"middle": list(scale.middle), "spread": list(scale.spread)},
            "trials": [
                {
                    "k": trial.k,
                    "silhouette": trial.silhouette,
                    "smallest": trial.smallest,
                    "stability": trial.stability,
                    "refusal": trial.refusal,
                    "is_chosen": trial.k == len(centers),
                }
                for trial in trials
            ],
            "center_ids": found.ids,
        }

    @api.model
    def _read(self, where, today, sample=None):
        """Return an array of (id, features…)."""
        columns = SQL(", ").join(_columns(today))
        query = SQL(CLIENTS, columns=columns, where=where)
        if sample:
            query = SQL("%s ORDER BY hashint4(s.id) LIMIT %s", query, sample)
        rows = self.env.execute_query(query)
        return np.array(rows, dtype=float).reshape(-1, 1 + len(FEATURES))

    @api.model
    def _settle(self, company, now, points, centers):
        """Return a cluster per centre: the nearest earlier one, or a new one."""
        model = self.env["veloc.cluster"]
        before = model.search([("company_id", "=", company.id)])
        kept = _match(centers, [cluster.center for cluster in before])
        weights = np.bincount(clusters.assign(points, centers), minlength=len(centers))
        traits = clusters.traits(centers, weights)
        number = max(before.mapped("number"), default=0)
        found = model
        names = list(FEATURES)
        for place, center in enumerate(centers):
            values = {
                "center": center.tolist(),
                "traits": [[names[n], round(z, 3)] for n, z in traits[place]],
                "found_at": now,
            }
            if place in kept:
                cluster = before[kept[place]]
                cluster.write(values)
            else:
                number += 1
                cluster = model.create(
                    {**values, "company_id": company.id, "number": number}
                )
            found += cluster
        gone = before - found
        gone.write({"active": False, "trader_count": 0, "share": 0})
        return found

    # === WRITING === #

    def _write_batch(self, upto):
        """Put the batch's clients into the nearest group; return who moved."""
        here = self._here(upto)
        rows = self._read(self._here_joined(upto), self.as_of)
        centers = self.env["veloc.cluster"].browse(self.center_ids)
        scale = clusters.Scale(tuple(self.scale["middle"]), tuple(self.scale["spread"]))
        nearest = clusters.assign(
            scale.apply(rows[:, 1:]), [cluster.center for cluster in centers]
        )
        self.people += len(rows)
        moved = self.env.execute_query(
            SQL(
                WRITE,
                ids=rows[:, 0].astype(int).tolist(),
                found=np.array(self.center_ids)[nearest].tolist(),
                here=here,
            )
        )
        return [id_ for (id_,) in moved]

    def _end(self):
        """Count the members and their plain means."""
        means = SQL(", ").join(SQL("avg(%s)", c) for c in _columns(self.as_of))
        rows = self.env.execute_query(
            SQL(
                "SELECT s.cluster_id, count(*), %s"
                " FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id"
                " WHERE s.company_id = %s AND s.cluster_id IS NOT NULL GROUP BY 1",
                means,
                self.company_id.id,
            )
        )
        for id_, count, *averages in rows:
            self.env["veloc.cluster"].browse(id_).write(
                {
                    "trader_count": count,
                    "share": count / max(self.people, 1),
                    "means": dict(zip(FEATURES, averages, strict=True)),
                }
            )
        return super()._end()


def _columns(today):
    return [
        SQL("(%s)::float8", SQL(feature, today=today)) for feature in FEATURES.values()
    ]


def _match(centers, before):
    """Return {place: place before} of the pairs that are nearest in all."""
    if not before:
        return {}
    old = np.array(before, dtype=float)
    away = ((np.asarray(centers)[:, None, :] - old[None, :, :]) ** 2).sum(axis=2)
    places, earlier = linear_sum_assignment(away)
    return dict(zip(places.tolist(), earlier.tolist(), strict=True))
