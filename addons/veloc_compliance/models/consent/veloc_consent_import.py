import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...const import CHANNELS
from ...rules import field_cipher, proof_table

CHUNK = 1000
# Up to here the person at the screen waits; more rows go to the job.
AT_ONCE = 2000


class VelocConsentImport(models.Model):
    """Consents that were collected elsewhere, with the file that proves them.

    The file is kept as it came, sealed, under its SHA-256. Each row gets an answer:
    stored, known already, or refused and why. The same file twice adds nothing.
    """

    _name = "veloc.consent.import"
    _description = "Import of consent proofs"
    _order = "id desc"
    _rec_name = "filename"
    _veloc_ledger_fields = frozenset({"state", "file_hash"})
    _veloc_ledger_kind = "config"

    state = fields.Selection(
        [("draft", "Draft"), ("running", "Importing"), ("done", "Done")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    file = fields.Binary(
        compute="_compute_file",
        inverse="_inverse_file",
        help="CSV; comma, semicolon or tab, UTF-8 or Windows.",
    )
    filename = fields.Char(required=True)
    attachment_id = fields.Many2one(
        "ir.attachment", "File kept", readonly=True, copy=False, ondelete="restrict"
    )
    file_hash = fields.Char("File hash (SHA-256)", readonly=True, copy=False)
    file_size = fields.Integer("Bytes", readonly=True, copy=False)
    seen_before = fields.Boolean(compute="_compute_seen_before")
    column_ids = fields.One2many("veloc.consent.import.column", "import_id", "Columns")
    default_purpose_id = fields.Many2one(
        "veloc.purpose",
        "Purpose",
        help="For rows that name none.",
        domain="[('legal_basis', 'in', ['consent', 'legitimate_interest'])]",
    )
    default_channel = fields.Selection(CHANNELS, "Channel", help="For rows without.")
    default_granted = fields.Boolean(
        "Every row is a yes",
        help="Only if the file lists people who agreed and has no column for it.",
    )
    default_language = fields.Char(
        "Language", default="pt_BR", help="For rows without."
    )
    default_source = fields.Char(
        "Where it was collected",
        required=True,
        default="import",
        help="The form, fair or system: part of the proof.",
    )
    zone = fields.Char("Time zone", required=True, default="America/Sao_Paulo")
    is_day_first = fields.Boolean("Day before month", default=True)
    missing = fields.Text("Still to map", compute="_compute_missing")
    row_ids = fields.One2many("veloc.consent.import.row", "import_id", readonly=True)
    position = fields.Integer("Rows done", readonly=True, copy=False)
    row_count = fields.Integer("Rows", readonly=True, copy=False)
    stored_count = fields.Integer("Stored", compute="_compute_counts")
    known_count = fields.Integer("Known already", compute="_compute_counts")
    refused_count = fields.Integer("Refused", compute="_compute_counts")
    imported_at = fields.Datetime(readonly=True, copy=False)
    imported_by = fields.Many2one("res.users", readonly=True, copy=False)

    # === COMPUTE === #

    def _compute_file(self):
        for job in self:
            job.file = job.attachment_id and base64.b64encode(job._content())

    def _inverse_file(self):
        for job in self:
            if job.file:
                job._keep_file(base64.b64decode(job.file))

    @api.depends("file_hash")
    def _compute_seen_before(self):
        hashes = [job.file_hash for job in self if job.file_hash]
        done = self.search([("file_hash", "in", hashes), ("state", "=", "done")])
        for job in self:
            same = done.filtered(
                lambda other, job=job: other.file_hash == job.file_hash
            )
            job.seen_before = bool(same - job)

    @api.depends(
        "column_ids.target",
        "default_purpose_id",
        "default_channel",
        "default_granted",
        "file_hash",
    )
    def _compute_missing(self):
        labels = dict(
            self.env["veloc.consent.import.column"]
            ._fields["target"]
            ._description_selection(self.env)
        )
        labels["person"] = self.env._(
            "Who it is: e-mail, telephone, CPF, broker reference or contact id"
        )
        for job in self:
            gaps = proof_table.missing(job._mapping(), job._defaults())
            job.missing = job.file_hash and "\n".join(labels[name] for name in gaps)

    def _compute_counts(self):
        groups = self.env["veloc.consent.import.row"]._read_group(
            [("import_id", "in", self.ids)], ["import_id", "outcome"], ["__count"]
        )
        counts = {(job.id, outcome): count for job, outcome, count in groups}
        for job in self:
            for outcome in ("stored", "known", "refused"):
                job[f"{outcome}_count"] = counts.get((job.id, outcome), 0)

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.filtered(lambda job: job.state != "draft"):
            raise UserError(
                self.env._("An import is kept with the file that proves it.")
            )

    def write(self, vals):
        """A finished import stays as it was."""
        own = {"state", "position", "row_count", "imported_at", "imported_by"}
        own |= {"attachment_id", "file_hash", "file_size"}
        if not self.env.su and set(vals) & own:
            raise UserError(self.env._("An import moves by its button."))
        if set(vals) - own and self.filtered(lambda job: job.state != "draft"):
            raise UserError(
                self.env._("An import is kept with the file that proves it.")
            )
        return super().write(vals)

    # === ACTIONS === #

    def action_import(self):
        """Import the rows: small files at once, large ones by the job."""
        self.ensure_one()
        self._check_officer()
        self.check_access("write")
        if self.state != "draft" or not self.file_hash:
            raise UserError(self.env._("Choose a file first."))
        if self.missing:
            raise UserError(self.env._("Still to map: %(gaps)s", gaps=self.missing))
        table = self._read_file()
        # sudo: the run is nobody's to write; the role was checked.
        self.sudo().write(
            {
                "state": "running",
                "row_count": len(table.rows),
                "imported_at": fields.Datetime.now(),
                "imported_by": self.env.uid,
            }
        )
        if len(table.rows) <= AT_ONCE:
            while self.state == "running":
                self._import_chunk(table)
        else:
            # sudo: waking a job is no right of the officer's role.
            self.env.ref("veloc_compliance.ir_cron_consent_import").sudo()._trigger()
        return True

    def action_refused_file(self):
        """Download the refused rows with their reasons, to repair."""
        self.ensure_one()
        self._check_officer()
        return self._download("refused")

    def action_original_file(self):
        """Download the file as it came."""
        self.ensure_one()
        self._check_officer()
        return self._download("original")

    def _download(self, kind):
        url = f"/veloc/consent-import/{self.id}/{kind}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only the encarregado may do this."))

    # === THE FILE === #

    def _keep_file(self, content):
        """Keep the file sealed: it names many people, and lies in backups too."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._("An import is kept with the file that proves it.")
            )
        table = self._read(content)
        context = self._context()
        sealed = self.env["veloc.keyring"]._seal(context, content)
        # sudo: the attachment carries the sealed bytes, which nobody can read there.
        attachment_sudo = self.env["ir.attachment"].sudo()
        kept_sudo = attachment_sudo.create(
            {
                "name": f"{self.filename}.sealed",
                "raw": sealed.encode(),
                "mimetype": "application/octet-stream",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        # sudo: what the file is, is nobody's to write.
        job_sudo = self.sudo()
        replaced_sudo = job_sudo.attachment_id
        job_sudo.write(
            {
                "attachment_id": kept_sudo.id,
                "file_hash": hashlib.sha256(content).hexdigest(),
                "file_size": len(content),
            }
        )
        replaced_sudo.unlink()
        self._guess_columns(table)

    def _context(self):
        return field_cipher.context(self._table, "file", self.id)

    def _content(self):
        # sudo: the officer's access to the import was checked; see ``_keep_file``.
        sealed = self.sudo().attachment_id.raw.decode()
        return self.env["veloc.keyring"]._open(self._context(), sealed)

    def _read(self, content):
        messages = {
            "too_large": self.env._("The file is larger than 20 MB. Split it."),
            "too_many_rows": self.env._("More than 200,000 rows. Split the file."),
            "empty": self.env._("The file has no rows."),
            "unreadable": self.env._("This is no CSV file."),
        }
        try:
            return proof_table.read_table(content)
        except proof_table.TableError as error:
            raise UserError(messages[error.code]) from error

    def _read_file(self):
        return self._read(self._content())

    def _guess_columns(self, table):
        known = proof_table.guess_mapping(table.columns)
        self.column_ids.unlink()
        self.env["veloc.consent.import.column"].create(
            [
                {"import_id": self.id, "name": name, "target": known.get(name)}
                for name in table.columns
            ]
        )

    def _mapping(self):
        return {line.name: line.target for line in self.column_ids if line.target}

    def _defaults(self):
        return {
            "purpose": self.default_purpose_id.code or "",
            "channel": self.default_channel or "",
            "granted": "yes" if self.default_granted else "",
            "language": self.default_language or "",
            "source": self.default_source or "import",
        }

    # === THE ROWS === #

    def _cron_import(self):
        """Go on with large imports, a chunk per commit."""
        cron = self.env["ir.cron"]
        running = self.search([("state", "=", "running")], order="id")
        left = sum(job.row_count - job.position for job in running)
        time_left = cron._commit_progress(remaining=left)
        for job in running:
            table = job._read_file() if time_left else None
            while time_left and job.state == "running":
                time_left = cron._commit_progress(job._import_chunk(table))

    def _import_chunk(self, table):
        """Import the next rows and remember how far it went; return how many."""
        self.ensure_one()
        end = min(self.position + CHUNK, len(table.rows))
        how = proof_table.Settings(
            self._mapping(), self.zone, self.is_day_first, self._defaults()
        )
        self.env["veloc.consent.import.row"]._import(
            self, table, how, self.position, end
        )
        count = end - self.position
        # sudo: the run is nobody's to write.
        self.sudo().write(
            {"position": end, "state": "done" if end >= len(table.rows) else "running"}
        )
        return count

    def _refused_csv(self):
        """Return the refused rows with their reasons as a CSV file."""
        reasons = {
            row.line: row.message
            for row in self.row_ids.filtered(lambda row: row.outcome == "refused")
        }
        heading = (self.env._("Line"), self.env._("Why it was refused"))
        return proof_table.write_refused(self._read_file(), reasons, heading)

    def _evidence(self, value, line):
        """Return the proof of one row: what it said, and where it stands."""
        where = self.env._(
            "Import %(number)s, line %(line)s of “%(file)s” (SHA-256 %(hash)s).",
            number=self.id,
            line=line,
            file=self.filename,
            hash=self.file_hash,
        )
        return "\n".join(filter(None, (where, value.get("evidence"))))

    def _note_download(self, kind):
        """Leave a trace: personal data of many people went out as a file."""
        self.env["veloc.ledger.entry"]._note_apart(
            "export",
            model=self._name,
            res_id=self.id,
            public={"file": kind, "sha256": self.file_hash, "rows": self.row_count},
        )

    @api.model
    def _known(self, values):
        """Return which of these consents are on record: positions in ``values``."""
        if not values:
            return set()
        self.env["veloc.consent"].flush_model()
        names = ("partner_id", "purpose_id", "channel", "granted", "recorded_at")
        columns = [[value[name] for value in values] for name in names]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.position - 1
                FROM unnest(%s::int[], %s::int[], %s::varchar[], %s::bool[],
                    %s::timestamp[]) WITH ORDINALITY
                    AS t(partner, purpose, channel, granted, at, position)
                WHERE EXISTS (SELECT FROM veloc_consent c
                    WHERE c.partner_id = t.partner AND c.purpose_id = t.purpose
                    AND c.channel = t.channel AND c.granted = t.granted
                    AND c.recorded_at = t.at)
                """,
                *columns,
            )
        )
        return {row[0] for row in rows}
