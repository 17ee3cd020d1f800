from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [
    ("running", "Under way"),
    ("done", "Done"),
    ("failed", "Stopped with errors"),
]


class VelocRetentionRun(models.Model):
    """One night's work, or what it would be: counted per policy before and after.

    A run that was interrupted goes on where the last commit left it; the counts are
    committed with the rows they count, so they agree to the row.
    """

    _name = "veloc.retention.run"
    _description = "Retention run"
    _order = "id desc"
    _rec_name = "started_at"

    is_dry = fields.Boolean("Only counted", readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="running")
    today = fields.Date("Counted on", required=True, readonly=True)
    started_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    finished_at = fields.Datetime(readonly=True)
    line_ids = fields.One2many("veloc.retention.run.line", "run_id", "Counts")
    found = fields.Integer("Rows due", compute="_compute_sums")
    done = fields.Integer("Destroyed or emptied", compute="_compute_sums")
    held = fields.Integer("Kept by a hold", compute="_compute_sums")
    is_released = fields.Boolean(compute="_compute_is_released")

    _one_running = models.UniqueIndex(
        "(is_dry) WHERE state = 'running' AND NOT is_dry", "A run is under way."
    )

    # === COMPUTE === #

    @api.depends("line_ids.found", "line_ids.done", "line_ids.held")
    def _compute_sums(self):
        for run in self:
            run.found = sum(run.line_ids.mapped("found"))
            run.done = sum(run.line_ids.mapped("done"))
            run.held = sum(run.line_ids.mapped("held"))

    @api.depends("line_ids.version_ids.armed_at")
    def _compute_is_released(self):
        for run in self:
            run.is_released = all(run.line_ids.version_ids.mapped("armed_at"))

    @api.depends("is_dry", "started_at")
    def _compute_display_name(self):
        for run in self:
            kind = self.env._("Dry run") if run.is_dry else self.env._("Run")
            run.display_name = f"{kind} · {run.started_at:%Y-%m-%d %H:%M}"

    # === ACTIONS === #

    @api.model
    def action_dry_run(self):
        """Count what a run would destroy now, and open the counts (button)."""
        self._check_officer()
        # sudo: nobody may write runs; this one destroys nothing.
        run = self.sudo()._begin(is_dry=True)
        for line in run.line_ids:
            line._count()
        run._finish()
        return self.browse(run.id)._get_records_action()

    def action_release(self):
        """Let nightly runs act by the terms that this dry run counted (button)."""
        self.ensure_one()
        self._check_officer()
        if not self.is_dry:
            raise UserError(self.env._("Only what a dry run counted is released."))
        versions = self.line_ids.version_ids
        if versions.filtered(lambda v: v.state != "in_force"):
            raise UserError(
                self.env._("The terms have changed since: make a new dry run.")
            )
        versions._arm()
        return True

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))

    # === BUSINESS === #

    @api.model
    def _begin(self, is_dry=False):
        """Return a new run with a line for each set of terms it goes by."""
        policies = self.env["veloc.retention.policy"]
        run = self.create(
            {"is_dry": is_dry, "today": self.env["veloc.retention.scope"]._today()}
        )
        self.env["veloc.retention.run.line"].create(
            [
                {
                    "run_id": run.id,
                    "sequence": turn,
                    "model_name": model,
                    "data_class": data_class,
                    "date_field": policies._date_field(model, data_class),
                    "version_ids": [(6, 0, [version.id for version, _r in pairs])],
                }
                for turn, ((model, data_class), pairs) in enumerate(
                    sorted(policies._regimes(armed_only=not is_dry).items())
                )
            ]
        )
        return run

    def _finish(self):
        """Close the run, and tell who must know when something stopped it."""
        failed = self.line_ids.filtered("failure")
        self.write(
            {
                "state": "failed" if failed else "done",
                "finished_at": fields.Datetime.now(),
            }
        )
        self.env["veloc.ledger.entry"]._note(
            "retention",
            self._name,
            self.id,
            public={
                "dry": self.is_dry,
                "lines": [line._summary() for line in self.line_ids],
            },
        )
        alerts = self.env["veloc.alert"]
        if self.is_dry:
            return
        if not failed:
            alerts._clear("retention_run_failed")
            return
        alerts._raise(
            "retention_run_failed",
            detail=self.env._(
                "%(count)s lines of the retention run stopped with an error.",
                count=len(failed),
            ),
            res_model=self._name,
            res_id=self.id,
        )

    # === THE JOB === #

    @api.model
    def _cron_retention(self):
        """Go on with the run that was interrupted, or make tonight's."""
        cron = self.env["ir.cron"]
        run = self.search([("state", "=", "running"), ("is_dry", "=", False)], limit=1)
        if not run and self._ran_today():
            return
        run = run or self._begin()
        cron._commit_progress(remaining=len(run.line_ids))
        for line in run.line_ids.filtered(lambda ln: not ln.is_done):
            if not line._work():
                self.env.ref("veloc_compliance.ir_cron_retention")._trigger()
                return
            cron._commit_progress(1)
        run._finish()
        cron._commit_progress()

    @api.model
    def _ran_today(self):
        """Whether a run ended today: woken twice, the job works once."""
        today = self.env["veloc.retention.scope"]._today()
        domain = [("is_dry", "=", False), ("today", "=", today), ("state", "=", "done")]
        return bool(self.search_count(domain, limit=1))
