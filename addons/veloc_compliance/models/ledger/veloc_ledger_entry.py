import logging
from collections import Counter, deque

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module
from odoo.tools import SQL

from ...rules import ledger_entry, ledger_words
from ...rules.ledger_entry import KINDS, Note

BUFFER = "veloc.ledger.notes"
APART = "veloc.ledger.apart"
TRIES = 2
VIEW = """
DROP VIEW IF EXISTS veloc_ledger_entry;
CREATE VIEW veloc_ledger_entry AS
SELECT entry.id, entry.at, entry.kind, NULLIF(entry.user_id, 0) AS user_id,
    entry.model, entry.res_id, entry.subject_id, entry.public, leaf.id AS position
FROM veloc_ledger_entry_raw entry
LEFT JOIN veloc_ledger_leaf leaf ON leaf.entry_id = entry.id
"""
# A test's cursor never commits: what was noted apart waits here to be looked at.
_held_by_tests = deque(maxlen=1000)
_logger = logging.getLogger(__name__)


class VelocLedgerEntry(models.Model):
    """What happened to whose data, by whom and when; written once, never changed."""

    _name = "veloc.ledger.entry"
    _description = "Ledger entry"
    _auto = False
    _log_access = False
    _order = "id desc"
    # Whoever reads the ledger reads about people.
    _veloc_ledger_subject = "subject_id"
    _veloc_ledger_reads = True

    at = fields.Datetime("When", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    user_id = fields.Many2one("res.users", "Who", readonly=True)
    model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="model", readonly=True)
    subject_id = fields.Many2one("res.partner", "Data subject", readonly=True)
    public = fields.Text("What", readonly=True)
    position = fields.Integer("Leaf", readonly=True, aggregator=None)
    concerned_id = fields.Many2one(
        "res.partner",
        "Concerns",
        compute="_compute_concerned_id",
        search="_search_concerned_id",
        help="Also finds readings that showed several people.",
    )
    record = fields.Char("Record's name", compute="_compute_record")
    is_sealed = fields.Boolean(
        "Sealed", compute="_compute_is_sealed", search="_search_is_sealed"
    )
    summary = fields.Char(compute="_compute_summary")
    leaf_hash = fields.Char("Leaf hash", compute="_compute_leaf_hash")
    values = fields.Text(
        compute="_compute_values", groups="veloc_compliance.group_officer"
    )

    def init(self):
        """Make the tables and the view anew."""
        self.env["veloc.ledger.schema"]._install()
        self.env.cr.execute(VIEW)

    # === COMPUTE === #

    @api.depends("kind", "model", "res_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for entry in self:
            entry.display_name = f"{entry.id} · {kinds.get(entry.kind, entry.kind)}"

    @api.depends("subject_id")
    def _compute_concerned_id(self):
        for entry in self:
            entry.concerned_id = entry.subject_id

    def _search_concerned_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_ledger_entry_raw WHERE subject_ids IS NOT NULL"
                " AND subject_ids && %s::int[]",
                [id_ for id_ in value if id_],
            )
        )
        found = fields.Domain("id", "in", [id_ for (id_,) in rows])
        return fields.Domain("subject_id", "in", value) | found

    @api.depends("model", "res_id")
    @api.depends_context("lang")
    def _compute_record(self):
        models = self.env["ir.model"]
        names = {
            m: models._get(m).name for m in set(self.mapped("model")) if m in self.env
        }
        for entry in self:
            what = names.get(entry.model, entry.model or "")
            entry.record = f"{what} {entry.res_id}" if entry.res_id else what

    @api.depends("position")
    def _compute_is_sealed(self):
        for entry in self:
            entry.is_sealed = bool(entry.position)

    def _search_is_sealed(self, operator, value):
        if operator != "in":
            return NotImplemented
        sealed = fields.Domain("position", "!=", False)
        if set(value) == {True, False}:
            return fields.Domain.TRUE
        return sealed if True in value else ~sealed

    @api.depends("public")
    def _compute_summary(self):
        for entry in self:
            entry.summary = ledger_words.summary(entry.public)

    def _compute_leaf_hash(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT entry_id, encode(hash, 'hex') FROM veloc_ledger_leaf"
                " WHERE entry_id = ANY(%s)",
                self.ids,
            )
        )
        found = dict(rows)
        for entry in self:
            entry.leaf_hash = found.get(entry.id, False)

    def _compute_values(self):
        """Open what the entries keep sealed, as far as its keys still exist."""
        opened = self.env["veloc.ledger.person"]._open_all(self.ids)
        for entry in self:
            entry.values = ledger_words.values(opened.get(entry.id))

    # === ACTIONS === #

    def action_open_record(self):
        """Open the record that an entry is about, if there still is one."""
        self.ensure_one()
        known = self.model in self.env and self.res_id
        if not known or not self.env[self.model].browse(self.res_id).exists():
            raise UserError(self.env._("This record does not exist any more."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    @api.model
    def verify(self):
        """Examine the whole ledger; return what is wrong with it.

        ``{"ok", "size", "heads", "waiting", "late", "level", "anchors", "seconds",
        "findings": [{"code", "first", "last", "detail"}]}``. For auditors, over RPC.
        """
        self.env["veloc.ledger.head"]._check_auditor()
        # sudo: the right was checked; the examination reads tables, not records.
        return self.env["veloc.ledger.check"].sudo()._verify()

    # === CRUD === #

    @api.model
    def _search(self, *args, **kwargs):
        """Whoever looks sees what this transaction has noted so far."""
        self._write_buffer()
        self._write_held()
        return super()._search(*args, **kwargs)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Entries of the ledger can never be changed."))

    def unlink(self):  # pylint: disable=method-required-super
        # pylint: disable-next=no-raise-unlink  # refusing is what a ledger is for
        raise UserError(self.env._("Entries of the ledger can never be deleted."))

    # === NOTES === #

    @api.model
    def _note(
        self, kind, model="", res_id=0, subject_id=None, public=None, secret=None
    ):
        """Record something with this transaction: rolled back, it leaves no entry.

        ``public`` is a JSON-safe dict without personal data; ``secret`` a dict that is
        encrypted with the person's key, without a person with the house's.
        """
        self._buffer([self._prepare(kind, model, res_id, subject_id, public, secret)])

    @api.model
    def _note_many(self, notes):
        """Record several: dicts with the arguments of ``_note``."""
        self._buffer([self._prepare(**note) for note in notes])

    @api.model
    def _note_apart(
        self,
        kind,
        model="",
        res_id=0,
        subject_id=None,
        public=None,
        secret=None,
        subject_ids=(),
    ):
        """Record something after this transaction, whatever becomes of it.

        For reads, denials and failed logins. ``subject_ids`` are the people of a
        reading that concerned several.
        """
        note = self._prepare(kind, model, res_id, subject_id, public, secret)
        self._hold_apart(note._replace(subject_ids=tuple(subject_ids)))

    @api.model
    def _prepare(
        self, kind, model="", res_id=0, subject_id=None, public=None, secret=None
    ):
        if kind not in ledger_entry.KIND_CODES:
            raise ValueError(f"no such kind of entry: {kind}")
        return Note(
            kind,
            self.env.uid or SUPERUSER_ID,
            model or "",
            res_id or 0,
            subject_id or None,
            ledger_entry.text(public or {}),
            ledger_entry.text(secret) if secret else None,
        )

    # === WITH THE TRANSACTION === #

    @api.model
    def _buffer(self, notes):
        """Keep the notes until just before the commit or the next savepoint.

        Odoo runs what waits here at each savepoint's start and drops it when one is
        rolled back: notes share the fate of the changes they are about.
        """
        precommit = self.env.cr.precommit
        waiting = precommit.data.get(BUFFER)
        if waiting is None:
            waiting = precommit.data[BUFFER] = []
            precommit.add(self._write_buffer)
        waiting.extend(notes)

    @api.model
    def _write_buffer(self):
        if notes := self.env.cr.precommit.data.pop(BUFFER, None):
            # sudo: whoever changes something has it recorded; no ACL grants that.
            self.env["veloc.ledger.writer"].sudo()._write_notes(notes)

    # === BESIDE THE TRANSACTION === #

    @api.model
    def _hold_apart(self, note):
        if module.current_test:
            _held_by_tests.append(note)
            return
        cr = self.env.cr
        waiting = cr.postcommit.data.get(APART)
        if waiting is None:
            waiting = cr.postcommit.data[APART] = []
            registry = self.env.registry

            def write():
                _write_apart(registry, waiting)

            cr.postcommit.add(write)
            cr.postrollback.add(write)
        waiting.append(note)

    @api.model
    def _write_held(self):
        """In tests, write what was noted apart into the test's own transaction."""
        if _held_by_tests and module.current_test:
            notes = list(_held_by_tests)
            _held_by_tests.clear()
            # sudo: as in _write_buffer.
            self.env["veloc.ledger.writer"].sudo()._write_notes(notes)


def _write_apart(registry, notes):
    """Write on a cursor of our own; the request is over and must not suffer.

    Tried twice: a database that was just restarted breaks the first connection. What
    is lost after all stands in the log and is told as an alert.
    """
    waiting, notes[:] = list(notes), []
    for _attempt in range(TRIES):
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["veloc.ledger.writer"]._write_notes(waiting)
        except Exception:
            _logger.exception("%s ledger entries could not be written", len(waiting))
        else:
            return
    _tell_of_loss(registry, waiting)


def _tell_of_loss(registry, notes):
    kinds = Counter(note.kind for note in notes)
    try:
        with registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["veloc.alert"]._raise(
                "ledger_entry_lost",
                detail=", ".join(f"{kind}: {n}" for kind, n in sorted(kinds.items())),
                severity="critical",
            )
    except Exception:
        _logger.exception("the alert about lost ledger entries could not be raised")
