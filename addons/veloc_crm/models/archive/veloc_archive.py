import os
from pathlib import Path

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

VARIABLE = "VELOC_ARCHIVE"
RAW = "veloc_trader_event_raw"
MANAGER = "veloc_crm.group_manager"
STATES = [("archived", "Archived"), ("restored", "Brought back")]
# A month that somebody brought back stays for so long.
RESTORED_FOR = relativedelta(days=30)
DEFAULT_MONTHS = 24


class VelocArchive(models.Model):
    """A month of events that left the database: its sealed file, and its proof.

    Sums, states and the ids that keep an event from being stored twice stay. The file
    is read back and compared row by row before the month is dropped.
    """

    _name = "veloc.archive"
    _description = "Archived Month"
    _log_access = False
    _order = "month desc, id desc"
    _rec_name = "month"
    _veloc_ledger_fields = frozenset({"state", "month", "sha256", "row_count"})
    _veloc_ledger_kind = "config"

    month = fields.Date(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="archived")
    file_name = fields.Char("File", required=True, readonly=True)
    size = fields.Float("Bytes", digits=(16, 0), readonly=True)
    sha256 = fields.Char("SHA-256", required=True, readonly=True)
    row_count = fields.Integer("Events", readonly=True)
    sums = fields.Json("Sums by Type", readonly=True)
    sums_text = fields.Text("Sums", compute="_compute_sums_text")
    checksum = fields.Char(
        readonly=True, help="A hash over all columns of all rows, whatever their order."
    )
    key_sealed = fields.Char(readonly=True, groups=NO_ACCESS)
    archived_at = fields.Datetime(required=True, readonly=True)
    rewritten_at = fields.Datetime(
        "Rewritten", readonly=True, help="Erased people were taken out of the file."
    )
    restored_at = fields.Datetime("Brought Back", readonly=True)

    _month_idx = models.Index("(month) WHERE state = 'archived'")

    # === COMPUTE === #

    @api.depends("month")
    def _compute_display_name(self):
        for archive in self:
            archive.display_name = f"{archive.month:%Y-%m}" if archive.month else ""

    @api.depends("sums")
    def _compute_sums_text(self):
        for archive in self:
            archive.sums_text = "\n".join(
                f"{kind}: {entry['count']:,} · {entry['amount']}"
                for kind, entry in sorted((archive.sums or {}).items())
            )

    # === ACTIONS === #

    def action_restore(self):
        """Bring these months back into the database (button)."""
        self._check_manager()
        for archive in self:
            # sudo: nobody has write rights; the caller was checked.
            archive.sudo()._restore()
        self.invalidate_recordset(flush=False)
        return True

    def action_verify(self):
        """Read the files and compare them with what was noted (button)."""
        self._check_manager()
        # sudo: the key of a file is closed to everybody; the caller was checked.
        for archive_sudo in self.sudo():
            archive_sudo._check_file()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The files are as they were written."),
            },
        }

    @api.model
    def _check_manager(self):
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only managers may do this."))

    # === SETTINGS === #

    @api.model
    def _get_limit(self):
        """Return the months after which events leave; 0: never."""
        # sudo: a number that steers the house.
        parameters = self.env["ir.config_parameter"].sudo()
        value = parameters.get_param("veloc_crm.archive_after_months")
        return int(value) if (value or "").isdigit() else DEFAULT_MONTHS

    @api.model
    def _is_armed(self):
        # sudo: as above.
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("veloc_crm.archive_armed") == "1"

    @api.model
    def _folder(self):
        """Return the folder of this database's archives; make it if need be."""
        named = os.environ.get(VARIABLE, "").strip()
        root = Path(named) if named else Path(tools.config["data_dir"], "veloc/archive")
        folder = root / self.env.cr.dbname
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _path(self):
        path = self._folder() / self.file_name
        if not path.exists():
            raise UserError(
                self.env._("The file %(name)s is not in its folder.", name=path.name)
            )
        return path

    # === WHAT IS DUE === #

    @api.model
    def _due_months(self, now, limit=None):
        """Return the months that are old enough, the oldest first."""
        limit = self._get_limit() if limit is None else limit
        if limit < 1:
            return []
        last = now.date().replace(day=1) - relativedelta(months=limit)
        kept = self.search(
            [("state", "=", "restored"), ("restored_at", ">", now - RESTORED_FOR)]
        )
        months = self.env["veloc.partition"]._find_months(RAW)
        return sorted(m for m in months - set(kept.mapped("month")) if m < last)

    @api.model
    def _last_archived(self):
        """Return the latest month that is not in the database, or False."""
        return self.search([("state", "=", "archived")], limit=1).month

    @api.model
    def _measure_months(self, months):
        """Return ``[(month, rows as estimated, bytes)]``."""
        tables = {f"{RAW}_{month:%Y%m}": month for month in months}
        rows = self.env.execute_query(
            SQL(
                "SELECT relname, greatest(reltuples, 0)::int8,"
                " pg_total_relation_size(oid) FROM pg_class"
                " WHERE relname = ANY(%s) AND relkind = 'r' ORDER BY relname",
                list(tables),
            )
        )
        return [(tables[name], count, size) for name, count, size in rows]
