"""What a night's job did: how long each step took and what it counted."""

from odoo import api, fields, models

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
    steps = fields.Json(readonly=True)

    _one_running = models.UniqueIndex(
        "(state) WHERE state = 'running'", "A nightly run is under way."
    )

    # === BUSINESS === #

    @api.model
    def _current(self):
        """Return the run that was interrupted, or a new one."""
        return self.search([("state", "=", "running")], limit=1) or self.create({})

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
            before = 0 if name == "remaining" else step["counts"].get(name, 0)
            step["counts"][name] = before + count
        step["error"] = error
        self.write({"steps": list(steps.values()), "seconds": self.seconds + seconds})

    def _end(self):
        failed = any(step["error"] for step in self.steps or [])
        self.write(
            {
                "state": "failed" if failed else "done",
                "ended_at": fields.Datetime.now(),
            }
        )
