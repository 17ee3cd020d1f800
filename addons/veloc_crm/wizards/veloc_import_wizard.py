"""Import of traders and transactions from CSV or XLSX, through the ingest path."""

import base64
import csv
import io
import re
import time
from datetime import UTC
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.veloc_ingest import MESSAGES as EVENT_MESSAGES
from ..rules import import_events, import_table
from ..rules.event_schema import parse_time
from ..rules.import_run import Tally, plan_events, read_outcomes
from ..rules.import_table import TableError, guess_mapping, read_table

BATCH = 1_000  # rows; with a sign-up for each that stays below a batch of events
STEP_SECONDS = 2
CHECKED_ROWS = 20_000
SHOWN_ROWS = 100
NUMBER = re.compile(r"[+-][\d .,()-]+")
SHOWN_ERRORS = 10_000
MESSAGES = {**EVENT_MESSAGES, **import_table.MESSAGES, **import_events.MESSAGES}


class VelocImportWizard(models.TransientModel):
    """Look first, then import; the same file twice does no harm."""

    _name = "veloc.import.wizard"
    _description = "Import Traders or Transactions"

    state = fields.Selection(
        [
            ("file", "File"),
            ("checked", "Check"),
            ("running", "Import"),
            ("done", "Done"),
        ],
        default="file",
        required=True,
    )
    kind = fields.Selection(
        [("traders", "Traders"), ("transactions", "Transactions")],
        default="transactions",
        required=True,
    )
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    source = fields.Char(
        help="Where the data comes from. The same row from the same source is "
        "imported once.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        default=lambda self: self.env.company.currency_id,
        help="Of amounts without a currency column.",
    )
    create_missing = fields.Boolean(
        string="Create Missing Traders",
        default=True,
        help="Traders known only by their transactions sign up on the day of the "
        "first one.",
    )
    wake = fields.Boolean(
        string="Wake Cadences",
        help="Have cadences react as if this happened now. Leave it off for history.",
    )
    line_ids = fields.One2many("veloc.import.wizard.line", "wizard_id")
    row_ids = fields.One2many("veloc.import.wizard.row", "wizard_id", readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True)
    position = fields.Integer(string="Rows Done", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    trader_count = fields.Integer(string="New Traders", readonly=True)
    new_count = fields.Integer(string="New Rows", readonly=True)
    duplicate_count = fields.Integer(string="Known Already", readonly=True)
    error_count = fields.Integer(string="Refused", readonly=True)
    is_partly_checked = fields.Boolean(readonly=True)
    error_file = fields.Binary(readonly=True, attachment=False)
    error_filename = fields.Char(readonly=True)

    # === COMPUTE === #

    @api.depends("position", "row_count")
    def _compute_progress(self):
        for wizard in self:
            total = wizard.row_count
            wizard.progress = 100 * wizard.position / total if total else 0

    @api.onchange("file", "kind")
    def _onchange_file(self):
        """Guess what the columns mean as soon as there is a file."""
        self.line_ids = [fields.Command.clear()]
        if not self.file:
            return
        self.source = self.source or (self.filename or "").rsplit(".", 1)[0][:64]
        self.line_ids = [fields.Command.create(v) for v in self._prepare_lines()]

    # === ACTIONS === #

    def action_check(self):
        """Run the import, note what it did row by row, and take all of it back."""
        self._check_settings()
        job = self._get_job()
        rows = list(islice(job.rows(), CHECKED_ROWS))
        tally = Tally()
        with self.env.cr.savepoint(flush=True) as trial:
            for start in range(0, len(rows), BATCH):
                self._import_rows(job, rows[start : start + BATCH], tally, wake=False)
            trial.rollback()
        self.env.invalidate_all(flush=False)
        self._show(tally, reset=True)
        self.write(
            {
                "state": "checked",
                "position": 0,
                "row_count": len(job.table.rows),
                "is_partly_checked": len(rows) < len(job.table.rows),
            }
        )
        self._write_error_file(job)
        return self._reopen()

    def action_import(self):
        """Begin the import; the screen asks for one step after the other."""
        self._check_settings()
        self._show(Tally(), reset=True)
        self.write(
            {
                "state": "running",
                "position": 0,
                "row_count": len(self._get_job().table.rows),
            }
        )
        return self._reopen()

    def action_step(self):
        """Import for a few seconds; return how far we are, in percent."""
        self.ensure_one()
        if self.state != "running":
            return self.progress
        job, tally = self._get_job(), Tally()
        rows = islice(job.rows(), self.position, None)
        began, done = time.monotonic(), self.position
        while batch := list(islice(rows, BATCH)):
            self._import_rows(job, batch, tally, wake=self.wake)
            done += len(batch)
            if time.monotonic() - began > STEP_SECONDS:
                break
        self._show(tally)
        self.position = done
        if done >= self.row_count:
            self.state = "done"
            self._write_error_file(job)
        return self.progress

    def action_back(self):
        """Return to the file and its columns."""
        self.state = "file"
        return self._reopen()

    def action_open_traders(self):
        """Return the list of traders."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_action"
        )

    def action_open_rejects(self):
        """Return the list of the rows that were refused."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_ingest_reject_action"
        )
        domain = [("source", "=", self.source), ("road", "=", "import")]
        return {**action, "domain": domain}

    # === BUSINESS === #

    def _check_settings(self):
        self.ensure_one()
        self.check_access("write")
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        if not self.source:
            raise UserError(self.env._("Say where the data comes from."))
        if not self.line_ids:
            self.line_ids = [fields.Command.create(v) for v in self._prepare_lines()]
        targets = [line.target for line in self.line_ids if line.target]
        labels = dict(self.line_ids._fields["target"]._description_selection(self.env))
        for target in import_table.REQUIRED[self.kind]:
            if target not in targets:
                raise UserError(
                    self.env._("No column means: %(field)s.", field=labels[target])
                )
        for target in targets:
            if targets.count(target) > 1:
                raise UserError(
                    self.env._(
                        "Two columns mean the same: %(field)s.", field=labels[target]
                    )
                )

    def _get_table(self):
        try:
            return read_table(base64.b64decode(self.file))
        except TableError as error:
            raise UserError(self.env._(MESSAGES[error.code])) from error

    def _prepare_lines(self):
        table = self._get_table()
        guesses = guess_mapping(table.columns, self.kind)
        return [
            {
                "column": column,
                "sample": ", ".join(row[position] for row in table.rows[:3])[:80],
                "target": guesses.get(column, False),
            }
            for position, column in enumerate(table.columns)
        ]

    def _get_job(self):
        return import_events.Import(
            table=self._get_table(),
            kind=self.kind,
            mapping={line.column: line.target for line in self.line_ids if line.target},
            zone=self.env["veloc.ingest.fold"]._get_zone(),
            now=self.create_date.replace(microsecond=0, tzinfo=UTC),
            currency=self.currency_id.name or self.env.company.currency_id.name,
        )

    def _import_rows(self, job, rows, tally, wake):
        """Hand one batch of rows to the ingest path and count what became of them."""
        # sudo: analysts may import (the wizard's access list); what events touch is
        # written by the ingest path alone.
        ingest_sudo = self.env["veloc.ingest"].sudo().with_context(veloc_road="import")
        refs = {row.ref for row in rows if row.event}
        introduces = self.kind == "transactions" and self.create_missing
        known = ingest_sudo._find_refs(refs) if introduces else ()
        events, origins = plan_events(job, rows, known, introduces)
        lines = [row.number if row else None for row in origins]
        batch = ingest_sudo.with_context(veloc_lines=lines)._process(
            self.source, events, wake=wake
        )
        self._keep_unreadable(ingest_sudo, rows, wake)
        tally.add(read_outcomes(rows, origins, batch), batch.created)

    def _keep_unreadable(self, ingest_sudo, rows, wake):
        """Keep what is no event as dead rows, to be put right by hand."""
        broken = [row for row in rows if row.problem]
        notes = [
            {"index": index, "id": "", "code": row.problem}
            for index, row in enumerate(broken)
        ]
        ingest_sudo.with_context(
            veloc_lines=[row.number for row in broken]
        )._keep_rejected(self.source, [row.kept for row in broken], notes, wake)

    def _show(self, tally, reset=False):
        """Add the counts, and the rows worth a look."""
        before = {"trader": 0, "new": 0, "duplicate": 0, "error": 0}
        if reset:
            self.row_ids.unlink()
        else:
            before = {name: self[f"{name}_count"] for name in before}
        self.write(
            {
                "trader_count": before["trader"] + tally.traders,
                "new_count": before["new"] + tally.new,
                "duplicate_count": before["duplicate"] + tally.duplicate,
                "error_count": before["error"] + tally.error,
            }
        )
        first = [] if self.row_ids else tally.outcomes[:SHOWN_ROWS]
        errors = [item for item in tally.outcomes if item.outcome == "error"]
        room = max(SHOWN_ERRORS - len(self.row_ids), 0)
        shown = {item.row.number: item for item in [*first, *errors[:room]]}
        self.env["veloc.import.wizard.row"].create(
            [self._prepare_row_values(item) for item in shown.values()]
        )

    def _prepare_row_values(self, item):
        event = item.row.event or {}
        return {
            "wizard_id": self.id,
            "number": item.row.number,
            "ref": item.row.ref,
            "at": parse_time(event.get("at")),
            "amount": event.get("amount") or 0,
            "outcome": item.outcome,
            "message": self.env._(MESSAGES[item.code]) if item.code else False,
        }

    def _write_error_file(self, job):
        """Offer the refused rows as the file they came in, with the reason added."""
        wrong = {
            row.number: row.message for row in self.row_ids if row.outcome == "error"
        }
        if not wrong:
            self.error_file = False
            return
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*job.table.columns, "line", "problem"])
        for number, cells in zip(job.table.numbers, job.table.rows, strict=True):
            if number in wrong:
                writer.writerow([*map(_harmless, cells), number, wrong[number]])
        self.write(
            {
                "error_file": base64.b64encode(text.getvalue().encode("utf-8-sig")),
                "error_filename": "errors.csv",
            }
        )

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


def _harmless(cell):
    """Keep a spreadsheet from running a cell as a formula; numbers are none."""
    is_formula = cell[:1] in ("=", "+", "-", "@") and not NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
