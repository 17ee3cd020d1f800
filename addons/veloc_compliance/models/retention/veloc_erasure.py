import logging
import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...rules import erasure_state

_logger = logging.getLogger(__name__)
STATES = [
    (erasure_state.REQUESTED, "Requested"),
    (erasure_state.BLOCKED, "Blocked"),
    (erasure_state.PSEUDONYMISED, "Pseudonymised, kept under hold"),
    (erasure_state.DESTROYED, "Erased, key destroyed"),
]
REASONS = [
    ("request", "Request of the person"),
    ("retention", "The retention period is over"),
    ("consent", "The consent was withdrawn"),
    ("restore", "Came back with a restored backup"),
    ("officer", "Decision of the encarregado"),
]


class VelocErasure(models.Model):
    """One person's way out: blocked at once, then nameless, then without a key.

    A row per person and erasure; each step leaves evidence that nobody can change.
    ``_erase`` begins it, a job takes it on, and whatever interrupts the job, it
    continues where the last commit left it.
    """

    _name = "veloc.erasure"
    _description = "Erasure of a person"
    _order = "id desc"
    _rec_name = "reference"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    reference = fields.Char(
        required=True, readonly=True, default=lambda self: str(uuid.uuid4())
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default=erasure_state.REQUESTED
    )
    reason = fields.Selection(REASONS, required=True, readonly=True)
    note = fields.Char("In words", readonly=True)
    origin = fields.Char(readonly=True, help="What asked for it: model,id.")
    requested_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    requested_by = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    blocked_at = fields.Datetime(readonly=True)
    pseudonymised_at = fields.Datetime(readonly=True)
    destroyed_at = fields.Datetime("Key destroyed", readonly=True)
    held_until = fields.Date(
        readonly=True, help="Last day of the longest hold; empty: none, or open-ended."
    )
    has_files_to_collect = fields.Boolean(readonly=True)
    failures = fields.Integer(readonly=True)
    failure = fields.Char(readonly=True, help="Kind of the last error; no data.")
    step_ids = fields.One2many("veloc.erasure.step", "erasure_id", "Evidence")
    vault_ids = fields.One2many("veloc.erasure.vault", "erasure_id", "Sealed copies")
    hold_ids = fields.One2many(related="partner_id.veloc_hold_ids", readonly=True)

    _reference_unique = models.Constraint("UNIQUE (reference)", "Not unique.")
    _one_open = models.UniqueIndex(
        "(partner_id) WHERE state <> 'destroyed'",
        "This person is being erased already.",
    )
    _state_idx = models.Index("(state, id) WHERE state <> 'destroyed'")
    _files_idx = models.Index("(id) WHERE has_files_to_collect")

    # === COMPUTE === #

    @api.depends("partner_id", "state")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for erasure in self:
            erasure.display_name = (
                f"{erasure.partner_id.display_name} · {states.get(erasure.state)}"
            )

    # === ACTIONS === #

    def action_continue(self):
        """Take these erasures on now instead of tonight (button)."""
        self._check_officer()
        self._wake()
        return True

    def action_vault(self):
        """Ask why the sealed copy is to be opened (button)."""
        self.ensure_one()
        self._check_officer()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_vault_reading_action"
        )
        return action | {"context": {"default_erasure_id": self.id}}

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))

    # === BEGINNING === #

    @api.model
    def _erase(self, partners, reason, request=None):
        """Begin to erase these people: out of use at once, the rest by the job.

        ``reason`` is one of ours or a sentence without personal data. Returns their
        erasures, standing ones included; the legal duties that keep a sealed copy are
        known at once (``veloc.legal.hold``). Refuses colleagues and companies.
        """
        # sudo: nobody may create erasures; the callers have checked who asks.
        self = self.sudo()
        partners = partners.sudo().with_context(active_test=False)
        self._check_erasable(partners)
        code = reason if reason in dict(REASONS) else "request"
        standing = self.search(
            [("partner_id", "in", partners.ids), ("state", "!=", "destroyed")]
        )
        new = self.create(
            [
                {
                    "partner_id": partner.id,
                    "reason": code,
                    "note": reason if code != reason else False,
                    "origin": f"{request._name},{request.id}" if request else False,
                    "requested_by": self.env.uid,
                }
                for partner in partners - standing.partner_id
            ]
        )
        new._block()
        self.env["veloc.retention.duty"]._renew_holds(new)
        self._wake()
        return standing | new

    @api.model
    def _check_erasable(self, partners):
        users = partners.with_context(active_test=False).user_ids
        # Colleagues are persons too, but of the employer's own procedure.
        if users.filtered(lambda user: not user.share):
            raise UserError(
                self.env._("A colleague cannot be erased here: archive the user first.")
            )
        if self.env["res.company"].search_count(
            [("partner_id", "in", partners.ids)], limit=1
        ):
            raise UserError(self.env._("A company of this database cannot be erased."))

    @api.model
    def _wake(self):
        """Run the job soon."""
        self.env.ref("veloc_compliance.ir_cron_erasure")._trigger()

    def _block(self):
        """Take these people out of use: art. 5 XIII, until the rest is done."""
        fresh = self.filtered(lambda e: e.state == erasure_state.REQUESTED)
        if not fresh:
            return
        fresh.partner_id._veloc_block()
        fresh._move(erasure_state.BLOCKED, {"blocked_at": fields.Datetime.now()})
        fresh._prove("block")

    # === GOING ON === #

    @api.model
    def _take(self, limit):
        """Return erasures that something can be done about, locked, oldest first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id FROM veloc_erasure e
                WHERE e.state IN ('requested', 'blocked') OR (
                    e.state = 'pseudonymised' AND NOT EXISTS (
                        SELECT FROM veloc_legal_hold h
                        WHERE h.partner_id = e.partner_id AND %s))
                ORDER BY e.failures, e.id LIMIT %s FOR UPDATE OF e SKIP LOCKED
                """,
                self.env["veloc.legal.hold"]._in_force("h"),
                limit,
            )
        )
        return self.browse(row[0] for row in rows)

    def _advance(self):
        """Take these as far as the holds allow; all in this transaction."""
        self._block()
        named = self.filtered(lambda e: e.state == erasure_state.BLOCKED)
        if named:
            self.env["veloc.eraser"]._pseudonymise(named)
        self._release()

    def _release(self):
        """Destroy the keys of those whom nothing holds any more."""
        waiting = self.filtered(lambda e: e.state == erasure_state.PSEUDONYMISED)
        ids = waiting.partner_id.ids
        self.env["veloc.retention.duty"]._renew_holds(waiting)
        held = self.env["veloc.legal.hold"]._held(ids)
        free = waiting.filtered(lambda e: e.partner_id.id not in held)
        for erasure in waiting - free:
            untils = [until for _law, until in held[erasure.partner_id.id]]
            erasure.held_until = max(untils) if all(untils) else False
        if free:
            self.env["veloc.eraser"]._destroy(free)

    def _move(self, target, values):
        """Write the state; the only place that does."""
        wrong = self.filtered(lambda e: not erasure_state.can_move(e.state, target))
        if wrong:
            raise ValueError(f"erasures {wrong.ids} cannot become {target}")
        self.write({"state": target, **values})
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "erasure",
                    "model": self._name,
                    "res_id": erasure.id,
                    "subject_id": erasure.partner_id.id,
                    "public": {"deed": target, "reason": erasure.reason},
                }
                for erasure in self
            ]
        )
        self._after_move(target)

    def _after_move(self, target):
        """Do nothing; parts that follow an erasure (requests) extend it."""

    def _prove(self, deed, counts=None):
        """Add evidence to each: what was done and to how many rows of which model."""
        rows = [(name, number) for name, number in (counts or {"": 0}).items()]
        self.env["veloc.erasure.step"].create(
            [
                {
                    "erasure_id": erasure.id,
                    "deed": deed,
                    "model": model,
                    "rows": number,
                    "batch_size": len(self),
                }
                for erasure in self
                for model, number in rows
            ]
        )

    # === THE JOB === #

    @api.model
    def _cron_erase(self):
        """Take erasures on in batches, write the journal, collect files."""
        cron = self.env["ir.cron"]
        failed = self.browse()
        while True:
            batch = self._take(self._batch_size()) - failed
            if not batch:
                break
            failed |= batch._advance_or_note()
            if not cron._commit_progress(len(batch)):
                self._wake()
                break
        self.env["veloc.tombstone.journal"]._write_waiting()
        cron._commit_progress()
        self._collect_files()

    @api.model
    def _batch_size(self):
        return 200

    def _advance_or_note(self):
        """Advance; where a batch fails, each alone, so that one stops no other.

        Returns those that failed.
        """
        try:
            with self.env.cr.savepoint():
                self._advance()
        except Exception as error:  # noqa: BLE001 border of a job
            self.env.invalidate_all(flush=False)
            if len(self) > 1:
                return self.browse().union(*(e._advance_or_note() for e in self))
            # No text of the error, nor its trace: they may quote the very data.
            name = type(error).__name__
            _logger.error("Erasure %s failed: %s", self.id, name)  # noqa: TRY400
            self.write({"failures": self.failures + 1, "failure": name})
            self._alert()
            return self
        self.filtered("failures").write({"failures": 0, "failure": False})
        return self.browse()

    def _alert(self):
        self.env["veloc.alert"]._raise(
            "retention_run_failed",
            key=f"erasure:{self.id}",
            detail=self.env._(
                "The erasure %(reference)s stopped with an error: %(error)s.",
                reference=self.reference,
                error=self.failure,
            ),
            res_model=self._name,
            res_id=self.id,
        )

    @api.model
    def _collect_files(self):
        """Remove the files that nothing refers to any more, now and not some day."""
        waiting = self.search([("has_files_to_collect", "=", True)])
        if not waiting:
            return
        # Locks the table of attachments; when it is busy, the next pass tries again.
        if self.env["ir.attachment"]._gc_file_store() is not False:
            waiting.write({"has_files_to_collect": False})
            self.env["ir.cron"]._commit_progress()
