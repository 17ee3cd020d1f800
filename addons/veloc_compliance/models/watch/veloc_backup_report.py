import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...rules import moments

KINDS = [
    ("backup", "Backup"),
    ("restore_test", "Restore test"),
]
SCOPES = [
    ("full", "Database and files"),
    ("database", "Database"),
    ("files", "Files"),
    ("log", "Transaction log"),
]
NEEDED = {"name", "kind", "started_at", "ended_at", "is_good"}
TAKEN = {
    *NEEDED, "scope", "size", "sha256", "place", "key_name", "error", "backup_id",
    "rows_equal", "ledger_verified", "files_checked", "tombstones_replayed",
}  # fmt: skip


class VelocBackupReport(models.Model):
    """What the backup's scripts say of each run, and of each restore that was tried.

    Rows are evidence: they are posted once and never change.
    """

    _name = "veloc.backup.report"
    _inherit = ["veloc.append.only"]
    _description = "Backup report"
    _log_access = False
    _order = "ended_at desc, id desc"

    name = fields.Char(required=True, readonly=True, help="Which job, on which host.")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    scope = fields.Selection(SCOPES, readonly=True, default="full")
    started_at = fields.Datetime(required=True, readonly=True)
    ended_at = fields.Datetime(required=True, readonly=True)
    seconds = fields.Integer("Took (s)", readonly=True, aggregator="avg")
    is_good = fields.Boolean("Succeeded", readonly=True)
    size = fields.Float("Size (bytes)", digits=(20, 0), readonly=True)
    size_label = fields.Char("Size", compute="_compute_size_label")
    sha256 = fields.Char("SHA-256", readonly=True)
    place = fields.Char(readonly=True, help="Where it lies: no secrets here.")
    key_name = fields.Char(
        "Encryption key", readonly=True, help="Name of the key, never the key itself."
    )
    error = fields.Text("What went wrong", readonly=True)
    backup_id = fields.Many2one(
        "veloc.backup.report", "Of the backup", readonly=True, ondelete="restrict"
    )
    rows_equal = fields.Boolean("Row counts equal", readonly=True)
    ledger_verified = fields.Boolean(readonly=True)
    files_checked = fields.Boolean("File checksums equal", readonly=True)
    tombstones_replayed = fields.Boolean("Erasures replayed", readonly=True)
    reported_by_id = fields.Many2one("res.users", "Reported by", readonly=True)
    reported_at = fields.Datetime(readonly=True)

    _ends_after_start = models.Constraint(
        "CHECK (ended_at >= started_at)", "It ends after it starts."
    )
    _hash_shape = models.Constraint(
        "CHECK (sha256 IS NULL OR sha256 ~ '^[0-9a-f]{64}$')",
        "A SHA-256 has 64 hexadecimal digits.",
    )
    _good_is_proved = models.Constraint(
        "CHECK (NOT is_good OR kind <> 'backup' OR (sha256 IS NOT NULL AND size > 0))",
        "A backup that succeeded has a size and a SHA-256.",
    )
    _newest = models.Index("(kind, is_good, ended_at)")

    # === COMPUTE === #

    @api.depends("size")
    def _compute_size_label(self):
        for report in self:
            size, unit = report.size or 0, "B"
            for unit in ("B", "kB", "MB", "GB", "TB"):
                if size < 1000 or unit == "TB":
                    break
                size /= 1000
            report.size_label = f"{size:.3g} {unit}" if report.size else ""

    # === BUSINESS === #

    @api.model
    def report(self, values):
        """Store what a script says of a run; return ``{"id", "sha256"}``. For programs.

        ``values``: name, kind ("backup" or "restore_test"), started_at, ended_at
        (RFC 3339), is_good, and scope, size, sha256, place, key_name, error; for a
        restore test the ``sha256`` of the backup it read, and rows_equal,
        ledger_verified, files_checked, tombstones_replayed.
        """
        if not self.env.user.has_group("veloc_compliance.group_backup"):
            raise AccessError(self.env._("Only backup programs report backups."))
        row = self._prepare_report(values)
        # sudo: the group was checked; nobody has create access, so all rows pass here.
        report = self.sudo().create(row)
        return {"id": report.id, "sha256": report.sha256 or ""}

    def _prepare_report(self, values):
        unknown = values.keys() - TAKEN
        missing = NEEDED - values.keys()
        if unknown or missing:
            raise ValidationError(
                self.env._(
                    "Missing: %(missing)s. Unknown: %(unknown)s.",
                    missing=", ".join(sorted(missing)) or "-",
                    unknown=", ".join(sorted(unknown)) or "-",
                )
            )
        row = {**values, "is_good": values["is_good"] is True}
        for name in ("started_at", "ended_at"):
            row[name] = moments.read(values[name])
            if row[name] is None:
                raise ValidationError(
                    self.env._("%(name)s is no moment in RFC 3339.", name=name)
                )
        if row.get("sha256"):
            row["sha256"] = self._read_hash(row["sha256"])
        row["seconds"] = int((row["ended_at"] - row["started_at"]).total_seconds())
        row["reported_at"] = fields.Datetime.now()
        row["reported_by_id"] = self.env.uid
        return row | self._prepare_restore(row)

    def _read_hash(self, text):
        digits = str(text).strip().lower()
        if not re.fullmatch(r"[0-9a-f]{64}", digits):
            raise ValidationError(self.env._("A SHA-256 has 64 hexadecimal digits."))
        return digits

    def _prepare_restore(self, row):
        """A restore test counts only if all that it must show was shown."""
        if row["kind"] != "restore_test":
            return {}
        shown = ("rows_equal", "ledger_verified", "files_checked")
        # sudo: a program that reports may read no reports; it names one by its hash.
        backup = self.sudo().search(
            [("kind", "=", "backup"), ("sha256", "=", row.get("sha256") or "-")],
            limit=1,
        )
        return {
            "backup_id": row.get("backup_id") or backup.id,
            "is_good": row["is_good"] and all(row.get(name) is True for name in shown),
        }
