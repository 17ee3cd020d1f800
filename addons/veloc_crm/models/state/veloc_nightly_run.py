"""What a night's job did: how long each step took and what it counted."""

from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang

LONG_AGO = datetime(2000, 1, 1)
STATES = [
    ("running", "Under way"),
    ("done", "Done"),
    ("failed", "Done, with errors"),
]


class VelocNightlyRun(models.Model):
    """One night; ``steps`` holds a row per step that is over."""

    _name = "veloc.nightly.run"
    _description = "Nightly Run"
    _order = "id desc"
    _rec_name = "started_at"

    state = fields.Selection(STATES, required=True, readonly=True, default="running")
    started_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    ended_at = fields.Datetime(readonly=True)
    seconds = fields.Float(readonly=True, digits=(16, 1), help="Time at work.")
    is_whole = fields.Boolean(
        "Everybody",
        readonly=True,
        help="Every trader's figures are proved, not only those of tonight's share.",
    )
    steps = fields.Json(readonly=True)
    steps_table = fields.Html(
        "What Was Done", compute="_compute_steps_table", sanitize=False
    )
    # Where steps that were interrupted go on.
    marks = fields.Json(readonly=True)

    _one_running = models.UniqueIndex(
        "(state) WHERE state = 'running'", "A nightly run is under way."
    )

    # === COMPUTE === #

    @api.depends("steps")
    @api.depends_context("lang")
    def _compute_steps_table(self):
        labels = self.env["veloc.nightly"]._labels()
        for run in self:
            run.steps_table = self.env["ir.qweb"]._render(
                "veloc_crm.veloc_nightly_steps",
                {
                    "steps": [
                        {
                            "name": labels.get(step["code"], step["code"]),
                            "seconds": formatLang(self.env, step["seconds"], 1),
                            "counts": run._say_counts(step["counts"], labels),
                            "error": step["error"],
                        }
                        for step in run.steps or []
                    ]
                },
            )

    def _say_counts(self, counts, labels):
        """Return the counts of a step in words, without those of nothing."""
        return " · ".join(
            f"{labels.get(name, name)}: {formatLang(self.env, count, 0)}"
            for name, count in counts.items()
            if isinstance(count, int | float) and (count or name != "remaining")
        )

    # === ACTIONS === #

    @api.model
    def action_run_whole(self):
        """Let the night's work be done now, with the proof of everybody (button)."""
        # sudo: managers may ask for a run, not write one.
        runs_sudo = self.sudo()
        if not self.env.user.has_group("veloc_crm.group_manager"):
            raise AccessError(self.env._("Only a manager may start the night's work."))
        runs_sudo._current().is_whole = True
        # sudo: the job is the same that the night would start.
        self.env.ref("veloc_crm.ir_cron_nightly").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The night's work begins within a minute."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === BUSINESS === #

    @api.model
    def _current(self):
        """Return the run that was interrupted, or a new one."""
        return self.search([("state", "=", "running")], limit=1) or self.create({})

    @api.model
    def _previous_start(self):
        """Return when the run before this one began; long ago, if there was none."""
        before = [("state", "!=", "running"), ("id", "!=", self.id)]
        return self.search(before, limit=1).started_at or LONG_AGO

    def _get_mark(self, name):
        """Return the id that the step of this name has done last."""
        return (self.marks or {}).get(name, 0)

    def _set_mark(self, name, done):
        self.marks = {**(self.marks or {}), name: done}

    def _is_over(self, code):
        """Return whether that step needs no further call."""
        return any(
            step["code"] == code and not step["counts"].get("remaining")
            for step in self.steps or []
        )

    def _note(self, code, seconds, counts, error=None):
        """Add what a call of a step did to the step's row."""
        steps = {step["code"]: step for step in self.steps or []}
        step = steps.setdefault(code, {"code": code, "seconds": 0, "counts": {}})
        step["seconds"] = round(step["seconds"] + seconds, 3)
        for name, count in counts.items():
            before = step["counts"].get(name, 0)
            adds_up = name != "remaining" and isinstance(count, int | float)
            step["counts"][name] = before + count if adds_up else count
        step["error"] = error
        self.write({"steps": list(steps.values()), "seconds": self.seconds + seconds})

    def _end(self):
        failed = [step["code"] for step in self.steps or [] if step["error"]]
        self.write(
            {
                "state": "failed" if failed else "done",
                "ended_at": fields.Datetime.now(),
            }
        )
        alerts = self.env["veloc.alert"]
        if failed:
            words = self.env._("Failed: %(steps)s", steps=", ".join(failed))
            alerts._raise("nightly_failed", "", words, None, self._name, self.id)
        else:
            alerts._clear("nightly_failed")
