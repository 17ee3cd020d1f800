"""Weekly: look at the models in use, learn new ones, and keep the better."""

import hashlib
from datetime import timedelta

import numpy as np

from odoo import api, fields, models

from ...rules import calibration, drift, logistic, propensity

MOST_ROWS = 40_000  # of a snapshot: enough to learn from, little to hold
FRESH = timedelta(days=1)


class VelocScoreTrainer(models.AbstractModel):
    """Reads frames, asks the rules, writes cards."""

    _name = "veloc.score.trainer"
    _description = "Score Training"

    @api.model
    def _cron_train(self):
        """Train each company's models, one commit each."""
        cron = self.env["ir.cron"]
        now = fields.Datetime.now()
        jobs = [
            (company, method, kind)
            for company in self.env["veloc.score.frame"]._companies()
            for method, kind in (
                (self.env["veloc.score.activity"]._train, "activity"),
                (self.env["veloc.score.value"]._train, "value"),
                (self._train_chance, propensity.FIRST),
                (self._train_chance, propensity.NEXT),
            )
            if not self._is_fresh(company, kind, now)
        ]
        time_left = cron._commit_progress(remaining=len(jobs))
        for company, method, kind in jobs:
            if not time_left:
                break
            method(company, kind, now)
            self.env["veloc.score.model"]._newest(company, kind).looked_at = now
            time_left = cron._commit_progress(1)

    @api.model
    def _is_fresh(self, company, kind, now):
        """Return whether this was done today: a job goes on where it stopped."""
        looked_at = self.env["veloc.score.model"]._newest(company, kind).looked_at
        return bool(looked_at) and now - looked_at < FRESH

    # === CHANCES OF A DEPOSIT === #

    @api.model
    def _train_chance(self, company, kind, now):
        """Learn a chance of a deposit, and let the better model speak."""
        frame = self.env["veloc.score.frame"]
        today = frame._today(now)
        learn, tune, judge = propensity.cutoffs(today)
        past = [frame._past(kind, company, day, MOST_ROWS) for day in learn]
        outcome = np.concatenate([outcome for outcome, _rows in past])
        rows = np.concatenate([rows for _outcome, rows in past])
        seen, unseen = frame._past(kind, company, judge, MOST_ROWS)
        values = {
            "people": len(outcome),
            "positives": int(outcome.sum()),
            "window_from": min(learn),
            "window_to": judge + propensity.HORIZON,
        }
        lacking = propensity.lacking(int(outcome.sum()), int(seen.sum()))
        cards = self.env["veloc.score.model"]
        live = cards._live(company, kind)
        if lacking or outcome.all():
            if not live:
                cards._tell_lacking(company, kind, now, lacking, **values)
            return
        tuned = frame._past(kind, company, tune, MOST_ROWS)
        formula = logistic.fit(propensity.names(kind), rows, outcome)
        formula = logistic.recalibrated(formula, tuned[1], tuned[0])
        said = logistic.chances(formula, unseen)
        metrics = calibration.measure(seen, said)
        values |= {
            "parameters": formula.to_json(),
            "metrics": metrics,
            "profiles": self._profiles(formula, unseen, said),
            "data_hash": hashlib.sha256(rows.tobytes() + outcome.tobytes()).hexdigest(),
        }
        self._settle_chance(company, kind, now, live, (seen, unseen), values)

    @api.model
    def _profiles(self, formula, rows, said):
        columns = {name: rows[:, n] for n, name in enumerate(formula.features)}
        return {
            name: drift.profile(column)
            for name, column in {**columns, "score": said}.items()
        }

    @api.model
    def _settle_chance(self, company, kind, now, live, judged, values):
        """Compare on the same people; the first that is useful speaks at once."""
        cards, metrics = self.env["veloc.score.model"], values["metrics"]
        if live:
            told = self._check(live, now, judged, metrics["brier"])
            if not calibration.is_better(metrics, told):
                return
        elif not calibration.is_useful(metrics):
            cards._tell_lacking(company, kind, now, 0, **values)
            return
        card = cards._add(company, kind, now, state="draft", **values)
        if not self._is_approved_by_hand():
            card._go_live()

    @api.model
    def _is_approved_by_hand(self):
        # sudo: one word out of the settings, whoever runs the training.
        get = self.env["ir.config_parameter"].sudo().get_param
        return get("veloc_crm.score_approval") == "person"

    # === WATCHING THE ONE IN USE === #

    @api.model
    def _check(self, live, now, judged, candidate_brier):
        """Note what it said thirty days ago and what came; alert when it is off."""
        outcome, rows = judged
        formula = logistic.Formula.from_json(live.parameters)
        said = logistic.chances(formula, rows)
        told = calibration.measure(outcome, said)
        values = {name: rows[:, n] for n, name in enumerate(formula.features)}
        drifts = {
            name: round(drift.index(live.profiles[name], column), 4)
            for name, column in {**values, "score": said}.items()
        }
        verdict = "good"
        if max(drifts.values()) >= drift.WORRYING:
            verdict = "drift"
        if drift.is_miscalibrated(told["expected"], told["share"], told["people"]):
            verdict = "miscalibrated"
        check = self.env["veloc.score.check"].create(
            {
                "model_id": live.id,
                "day": now.date(),
                "people": told["people"],
                "expected": told["expected"],
                "observed": told["share"],
                "auc": told["auc"] or 0,
                "brier": told["brier"] or 0,
                "drift": max(drifts.values()),
                "drifts": drifts,
                "candidate_brier": candidate_brier or 0,
                "verdict": verdict,
            }
        )
        self._alert(live, check)
        return told

    @api.model
    def _alert(self, live, check):
        alerts, key = self.env["veloc.alert"], f"{live.company_id.id}:{live.kind}"
        if check.verdict == "good":
            alerts._clear("score_drift", key)
            return
        text = self.env._(
            "%(model)s: said %(said)s, came %(came)s; largest drift %(drift)s.",
            model=live.display_name,
            said=f"{check.expected:.1%}",
            came=f"{check.observed:.1%}",
            drift=f"{check.drift:.2f}",
        )
        alerts._raise("score_drift", key, text, None, live._name, live.id)
