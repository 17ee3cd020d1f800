from odoo import fields, models
from odoo.tools import SQL

BATCH = 50_000  # numbers; not all of them are somebody


class VelocScoreBatchMixin(models.AbstractModel):
    """A run over all figures of a company, in committed batches by id.

    An interrupted run goes on where it was. A model says what to write in
    ``_write_batch(upto)`` (returns the traders that changed) and how it ends.
    """

    _name = "veloc.score.batch.mixin"
    _description = "Run over Traders"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    at = fields.Datetime("Begun", required=True, readonly=True)
    as_of = fields.Date("Day", required=True, readonly=True)
    is_done = fields.Boolean("Done", readonly=True)
    people = fields.Integer("Clients", readonly=True)
    changed = fields.Integer(readonly=True)
    last_id = fields.Integer(
        readonly=True,
        export_string_translation=False,
        help="The last trader done; where an interrupted run goes on.",
    )

    def _nightly(self, now):
        """Run for every company; return counts for the night's record."""
        people = changed = 0
        for company in self.env["veloc.score.frame"]._companies():
            run = self._begin(company, now)
            if not run or run.is_done:
                continue
            if not run._go_on():
                return {"people": people, "changed": changed, "remaining": 1}
            people, changed = people + run.people, changed + run.changed
        return {"people": people, "changed": changed}

    def _begin(self, company, now):
        """Return the run of that night, or a new one; none where there is no need."""
        found = self.search([("company_id", "=", company.id), ("at", "=", now)])
        if found:
            return found
        values = self._prepare_run(company, now)
        if values is None:
            return self.browse()
        run = self.create({"company_id": company.id, "at": now, **values})
        self.env["ir.cron"]._commit_progress()
        return run

    def _go_on(self):
        """Write batch by batch; return whether all is done."""
        cron = self.env["ir.cron"]
        time_left = 1
        while time_left and (upto := self._next_id()):
            self.env.cr.execute("SET LOCAL work_mem = '64MB'")
            ids = self._write_batch(upto)
            self.env["veloc.trader.state"].invalidate_model(flush=False)
            self.write({"last_id": upto, "changed": self.changed + len(ids)})
            self.env["veloc.segment.engine"]._note_changed(ids)
            time_left = cron._commit_progress(1)
        if not self._next_id():
            self._end()
        return self.is_done

    def _next_id(self):
        """Return the last number of the next batch, or None."""
        return self.env["veloc.trader.state"]._next_chunk(self.last_id or 0, BATCH)

    def _here(self, upto):
        """Return the condition of the batch that ends with that id."""
        return SQL(
            "s.company_id = %s AND s.id > %s AND s.id <= %s",
            self.company_id.id,
            self.last_id or 0,
            upto,
        )

    def _here_joined(self, upto):
        """Return it for figures beside traders: both are read by their numbers."""
        return SQL(
            "%s AND t.id > %s AND t.id <= %s",
            self._here(upto),
            self.last_id or 0,
            upto,
        )

    def _end(self):
        self.is_done = True

    def _last(self, company):
        """Return the newest run that is done, or none."""
        return self.search(
            [("company_id", "=", company.id), ("is_done", "=", True)], limit=1
        )
