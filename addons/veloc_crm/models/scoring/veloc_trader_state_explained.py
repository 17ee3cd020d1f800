"""A trader's scores in words: what, how much, and why."""

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL, format_amount
from odoo.tools.misc import formatLang

from ...rules import logistic, propensity
from .veloc_score_frame import IN_CARE
from .veloc_score_run import COLUMNS


class VelocTraderState(models.Model):
    """For the trader's form, for reviews, and for whoever asks why."""

    _inherit = "veloc.trader.state"

    scores = fields.Json(compute="_compute_scores")

    @api.depends_context("lang")
    def _compute_scores(self):
        for figures in self:
            figures.scores = figures._explain_scores()

    # === EXPLAIN === #

    def _explain_scores(self):
        """Return a list of {code, label, value, text, reasons} of one trader.

        ``value`` is None where there is no score; ``text`` and ``reasons`` say why.
        """
        self.ensure_one()
        if self.score_withheld:
            text = self.env._("Withheld after a person's review")
            return [self._line("withheld", self.env._("Scores"), None, text)]
        present = self._present()
        return [
            self._explain_rfm(),
            self._explain_cluster(),
            self._explain_rhythm(present),
            *self._explain_chances(present),
            *self._explain_values(present),
        ]

    def _line(self, code, label, value, text, reasons=()):
        return {
            "code": code,
            "label": label,
            "value": value,
            "text": text,
            "reasons": list(reasons),
        }

    def _nothing(self, code, label, reason=None):
        text = self.env._("Not enough data")
        return self._line(code, label, None, text, [reason] if reason else [])

    def _percent(self, share):
        return f"{formatLang(self.env, 100 * share, digits=0)} %"

    def _explain_rfm(self):
        label = self.env._("RFM segment")
        if not self.rfm_segment_id:
            return self._nothing("rfm", label, self.env._("No deposit yet."))
        text = self.env._(
            "Recency %(r)s, frequency %(f)s, value %(m)s (of 5)",
            r=self.rfm_r,
            f=self.rfm_f,
            m=self.rfm_m,
        )
        name = self.rfm_segment_id.name
        before = self.previous_rfm_segment_id
        reasons = [text]
        if before and before != self.rfm_segment_id:
            reasons.append(
                self.env._("Was in %(segment)s a month ago.", segment=before.name)
            )
        return self._line("rfm", label, name, name, reasons)

    def _explain_cluster(self):
        label = self.env._("Cluster")
        if not self.cluster_id:
            return self._nothing("cluster", label)
        return self._line("cluster", label, self.cluster_id.name, self.cluster_id.name)

    def _explain_rhythm(self, present):
        label = self.env._("Risk of leaving")
        if not self.active_days:
            return self._nothing("churn_risk", label, self.env._("Never active."))
        if "p_alive" not in present:
            return self._nothing("churn_risk", label)
        today = self.env["veloc.score.frame"]._today(fields.Datetime.now())
        silent = max((today - self.last_active_day).days, 0)
        reasons = [
            self.env._(
                "%(active)s active days; the last was %(silent)s days ago.",
                active=self.active_days,
                silent=silent,
            )
        ]
        if self.overdue_ratio:
            reasons.append(
                self.env._(
                    "Silent for %(ratio)s times their usual gap.",
                    ratio=formatLang(self.env, self.overdue_ratio, digits=1),
                )
            )
        return self._line(
            "churn_risk",
            label,
            self.churn_risk,
            self._percent(self.churn_risk),
            reasons,
        )

    def _present(self):
        """Return the scores that are there: the ORM shows an empty number as 0."""
        names = [SQL("num_nulls(%s) = 0", SQL.identifier(name)) for name in COLUMNS]
        [row] = self.env.execute_query(
            SQL(
                "SELECT %s FROM veloc_trader_state WHERE id = %s",
                SQL(", ").join(names),
                self.id,
            )
        )
        return {name for name, found in zip(COLUMNS, row, strict=True) if found}

    # === CHANCES === #

    def _explain_chances(self, present):
        kind = propensity.NEXT if self.first_deposit_day else propensity.FIRST
        label = {
            propensity.FIRST: self.env._("First deposit within 30 days"),
            propensity.NEXT: self.env._("Next deposit within 30 days"),
        }[kind]
        code = f"p_{kind}"
        if self._is_in_care():
            text = self.env._("None: this person is protected")
            reason = self.env._(
                "No chance of a deposit is computed for people in care."
            )
            return [self._line(code, label, None, text, [reason])]
        # sudo: a model's numbers explain a score that the reader may see.
        card = self.env["veloc.score.model"].sudo()._live(self.company_id, kind)
        if not card or code not in present:
            return [self._nothing(code, label)]
        value = self[code]
        reasons = self._chance_reasons(kind, card)
        return [self._line(code, label, value, self._percent(value), reasons)]

    def _is_in_care(self):
        [(found,)] = self.env.execute_query(
            SQL(
                "SELECT %s FROM veloc_trader t WHERE t.id = %s",
                IN_CARE,
                self.trader_id.id,
            )
        )
        return found

    def _chance_reasons(self, kind, card):
        frame = self.env["veloc.score.frame"]
        today = frame._today(fields.Datetime.now())
        rows = frame._now(kind, today, SQL("s.id = %s", self.id))
        if not rows:
            return []
        raw = np.array(rows[0][1:], dtype=float)
        formula = logistic.Formula.from_json(card.parameters)
        row = propensity.design(kind, raw)[0]
        return [
            self._chance_reason(name, raw[propensity.names(kind).index(name)], part)
            for name, part in logistic.top_reasons(formula, row)
        ]

    def _chance_reason(self, name, value, part):
        label = self._feature_labels()[name]
        if name.startswith("is_"):
            shown = self.env._("yes") if value else self.env._("no")
        elif name == "deposited_90":
            shown = format_amount(self.env, value, self.currency_id)
        else:
            shown = formatLang(self.env, value, digits=0)
        if part > 0:
            return self.env._("%(what)s: %(value)s (raises)", what=label, value=shown)
        return self.env._("%(what)s: %(value)s (lowers)", what=label, value=shown)

    @api.model
    def _feature_labels(self):
        return {
            "days_registered": self.env._("Days since registering"),
            "is_signed_up": self.env._("Account opened"),
            "is_kyc_approved": self.env._("Identity approved"),
            "logins_7": self.env._("Logins in 7 days"),
            "logins_30": self.env._("Logins in 30 days"),
            "logins_90": self.env._("Logins in 90 days"),
            "deposit_attempts_30": self.env._("Deposits begun in 30 days"),
            "days_since_deposit": self.env._("Days since the last deposit"),
            "days_since_active": self.env._("Days since the last activity"),
            "days_a_client": self.env._("Days since the first deposit"),
            "deposits_30": self.env._("Deposits in 30 days"),
            "deposits_90": self.env._("Deposits in 90 days"),
            "deposited_90": self.env._("Deposited in 90 days"),
            "withdrawals_90": self.env._("Withdrawals in 90 days"),
            "trades_30": self.env._("Trades in 30 days"),
            "trades_90": self.env._("Trades in 90 days"),
            "active_days_30": self.env._("Active days in 30 days"),
            "active_days_90": self.env._("Active days in 90 days"),
            "score": self.env._("The score itself"),
        }

    # === VALUES === #

    def _explain_values(self, present):
        # sudo: see _explain_chances.
        cards = self.env["veloc.score.model"].sudo()
        card = cards._live(self.company_id, "value")
        methods = {
            "ltv": self.env._(
                "Expected active days (MBG/NBD) times the expected margin of a day."
            ),
            "ltv_simple": self.env._(
                "Mean monthly margin of 90 days times the months a client stays."
            ),
        }
        labels = {
            "ltv": self.env._("Value of 12 months"),
            "ltv_simple": self.env._("Value of 12 months, simple"),
        }
        lines = []
        for code, label in labels.items():
            if not card or code not in present:
                lines.append(self._nothing(code, label))
                continue
            text = format_amount(self.env, self[code], self.currency_id)
            reasons = [methods[code], self._margin_words(card.parameters)]
            lines.append(self._line(code, label, self[code], text, reasons))
        return lines

    def _margin_words(self, numbers):
        percent = formatLang(self.env, 100 * numbers["rate"], digits=3)
        if numbers["base"] == "volume":
            return self.env._("Margin: %(percent)s %% of the volume.", percent=percent)
        return self.env._("Margin: %(percent)s %% of net deposits.", percent=percent)
