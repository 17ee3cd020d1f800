import base64
import csv
import hashlib
import io
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS

from ...rules import blocklist_file, field_cipher

STATES = [
    ("checked", "To be confirmed"),
    ("running", "Running"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
MODES = [
    ("replace", "The whole list: what is missing ends"),
    ("add", "An addition: nothing ends"),
]
CHUNK = 20_000
SAMPLE = 1000
LARGEST = 64 * 1024 * 1024
_OFFICER = "veloc_compliance.group_officer"


class VelocBlocklistImport(models.Model):
    """One file of a list: kept sealed with its SHA-256, worked off in pieces.

    The report says for each row what became of it, without repeating the address.
    """

    _name = "veloc.blocklist.import"
    _description = "File of a do-not-contact list"
    _order = "id desc"
    _rec_name = "filename"
    _veloc_ledger_fields = frozenset({"state", "sha256", "added", "ended"})

    list_id = fields.Many2one(
        "veloc.blocklist", required=True, readonly=True, ondelete="restrict"
    )
    filename = fields.Char(required=True, readonly=True)
    mode = fields.Selection(MODES, required=True, readonly=True, default="replace")
    sealed = fields.Binary(attachment=True, readonly=True, groups=NO_ACCESS, copy=False)
    sha256 = fields.Char("SHA-256", required=True, readonly=True)
    size = fields.Integer("Bytes", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Imported by", required=True, readonly=True, ondelete="restrict"
    )
    imported_at = fields.Datetime("Received", required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="running")
    warning = fields.Char(readonly=True)
    done_at = fields.Datetime("Finished", readonly=True)
    total = fields.Integer("Rows", readonly=True)
    next_row = fields.Integer("Worked off", readonly=True)
    added = fields.Integer("New entries", readonly=True)
    kept = fields.Integer("Entries kept", readonly=True)
    ended = fields.Integer("Entries ended", readonly=True)
    invalid = fields.Integer("Rows refused", readonly=True)
    report = fields.Binary("Row by row", attachment=True, readonly=True)
    report_name = fields.Char(compute="_compute_report_name")

    _running_idx = models.Index("(id) WHERE state = 'running'")

    # === COMPUTE === #

    @api.depends("filename")
    def _compute_report_name(self):
        for run in self:
            run.report_name = f"{(run.filename or '').rpartition('.')[0]}-report.csv"

    # === ACTIONS === #

    def action_confirm(self):
        """Go on with a file that looked odd (button)."""
        self._check_officer()
        # sudo: nobody has write rights; the caller was checked.
        self.sudo().filtered(lambda run: run.state == "checked").state = "running"
        self._wake()
        return True

    def action_cancel(self):
        """Leave the list as it is (button)."""
        self._check_officer()
        # sudo: nobody has write rights; the caller was checked.
        self.sudo().filtered(lambda run: run.state == "checked").state = "cancelled"
        return True

    def _check_officer(self):
        if not self.env.user.has_group(_OFFICER):
            raise AccessError(self.env._("Only a compliance officer may decide this."))

    # === RECEIVING === #

    @api.model
    def _receive(self, blocklist, filename, data, mode="replace"):
        """Keep the file and begin to work it off; return the import."""
        if len(data) > LARGEST:
            raise UserError(self.env._("The file is too large: split it."))
        text = blocklist_file.decode(data)
        sample = islice(blocklist_file.read(text, blocklist.holds or None), SAMPLE)
        rows = blocklist_file.count(text)
        if not any(row.kind for row in sample):
            raise UserError(
                self.env._("The file names no phone number, e-mail address or CPF.")
            )
        standing = blocklist._count_entries().get(blocklist, 0)
        is_odd = mode == "replace" and blocklist_file.is_suspiciously_short(
            rows, standing
        )
        # sudo: imports are made here only, in the name of who brings the file.
        run_sudo = self.sudo().create(
            {
                "list_id": blocklist.id,
                "filename": filename,
                "mode": mode,
                "sha256": hashlib.sha256(data).hexdigest(),
                "size": len(data),
                "total": rows,
                "user_id": self.env.uid,
                "imported_at": fields.Datetime.now(),
                "state": "checked" if is_odd else "running",
                "warning": is_odd and self._why_odd(rows, standing),
            }
        )
        run_sudo._seal(data)
        if not is_odd:
            run_sudo._begin(rows)
        return run_sudo

    def _why_odd(self, rows, standing):
        """Return why the officer should look at it before it replaces the list."""
        return self.env._(
            "The file names %(rows)s addresses; the list has %(count)s. Is it the "
            "whole list?",
            rows=rows,
            count=standing,
        )

    def _begin(self, rows):
        """Work small files off at once; large ones in the background."""
        if rows <= CHUNK:
            self._work()
        else:
            self._wake()

    @api.model
    def _wake(self):
        # sudo: waking a job is all that happens.
        self.env.ref("veloc_compliance.ir_cron_blocklist").sudo()._trigger()

    # === THE FILE === #

    def _seal(self, data):
        place = field_cipher.context(self._table, "sealed", self.id)
        sealed = self.env["veloc.keyring"]._seal(place, data)
        self.sealed = base64.b64encode(sealed.encode())

    def _read_file(self):
        """Return the bytes that were received; refuse any others."""
        place = field_cipher.context(self._table, "sealed", self.id)
        sealed = base64.b64decode(self.with_context(bin_size=False).sealed).decode()
        data = self.env["veloc.keyring"]._open(place, sealed)
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise UserError(self.env._("The file is not the one that was received."))
        return data

    # === WORKING === #

    def _work(self):
        """Work off the next piece; return how many rows are left."""
        self.ensure_one()
        text = blocklist_file.decode(self._read_file())
        rows = blocklist_file.read(text, self.list_id.holds or None, self.next_row)
        piece = list(islice(rows, CHUNK))
        told = self._store(piece)
        self._append_report(piece, told)
        self.write(
            {
                "next_row": self.next_row + len(piece),
                "added": self.added + sum(told.values()),
                "kept": self.kept + len(told) - sum(told.values()),
                "invalid": self.invalid + sum(not row.kind for row in piece),
            }
        )
        left = self.total - self.next_row
        if not left:
            self._finish()
        return left

    def _store(self, piece):
        addresses = {(row.kind, row.value) for row in piece if row.kind}
        entries = self.env["veloc.blocklist.entry"]
        return entries._store(self.list_id, self, addresses) if addresses else {}

    def _append_report(self, piece, told):
        """Say for each row what became of it, without the address."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        if not self.next_row:
            writer.writerow(["row", "kind", "outcome"])
        for row in piece:
            outcome = row.problem or ("new" if told[row.kind, row.value] else "known")
            writer.writerow([row.line, row.kind, outcome])
        before = base64.b64decode(self.with_context(bin_size=False).report or b"")
        self.report = base64.b64encode(before + out.getvalue().encode())

    def _finish(self):
        entries = self.env["veloc.blocklist.entry"]
        is_whole = self.mode == "replace"
        ended = entries._end_missing(self.list_id, self) if is_whole else 0
        self.write({"state": "done", "ended": ended, "done_at": fields.Datetime.now()})

    @api.model
    def _cron_import(self):
        """Work files off piece by piece, each piece committed."""
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(remaining=self._count_left())
        while time_left and (
            run := self.search([("state", "=", "running")], order="id", limit=1)
        ):
            if not run.try_lock_for_update():
                return
            run._work()
            time_left = cron._commit_progress(1, remaining=self._count_left())

    def _count_left(self):
        return self.search_count([("state", "=", "running")])
