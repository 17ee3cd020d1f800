import logging
from datetime import timedelta

from psycopg2 import extensions

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import master_key
from .veloc_key_walk import Passed

_logger = logging.getLogger(__name__)

KINDS = [
    ("check", "Check: open every value"),
    ("master", "New master key: wrap the data keys anew"),
    ("data", "New data keys: encrypt every value anew"),
]
LIVE = ("waiting", "running")
# Until every process of the house knows a new key, none may write with it.
ANNOUNCED = timedelta(minutes=1)
BETWEEN_CHECKS = timedelta(days=7)
FILES = "veloc_identity_proof.content"
# Rows that others write are looked for again a little later.
BUSY = timedelta(seconds=10)
MOST_ROUNDS = 60


class VelocKeyChange(models.Model):
    """An order to change or check keys, worked off beside the traffic.

    It can be interrupted at any moment: what is done stays done, the next pass goes on
    where the last one ended. Old keys are kept, since rows that may never change and
    hashes of erased values need them.
    """

    _name = "veloc.key.change"
    _description = "Change of keys"
    _order = "id desc"
    _rec_name = "kind"

    kind = fields.Selection(KINDS, "What", required=True, default="check")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("stopped", "Stopped"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    begins_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    finished_at = fields.Datetime(readonly=True)
    place = fields.Char("Column", readonly=True)
    last_id = fields.Integer("Up to record", readonly=True, aggregator=None)
    rounds = fields.Integer(readonly=True, aggregator=None)
    laps = fields.Integer(readonly=True, aggregator=None)
    seen = fields.Integer("Values opened", readonly=True)
    changed = fields.Integer("Encrypted anew", readonly=True)
    broken = fields.Integer("Unreadable", readonly=True)
    broken_here = fields.Integer("Unreadable in this column", readonly=True)

    _one_at_a_time = models.UniqueIndex(
        "((1)) WHERE state IN ('waiting', 'running')",
        "Another change of keys is under way; wait until it is done.",
    )

    # === COMPUTE === #

    @api.depends("kind", "create_date")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for order in self:
            order.display_name = kinds.get(order.kind, "").partition(":")[0]

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Order a change: saving it starts it."""
        if not self.env.su and not self.env.user.has_group(
            "veloc_compliance.group_officer"
        ):
            raise AccessError(self.env._("Only a compliance officer changes keys."))
        if any(vals.get("kind", "check") != "check" for vals in vals_list):
            self._stop_check()
        # sudo: the columns of the work are nobody's to write, see write().
        orders = super(VelocKeyChange, self.sudo()).create(
            [{"kind": vals.get("kind", "check")} for vals in vals_list]
        )
        for order in orders:
            order._begin()
        return orders.with_env(self.env)

    def _stop_check(self):
        """End a check under way: it has to give way to a change, and comes again."""
        # sudo: as below.
        checks_sudo = self.sudo().search(
            [("kind", "=", "check"), ("state", "in", LIVE)]
        )
        checks_sudo.write({"state": "stopped", "finished_at": fields.Datetime.now()})
        checks_sudo.flush_recordset()

    def write(self, vals):
        """An order that was given is not rewritten."""
        if not self.env.su:
            raise UserError(self.env._("An order to change keys cannot be edited."))
        return super().write(vals)

    def _begin(self):
        self._note("ordered")
        if self.kind == "master":
            try:
                count = self.env["veloc.data.key"]._wrap_anew()
            except master_key.KeyProblem as problem:
                raise UserError(str(problem)) from problem
            self.changed = count
            self._finish()
            return
        if self.kind == "data":
            self.env["veloc.data.key"]._announce_next()
            self.begins_at = fields.Datetime.now() + ANNOUNCED
        cron = self.env.ref("veloc_compliance.ir_cron_key_change")
        cron._trigger(self.begins_at)

    # === WORK === #

    @api.model
    def _cron_work(self):
        """Go on with the order that is due; check everything once a week."""
        cron = self.env["ir.cron"]
        self._order_weekly_check()
        order = self._due()
        time_left = cron._commit_progress(remaining=len(order))
        while order and time_left:
            self._read_committed()
            order._step()
            order = self._due()
            time_left = cron._commit_progress(1, remaining=len(order))
        later = self.search([("state", "in", LIVE)], limit=1)
        if later:
            self.env.ref("veloc_compliance.ir_cron_key_change")._trigger(
                later.begins_at
            )

    @api.model
    def _due(self):
        return self.search(
            [
                ("state", "in", LIVE),
                ("begins_at", "<=", fields.Datetime.now()),
            ],
            limit=1,
        )

    @api.model
    def _order_weekly_check(self):
        recent = fields.Datetime.now() - BETWEEN_CHECKS
        if not self.search_count(
            ["|", ("state", "in", LIVE), ("create_date", ">=", recent)], limit=1
        ):
            self.create([{"kind": "check"}])

    def _read_committed(self):
        """See the newest rows: only the first statement of a transaction may say so."""
        cr = self.env.cr
        if cr._cnx.get_transaction_status() == extensions.TRANSACTION_STATUS_IDLE:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

    def _step(self):
        """Work off one batch."""
        if self.state == "waiting":
            if self.kind == "data":
                self.env["veloc.data.key"]._activate_next()
            self.write({"state": "running", "place": self._places()[0], "last_id": 0})
            return
        passed = self._pass()
        self.seen += passed.seen
        self.changed += passed.changed
        self.broken_here += passed.broken
        if passed.last_id is not None:
            self.last_id = passed.last_id
        else:
            self._next_place()

    def _places(self):
        columns = self.env["veloc.key.walk"]._columns()
        return [*(f"{c.table}.{c.name}" for c in columns), FILES]

    def _column(self):
        columns = self.env["veloc.key.walk"]._columns()
        return next((c for c in columns if f"{c.table}.{c.name}" == self.place), None)

    def _pass(self):
        walk, renew = self.env["veloc.key.walk"], self.kind == "data"
        if self.place == FILES:
            return walk._pass_files(self.last_id, renew)
        column = self._column()
        if column is None:  # an addon was removed meanwhile
            return Passed(None)
        return walk._pass(column, self.last_id, renew)

    def _next_place(self):
        """Go to the next column, or once more over rows that were busy."""
        column = self._column()
        if self.kind == "data" and column and self._has_busy_rows(column):
            self.write(
                {
                    "last_id": 0,
                    "rounds": self.rounds + 1,
                    "broken_here": 0,
                    "begins_at": fields.Datetime.now() + BUSY * bool(self.rounds),
                }
            )
            return
        # The second lap meets the same ones again.
        self.broken = self.broken + self.broken_here if not self.laps else self.broken
        places = self._places()
        found = places.index(self.place) if self.place in places else -1
        if found + 1 < len(places):
            place = places[found + 1]
            self.write({"place": place, "last_id": 0, "rounds": 0, "broken_here": 0})
        elif self.kind == "data" and not self.laps:
            # Whoever had not heard of the new keys yet has, a minute later.
            later = fields.Datetime.now() + ANNOUNCED
            first = {"place": places[0], "last_id": 0, "rounds": 0, "broken_here": 0}
            self.write({**first, "laps": 1, "begins_at": later})
        else:
            self._finish()

    def _has_busy_rows(self, column):
        """Return whether another round may find rows that were locked before.

        What does not open keeps its old key, and would be found for ever.
        """
        if self.rounds >= MOST_ROUNDS:
            return False
        return self.env["veloc.key.walk"]._older(column) > self.broken_here

    def _finish(self):
        self.write(
            {"state": "done", "finished_at": fields.Datetime.now(), "place": False}
        )
        self._note("done")
        if not self.broken:
            alerts = self.env["veloc.alert"]
            # sudo: an alert's cause is gone whoever ordered the check.
            for alert in alerts.sudo().search(
                [("code", "=", "ciphertext_unreadable"), ("state", "!=", "closed")]
            ):
                alerts._clear(alert.code, alert.key or "")

    def _note(self, what):
        self.env["veloc.ledger.entry"]._note(
            "key",
            model=self._name,
            res_id=self.id,
            public={
                "operation": what,
                "change": self.kind,
                "seen": self.seen,
                "changed": self.changed,
                "broken": self.broken,
            },
        )
