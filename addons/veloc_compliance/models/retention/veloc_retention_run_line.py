import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import retention
from ...rules.data_map import DATA_CLASSES

_logger = logging.getLogger(__name__)
ROWS, PEOPLE = 5_000, 500


class VelocRetentionRunLine(models.Model):
    """What one set of terms found, did and left, and how far it has come."""

    _name = "veloc.retention.run.line"
    _description = "Counts of a retention run"
    _order = "run_id, sequence, id"
    _rec_name = "model_name"

    run_id = fields.Many2one(
        "veloc.retention.run",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    sequence = fields.Integer(readonly=True)
    model_name = fields.Char("Model", readonly=True, help="Empty: whole people.")
    model_label = fields.Char("Rows of", compute="_compute_labels")
    data_class = fields.Selection(
        list(DATA_CLASSES.items()), "Class of data", readonly=True
    )
    date_field = fields.Char(readonly=True)
    version_ids = fields.Many2many(
        "veloc.retention.version", string="Terms", readonly=True
    )
    deed = fields.Char("Then", compute="_compute_labels")
    found = fields.Integer("Rows due", readonly=True)
    done = fields.Integer(readonly=True)
    held = fields.Integer("Kept by a hold", readonly=True)
    needed = fields.Integer("Still referred to", readonly=True)
    position = fields.Integer("Up to row", readonly=True)
    is_done = fields.Boolean(readonly=True)
    failure = fields.Char(readonly=True, help="Kind of the error; no data.")

    # === COMPUTE === #

    @api.depends("model_name", "version_ids")
    @api.depends_context("lang")
    def _compute_labels(self):
        actions = dict(
            self.env["veloc.retention.version"]
            ._fields["action"]
            ._description_selection(self.env)
        )
        for line in self:
            line.model_label = (
                self.env["ir.model"]._get(line.model_name).name
                if line.model_name in self.env
                else self.env._("People")
            )
            line.deed = actions.get(line._action())

    def _action(self):
        regimes = [version._regime() for version in self.version_ids]
        return retention.strongest(regimes) if regimes else False

    def _summary(self):
        """Return the counts as the ledger keeps them."""
        names = ("model_name", "data_class", "found", "done", "held", "needed")
        return {
            **{name: self[name] or "" for name in names},
            "versions": self.version_ids.ids,
        }

    # === COUNTING === #

    def _count(self):
        """Count what is due, held and still referred to; change nothing."""
        due, held, needed = self._queries()
        ((found, kept, referred),) = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FILTER (WHERE NOT held AND NOT needed),
                    count(*) FILTER (WHERE held),
                    count(*) FILTER (WHERE needed AND NOT held)
                FROM (SELECT id, %s AS held, %s AS needed FROM (%s) due) AS verdict
                """,
                held,
                needed,
                due,
            )
        )
        self.write({"found": found, "held": kept, "needed": referred, "is_done": True})

    def _queries(self):
        """Return (query of due ids, condition held, condition still referred to)."""
        self.env.flush_all()
        scope = self.env["veloc.retention.scope"]
        regimes = [version._regime() for version in self.version_ids]
        if not self.model_name:
            holds = self.env["veloc.legal.hold"]
            held = SQL(
                "EXISTS (SELECT FROM veloc_legal_hold h"
                " WHERE h.partner_id = due.id AND %s)",
                holds._in_force("h"),
            )
            return scope._due_people(regimes, self.run_id.today), held, SQL("false")
        query = scope._rows_query(
            self.model_name,
            self.data_class,
            regimes,
            self.date_field,
            self.run_id.today,
        )
        needed = SQL("false")
        if self._action() == "delete":
            needed = self.env["veloc.eraser"]._referred_sql(self.model_name)
        else:
            query.add_where(
                self.env["veloc.eraser"]._is_full_sql(
                    self.model_name, self.data_class, query
                )
            )
        held = scope._held_rows(self.model_name, self.data_class)
        held_sql = SQL(" OR ").join(SQL("due.id IN %s", rows) for rows in held)
        due = query.select(SQL("%s AS id", SQL.identifier(query.table, "id")))
        return due, SQL("(%s)", held_sql) if held else SQL("false"), needed

    # === WORKING === #

    def _work(self):
        """Do all of it in batches, each committed with its counts.

        Returns False when time is up before the end.
        """
        cron = self.env["ir.cron"]
        while not self.is_done:
            self._work_or_note()
            if not cron._commit_progress() and not self.is_done:
                return False
        return True

    def _work_or_note(self):
        try:
            with self.env.cr.savepoint():
                self._work_batch()
        except Exception as error:  # noqa: BLE001 border of a job
            self.env.invalidate_all(flush=False)
            # No text of the error, nor its trace: they may quote the very data.
            name = type(error).__name__
            _logger.error("Retention line %s failed: %s", self.id, name)  # noqa: TRY400
            self.write({"failure": name, "is_done": True})

    def _work_batch(self):
        """Take the next rows after the position; the last batch counts what stays."""
        due, held, needed = self._queries()
        size = self._size()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM (%s) due WHERE id > %s AND NOT %s AND NOT %s"
                " ORDER BY id LIMIT %s",
                due,
                self.position,
                held,
                needed,
                size,
            )
        )
        ids = [row[0] for row in rows]
        done = self._act(ids) if ids else 0
        values = {
            "found": self.found + len(ids),
            "done": self.done + done,
            "position": ids[-1] if ids else self.position,
        }
        if len(ids) < size:
            values |= {"is_done": True, **self._what_stays()}
        self.write(values)
        self.flush_recordset()

    def _size(self):
        return ROWS if self.model_name else PEOPLE

    def _what_stays(self):
        due, held, needed = self._queries()
        ((kept, referred),) = self.env.execute_query(
            SQL(
                "SELECT count(*) FILTER (WHERE %s),"
                " count(*) FILTER (WHERE %s AND NOT %s) FROM (%s) due",
                held,
                needed,
                held,
                due,
            )
        )
        return {"held": kept, "needed": referred}

    def _act(self, ids):
        """Do to these rows what the terms say; return how many it was done to."""
        eraser = self.env["veloc.eraser"]
        if not self.model_name:
            people = self.env["res.partner"].browse(ids)
            return len(self.env["veloc.erasure"]._erase(people, "retention"))
        # sudo: retention acts on everybody's rows, by terms two people released.
        model = self.env[self.model_name].sudo().with_context(active_test=False)
        eraser._permit([model], f"retention:{self.run_id.id}")
        if self._action() == "delete":
            return eraser._delete_rows(model, ids)
        return eraser._blank_class(model, self.data_class, ids)
