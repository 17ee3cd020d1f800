from datetime import UTC

from odoo import api, fields, models

from ...rules.import_events import Import
from ...rules.import_table import Table

KINDS = [("traders", "Traders"), ("transactions", "Transactions")]


class VelocImportProfile(models.Model):
    """What the columns of somebody's CSV mean: the import dialog saves it.

    A file in the spool folder with exactly these columns is read by it.
    """

    _name = "veloc.import.profile"
    _description = "Import Profile"
    _order = "name, id"
    _veloc_ledger_fields = frozenset({"name", "source", "mapping", "active"})
    _veloc_ledger_kind = "config"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    source = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    columns = fields.Json(required=True, readonly=True)
    mapping = fields.Json(required=True, readonly=True)
    mapping_text = fields.Text("What They Mean", compute="_compute_mapping_text")
    currency_id = fields.Many2one("res.currency", required=True)
    decimal = fields.Selection(
        [(",", "Comma"), (".", "Point")], "Decimal Sign", required=True
    )
    is_day_first = fields.Boolean("Day Before Month")

    @api.depends("columns", "mapping")
    def _compute_mapping_text(self):
        for profile in self:
            mapping = profile.mapping or {}
            profile.mapping_text = "\n".join(
                f"{column} → {mapping.get(column, '-')}"
                for column in profile.columns or []
            )

    @api.model
    def _find(self, columns, company):
        """Return the newest profile of exactly these columns."""
        profiles = self.search([("company_id", "=", company.id)], order="id desc")
        return profiles.filtered(lambda p: tuple(p.columns) == columns)[:1]

    def _make_job(self, now):
        """Return the reader of rows, as the import dialog makes it."""
        job = Import(
            table=Table(tuple(self.columns), (), ()),
            kind=self.kind,
            mapping=self.mapping,
            zone=self.env["veloc.ingest.fold"]._get_zone(),
            now=now.replace(microsecond=0, tzinfo=UTC),
            currency=self.currency_id.name,
        )
        job.decimal, job.day_first = self.decimal, self.is_day_first
        return job
