import logging
from collections import deque

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.modules import module

from ...rules import ledger_entry
from ...rules.ledger_entry import KINDS, Note

BUFFER = "veloc.ledger.notes"
APART = "veloc.ledger.apart"
VIEW = """
CREATE OR REPLACE VIEW veloc_ledger_entry AS
SELECT entry.id, entry.at, entry.kind, entry.user_id, entry.model, entry.res_id,
    entry.subject_id, entry.subject_ids, entry.public, entry.secret,
    leaf.id AS position
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

    at = fields.Datetime("When", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    user_id = fields.Many2one("res.users", "Who", readonly=True)
    model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="model", readonly=True)
    subject_id = fields.Many2one("res.partner", "Data subject", readonly=True)
    public = fields.Text("What", readonly=True)
    position = fields.Integer("Leaf", readonly=True, aggregator=None)

    def init(self):
        """Make the tables and the view anew."""
        self.env["veloc.ledger.schema"]._install()
        self.env.cr.execute(VIEW)

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
    """Write on a cursor of our own; the request is over and must not suffer."""
    waiting, notes[:] = list(notes), []
    try:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["veloc.ledger.writer"]._write_notes(waiting)
    except Exception:
        _logger.exception("%s ledger entries could not be written", len(waiting))
