import os
from pathlib import Path

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import spool_file

VARIABLE = "VELOC_SPOOL"
STATES = [
    ("waiting", "Waiting"),
    ("reading", "Being read"),
    ("done", "Read"),
    ("failed", "Cannot be read"),
]
MESSAGES = spool_file.FILE_MESSAGES
OPEN = ("waiting", "reading")


class VelocSpool(models.Model):
    """A file of events that a program put into the spool folder, and how far we are.

    Programs write ``in/name.part`` and rename it when it is whole. The position is
    committed with each batch: whatever ends the reader, nothing is lost or doubled.
    """

    _name = "veloc.spool"
    _description = "Spool File"
    _log_access = False
    _order = "id desc"
    _veloc_ledger_fields = frozenset({"state", "name"})

    name = fields.Char("File", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    source = fields.Char(readonly=True)
    profile_id = fields.Many2one("veloc.import.profile", readonly=True)
    is_history = fields.Boolean(
        "History", readonly=True, help="Cadences stay asleep: .history. in its name."
    )
    size = fields.Float("Bytes", digits=(16, 0), readonly=True)
    position = fields.Float(digits=(16, 0), readonly=True)
    progress = fields.Float("Read (%)", digits=(5, 1), readonly=True)
    line = fields.Integer("Lines", readonly=True)
    accepted = fields.Integer("Stored", readonly=True)
    duplicates = fields.Integer("Known Already", readonly=True)
    rejected = fields.Integer("Refused", readonly=True)
    report_size = fields.Float(digits=(16, 0), readonly=True)
    code = fields.Char("Error Code", readonly=True)
    message = fields.Char("Why", compute="_compute_message")
    found_at = fields.Datetime(required=True, readonly=True)
    done_at = fields.Datetime("Finished", readonly=True)
    stored_as = fields.Char("Moved To", readonly=True)
    reject_ids = fields.One2many("veloc.ingest.reject", "spool_id", "Dead Rows")

    _open_unique = models.UniqueIndex("(name) WHERE state IN ('waiting', 'reading')")

    # === COMPUTE === #

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_message(self):
        for spool in self:
            text = MESSAGES.get(spool.code)
            spool.message = self.env._(text) if text else spool.code

    # === ACTIONS === #

    def action_open_rejects(self):
        """Open the dead rows of these files."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_ingest_reject_action"
        )
        return action | {"domain": [("spool_id", "in", self.ids)], "context": {}}

    # === THE FOLDER === #

    @api.model
    def _folder(self):
        """Return the spool folder with its three parts made, None without setting."""
        named = os.environ.get(VARIABLE, "").strip()
        if not named:
            return None
        folder = Path(named)
        for part in ("in", "done", "failed"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        return folder

    @api.model
    def _discover(self, folder):
        """Note the files that are there and not noted yet, oldest first."""
        found = []
        with os.scandir(folder / "in") as entries:
            for entry in entries:
                name = spool_file.read_name(entry.name)
                if name and entry.is_file(follow_symlinks=False):
                    found.append((entry.stat().st_mtime, entry, name))
        for _time, entry, name in sorted(found, key=lambda item: item[0]):
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO veloc_spool (name, company_id, state, source,
                        is_history, size, position, progress, line, accepted,
                        duplicates, rejected, report_size, found_at)
                    VALUES (%s, %s, 'waiting', %s, %s, %s, 0, 0, 0, 0, 0, 0, 0, %s)
                    ON CONFLICT (name) WHERE state IN ('waiting', 'reading')
                        DO NOTHING
                    """,
                    entry.name,
                    self.env.company.id,
                    name.source,
                    name.is_history,
                    entry.stat().st_size,
                    fields.Datetime.now(),
                )
            )
        self.invalidate_model(flush=False)

    # === THE JOB === #

    @api.model
    def _cron_read(self):
        """Read what programs have put there, batch by batch, each committed."""
        folder = self._folder()
        if folder is None:
            return
        self._discover(folder)
        cron = self.env["ir.cron"]
        waiting = self.search([("state", "in", OPEN)], order="id")
        time_left = cron._commit_progress(remaining=len(waiting))
        for spool in waiting:
            if not time_left:
                break
            time_left = spool._read(folder, cron)
