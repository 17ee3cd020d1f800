from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

BATCH = 200


class VelocReconsent(models.Model):
    """A round of asking again: whose consent a new version no longer honours.

    The list is drawn before publishing; each person is written to once. A letter says
    what changed and where to answer, and asks for nothing in return: silence is no.
    """

    _name = "veloc.reconsent"
    _description = "Round of asking again"
    _order = "id desc"
    _rec_name = "version_id"
    _veloc_ledger_fields = frozenset({"state"})
    _veloc_ledger_kind = "config"

    version_id = fields.Many2one(
        "veloc.purpose.version", required=True, readonly=True, ondelete="restrict"
    )
    purpose_id = fields.Many2one(
        "veloc.purpose", related="version_id.purpose_id", store=True
    )
    state = fields.Selection(
        [
            ("prepared", "Prepared"),
            ("running", "Asking"),
            ("paused", "Paused"),
            ("done", "Everybody asked"),
        ],
        string="Status",
        default="prepared",
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(readonly=True)
    person_ids = fields.One2many("veloc.reconsent.person", "round_id", readonly=True)
    people_count = fields.Integer("People", compute="_compute_counts")
    waiting_count = fields.Integer("Not asked yet", compute="_compute_counts")
    asked_count = fields.Integer("Asked", compute="_compute_counts")
    unreached_count = fields.Integer("Not reachable", compute="_compute_counts")
    renewed_count = fields.Integer("Said yes again", compute="_compute_counts")
    refused_count = fields.Integer("Said no", compute="_compute_counts")

    _version_unique = models.Constraint(
        "UNIQUE(version_id)", "There is one round of asking per version."
    )

    # === COMPUTE === #

    def _compute_counts(self):
        self.env["veloc.reconsent.person"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT round_id, count(*), count(*) FILTER (WHERE state = 'waiting'),
                    count(*) FILTER (WHERE state = 'asked'),
                    count(*) FILTER (WHERE state = 'unreached'),
                    count(*) FILTER (WHERE answer = 'yes'),
                    count(*) FILTER (WHERE answer = 'no')
                FROM (%s) person GROUP BY round_id
                """,
                self.env["veloc.reconsent.person"]._answers_query(self.ids),
            )
        )
        names = ("people", "waiting", "asked", "unreached", "renewed", "refused")
        counts = {row[0]: row[1:] for row in rows}
        for round_ in self:
            values = counts.get(round_.id, (0,) * len(names))
            for name, value in zip(names, values, strict=True):
                round_[f"{name}_count"] = value

    # === ACTIONS === #

    def action_pause(self):
        """Stop writing; who was asked stays asked."""
        self._check_officer()
        self.filtered(lambda r: r.state == "running")._move("paused")
        return True

    def action_resume(self):
        """Go on where it stopped."""
        self._check_officer()
        self.filtered(lambda r: r.state == "paused")._start()
        return True

    def action_people(self):
        """Open the people of this round."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_reconsent_person_action"
        )
        return action | {"domain": [("round_id", "=", self.id)]}

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only the encarregado may do this."))

    # === BUSINESS === #

    @api.model
    def _prepare(self, version):
        """Draw the list of people for a version that is about to be published."""
        # sudo: rounds are written by these methods only; the caller may publish.
        round_ = self.sudo().create({"version_id": version.id})
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_reconsent_person (round_id, partner_id, state)
                SELECT %s, partner_id, 'waiting' FROM (%s) people ORDER BY partner_id
                """,
                round_.id,
                version._people_to_ask(),
            )
        )
        return round_

    def _start(self):
        self._move("running")
        # sudo: waking a job is no right of the officer's role.
        self.env.ref("veloc_compliance.ir_cron_reconsent").sudo()._trigger()

    def _move(self, state):
        # sudo: states are nobody's to write; the callers checked the role.
        for round_ in self.sudo():
            started = round_.started_at or fields.Datetime.now()
            round_.write({"state": state, "started_at": started})

    def _cron_ask(self):
        """Write to the next people of each running round, a batch per commit."""
        cron = self.env["ir.cron"]
        people = self.env["veloc.reconsent.person"]
        waiting = [("state", "=", "waiting"), ("round_id.state", "=", "running")]
        time_left = cron._commit_progress(remaining=people.search_count(waiting))
        while time_left and (batch := people.search(waiting, limit=BATCH, order="id")):
            batch = batch.try_lock_for_update()
            if not batch:
                return
            batch._ask()
            time_left = cron._commit_progress(len(batch))
        running = self.search([("state", "=", "running")])
        running.filtered(lambda r: not r.waiting_count)._move("done")
