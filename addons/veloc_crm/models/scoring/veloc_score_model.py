"""Model cards: what a score was learnt from, how good it is, and who lets it speak."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

KINDS = [
    ("activity", "Still a client (MBG/NBD)"),
    ("value", "Value of twelve months (Gamma-Gamma)"),
    ("first_deposit", "First deposit within 30 days"),
    ("next_deposit", "Next deposit within 30 days"),
]
STATES = [
    ("insufficient", "Not enough data"),
    ("draft", "To be approved"),
    ("live", "In use"),
    ("retired", "Retired"),
]


class VelocScoreModel(models.Model):
    """Numbers only, readable by a person; nothing is executed to use one.

    Written by the training. A person approves, retires, or puts an earlier one back.
    """

    _name = "veloc.score.model"
    _description = "Score Model"
    _veloc_ledger_fields = frozenset({"state", "approved_by_id", "parameters"})
    _veloc_ledger_kind = "config"
    _order = "company_id, kind, version desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    kind = fields.Selection(KINDS, "Score", required=True, readonly=True)
    version = fields.Integer(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True)
    trained_at = fields.Datetime("Learnt on", required=True, readonly=True)
    looked_at = fields.Datetime(
        "Last looked at", readonly=True, help="When the training last came by."
    )
    window_from = fields.Date("Learnt from", readonly=True)
    window_to = fields.Date("Learnt until", readonly=True)
    people = fields.Integer(readonly=True, help="Rows it was learnt from.")
    positives = fields.Integer(
        "Outcomes", readonly=True, help="Rows in which the outcome came."
    )
    lacking = fields.Integer("Outcomes lacking", readonly=True)
    parameters = fields.Json(readonly=True)
    profiles = fields.Json(readonly=True, help="How its inputs were spread.")
    metrics = fields.Json(readonly=True, help="Measured on people it had not seen.")
    data_hash = fields.Char("Fingerprint of the data", readonly=True)
    auc = fields.Float("AUC", compute="_compute_metrics", digits=(4, 3))
    lift = fields.Float("Lift of the top tenth", compute="_compute_metrics")
    brier = fields.Float(compute="_compute_metrics", digits=(6, 4))
    brier_base = fields.Float(
        "Brier of the mean", compute="_compute_metrics", digits=(6, 4)
    )
    calibration_table = fields.Json(compute="_compute_tables")
    weight_table = fields.Json(compute="_compute_tables")
    live_since = fields.Datetime("In use since", readonly=True)
    retired_at = fields.Datetime(readonly=True)
    approved_by_id = fields.Many2one(
        "res.users",
        "Approved by",
        readonly=True,
        help="Empty: by rule, because it was better than the one before.",
    )
    check_ids = fields.One2many("veloc.score.check", "model_id", readonly=True)

    _version_unique = models.UniqueIndex(
        "(company_id, kind, version)", "A version comes once."
    )
    _one_live = models.UniqueIndex(
        "(company_id, kind) WHERE state = 'live'", "One model of a kind is in use."
    )

    # === COMPUTE === #

    @api.depends("kind", "version")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for model in self:
            model.display_name = f"{labels.get(model.kind)} · {model.version}"

    @api.depends("metrics")
    def _compute_metrics(self):
        for model in self:
            told = model.metrics or {}
            for name in ("auc", "lift", "brier", "brier_base"):
                model[name] = told.get(name) or 0

    @api.depends("metrics", "parameters")
    @api.depends_context("lang")
    def _compute_tables(self):
        for model in self:
            model.calibration_table = model._prepare_calibration_table()
            model.weight_table = model._prepare_weight_table()

    def _prepare_calibration_table(self):
        """Return said and came of each tenth, as the widget draws them."""
        groups = (self.metrics or {}).get("deciles") or []
        most = max((max(g["expected"], g["observed"]) for g in groups), default=0) or 1
        return {
            "head": [
                self.env._("Tenth"),
                self.env._("People"),
                self.env._("Said"),
                self.env._("Came"),
            ],
            "bars": self.env._("Said above, came below"),
            "rows": [
                {
                    "cells": [
                        str(number),
                        str(group["people"]),
                        self._percent(group["expected"]),
                        self._percent(group["observed"]),
                    ],
                    "bars": [group["expected"] / most, group["observed"] / most],
                }
                for number, group in enumerate(groups, 1)
            ],
        }

    def _percent(self, share):
        return f"{formatLang(self.env, 100 * share, digits=1)} %"

    def _prepare_weight_table(self):
        """Return the weights of a chance, or the plain parameters of other models."""
        numbers = self.parameters or {}
        if "coef" not in numbers:
            return {
                "head": [self.env._("Parameter"), self.env._("Value")],
                "bars": "",
                "rows": [
                    {"cells": [name, _short(value)], "bars": []}
                    for name, value in _flat(numbers)
                ],
            }
        labels = self.env["veloc.trader.state"]._feature_labels()
        found = sorted(
            zip(numbers["features"], numbers["coef"], strict=True),
            key=lambda pair: -abs(pair[1]),
        )
        most = max((abs(coef) for _name, coef in found), default=0) or 1
        return {
            "head": [self.env._("Feature"), self.env._("Weight")],
            "bars": self.env._("Lowers or raises the chance"),
            "rows": [
                {"cells": [labels[name], f"{coef:+.3f}"], "bars": [coef / most]}
                for name, coef in found
            ],
        }

    # === ACTIONS === #

    def action_approve(self):
        """Let this model speak from the next night on (button)."""
        self._check_may_decide()
        if self.state not in ("draft", "retired"):
            raise UserError(
                self.env._("Only a draft or a retired model can be approved.")
            )
        # sudo: the group was checked; nobody has write access to cards.
        self.sudo()._go_live(self.env.user)
        return True

    def action_retire(self):
        """Silence this model: its scores are empty from the next night on (button)."""
        self._check_may_decide()
        if self.state not in ("draft", "live"):
            raise UserError(self.env._("This model does not speak."))
        # sudo: see action_approve.
        self.sudo()._retire()
        return True

    def _check_may_decide(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("veloc_crm.group_manager"):
            raise AccessError(self.env._("Only a manager decides about score models."))

    # === BUSINESS === #

    @api.model
    def _live(self, company, kind):
        """Return the model in use, or none."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", kind),
                ("state", "=", "live"),
            ]
        )

    @api.model
    def _add(self, company, kind, now, **values):
        """Write a new card down; a lack of data is told once, and kept up to date."""
        mine = [("company_id", "=", company.id), ("kind", "=", kind)]
        row = {"company_id": company.id, "kind": kind, "trained_at": now, **values}
        if values["state"] == "insufficient":
            told = self.search([*mine, ("state", "=", "insufficient")], limit=1)
            if told:
                told.write(row)
                return told
        else:
            self.search([*mine, ("state", "in", ("insufficient", "draft"))])._discard()
        last = self._newest(company, kind)
        return self.create({**row, "version": (last.version or 0) + 1})

    @api.model
    def _tell_lacking(self, company, kind, now, lacking, **values):
        """Write down that there is not enough to learn from."""
        return self._add(
            company, kind, now, state="insufficient", lacking=lacking, **values
        )

    @api.model
    def _newest(self, company, kind):
        """Return the newest card of a kind, whatever its state."""
        return self.search(
            [("company_id", "=", company.id), ("kind", "=", kind)],
            order="version desc",
            limit=1,
        )

    def _discard(self):
        """Drop what never spoke: it is replaced by what is known now."""
        self.filtered(lambda m: not m.live_since).unlink()

    def _go_live(self, user=None):
        """Take the place of the one in use."""
        now = fields.Datetime.now()
        self._live(self.company_id, self.kind)._retire()
        self.env.flush_all()
        self.write(
            {
                "state": "live",
                "live_since": now,
                "retired_at": False,
                "approved_by_id": user.id if user else False,
            }
        )

    def _retire(self):
        self.write({"state": "retired", "retired_at": fields.Datetime.now()})


def _flat(numbers, before=""):
    """Yield (name, value) of nested parameters."""
    for name, value in numbers.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name} · ")
        else:
            yield f"{before}{name}", value


def _short(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
