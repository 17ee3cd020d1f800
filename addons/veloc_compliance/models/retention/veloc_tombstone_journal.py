import json
import logging
import os
from datetime import datetime
from pathlib import Path

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ...rules import tombstone_journal as journal

_logger = logging.getLogger(__name__)
VARIABLE = "VELOC_TOMBSTONES"
MAC_LABEL = "tombstones"


class VelocTombstoneJournal(models.Model):
    """What has to be told to the file outside the database, and what it told us.

    A restored backup knows nothing of those erased since; the file does. Rows are
    written with the erasure, the file follows after the commit: a crash between the
    two leaves rows without a time, which the next pass writes.
    """

    _name = "veloc.tombstone.journal"
    _description = "Journal of erasures"
    _order = "id desc"
    _log_access = False
    _rec_name = "reference"

    reference = fields.Char("Erasure", required=True, readonly=True)
    deed = fields.Selection(
        [
            (journal.PSEUDONYMISED, "Pseudonymised"),
            (journal.DESTROYED, "Key destroyed"),
            (journal.RETURNED, "Came back"),
        ],
        required=True,
        readonly=True,
    )
    at = fields.Datetime(required=True, readonly=True)
    partner_number = fields.Integer("Contact's number", readonly=True)
    written_at = fields.Datetime("In the file since", readonly=True)

    _deed_unique = models.Constraint("UNIQUE (reference, deed)", "Told already.")
    _waiting_idx = models.Index("(id) WHERE written_at IS NULL")

    # === THE FILE === #

    @api.model
    def _path(self):
        """Return the file; it must not be part of what a restore overwrites."""
        named = os.environ.get(VARIABLE)
        if named:
            return Path(named)
        folder = Path(tools.config["data_dir"]) / "veloc"
        return folder / f"tombstones-{self.env.cr.dbname}.jsonl"

    @api.model
    def _mac(self, data):
        return self.env["veloc.keyring"]._mac(MAC_LABEL, data)

    @api.model
    def _tell(self, erasures, deed):
        """Note a deed for the file, with this transaction."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_tombstone_journal
                    (reference, deed, at, partner_number)
                SELECT reference, %s, now() AT TIME ZONE 'UTC', partner_id
                FROM veloc_erasure WHERE id = ANY(%s)
                ON CONFLICT (reference, deed) DO NOTHING
                """,
                deed,
                erasures.ids,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _wake(self):
        """Let the job write the file soon after this transaction."""
        self.env.ref("veloc_compliance.ir_cron_erasure")._trigger()

    @api.model
    def _write_waiting(self):
        """Append what the file does not say yet; return how many lines.

        Written and flushed to the disk before the rows say so: after a crash a line
        may stand there twice, never not at all.
        """
        waiting = self.search([("written_at", "=", False)], order="id", limit=5000)
        if not waiting:
            return 0
        marks = self._marks(waiting)
        path = self._path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = [
            journal.write(
                self._entry(row, *marks.get(row.reference, ((), ()))), self._mac
            )
            for row in waiting
        ]
        # A last line that a crash cut off must not spoil the next one.
        with path.open("a", encoding="ascii") as file:
            file.write("\n" * (file.tell() > 0) + "\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o600)
        waiting.write({"written_at": fields.Datetime.now()})
        return len(lines)

    def _marks(self, rows):
        """Return ``{reference: (marks, care)}`` of these rows."""
        # sudo: the hashes are hidden from everybody.
        stones_sudo = self.env["veloc.tombstone"].sudo()
        found = {}
        for stone in stones_sudo.search(
            [("reference", "in", rows.mapped("reference"))], order="id"
        ):
            marks, _care = found.get(stone.reference, ((), ()))
            care = tuple(map(tuple, json.loads(stone.care or "[]")))
            found[stone.reference] = ((*marks, (stone.kind, stone.digest)), care)
        return found

    def _entry(self, row, marks, care):
        return journal.Entry(
            reference=row.reference,
            deed=row.deed,
            at=row.at.isoformat(),
            partner_id=row.partner_number,
            marks=marks,
            care=care,
        )

    # === READING IT BACK === #

    @api.model
    def _read_file(self, lines=None):
        """Return the entries of the file (or of the lines given) and the bad lines."""
        if lines is None:
            path = self._path()
            if not path.exists():
                return [], []
            lines = path.read_text("ascii", errors="replace").splitlines()
        return journal.read_all(lines, self._mac)

    @api.model
    def _missing(self, entries):
        """Return the entries this database has never heard of: it is an older one."""
        rows = self.env.execute_query(
            SQL("SELECT reference, deed FROM veloc_tombstone_journal")
        )
        known = {tuple(row) for row in rows}
        return [e for e in entries if (e.reference, e.deed) not in known]

    @api.model
    def _adopt(self, entries):
        """Take over marks and deeds that the file knows and we do not."""
        self.env["veloc.tombstone"]._bury(
            [
                {
                    "kind": kind,
                    "digest": digest,
                    "reference": entry.reference,
                    "erased_at": entry.at,
                    "care": json.dumps(entry.care),
                }
                for entry in entries
                if entry.deed != journal.RETURNED
                for kind, digest in entry.marks
            ]
        )
        returned = [e.reference for e in entries if e.deed == journal.RETURNED]
        # sudo: nobody may write tombstones; the journal's lines are signed.
        self.env["veloc.tombstone"].sudo().search(
            [("reference", "in", returned), ("returned_at", "=", False)]
        ).write({"returned_at": fields.Datetime.now(), "return_road": "journal"})
        self._note_known(entries)

    @api.model
    def _note_known(self, entries):
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_tombstone_journal
                    (reference, deed, at, partner_number, written_at)
                SELECT reference, deed, at, partner_number, %s
                FROM json_to_recordset(%s::json) AS r (reference varchar,
                    deed varchar, at timestamp, partner_number int4)
                ON CONFLICT (reference, deed) DO NOTHING
                """,
                now,
                json.dumps(
                    [
                        {
                            "reference": e.reference,
                            "deed": e.deed,
                            "at": datetime.fromisoformat(e.at).isoformat(),
                            "partner_number": e.partner_id,
                        }
                        for e in entries
                    ]
                ),
            )
        )
        self.invalidate_model(flush=False)
