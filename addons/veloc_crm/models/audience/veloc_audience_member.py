import json

from odoo import api, fields, models
from odoo.tools import SQL


class VelocAudienceMember(models.Model):
    """What a platform holds of a person because of a list of ours, or soon will.

    Whoever leaves the list becomes a ``veloc.audience.removal``, if it was told.
    """

    _name = "veloc.audience.member"
    _description = "Person on a platform's list"
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True
    _log_access = False
    _order = "id desc"
    _rec_name = "partner_id"

    export_id = fields.Many2one(
        "veloc.audience.export", "List", required=True, readonly=True,
        ondelete="restrict",
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    since = fields.Datetime(required=True, readonly=True)
    run_id = fields.Many2one(
        "veloc.audience.run", "Add file", readonly=True, index="btree_not_null",
        ondelete="restrict",
    )  # fmt: skip
    is_told = fields.Boolean(
        "Told",
        readonly=True,
        help="The add file was fetched: from then on we take it that the platform has "
        "this person.",
    )
    row = fields.Json(readonly=True, groups="base.group_no_one")

    _once = models.UniqueIndex("(export_id, partner_id)", "Once on each list.")

    @api.model
    def _rows(self, export, told):
        """Return ``{partner id: row}`` of what the platform was (not) told of."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, row FROM veloc_audience_member"
                " WHERE export_id = %s AND coalesce(is_told, false) = %s",
                export.id,
                told,
            )
        )
        return {partner_id: tuple(row) for partner_id, row in rows}

    @api.model
    def _replace(self, run, added, listed):
        """Note whom the add file holds, and forget who is not listed any more."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM veloc_audience_member WHERE export_id = %s"
                " AND (partner_id = ANY(%s)"
                " OR partner_id NOT IN (SELECT unnest(%s::int[])))",
                run.export_id.id,
                list(added),
                list(listed),
            )
        )
        rows = [{"partner_id": key, "row": list(row)} for key, row in added.items()]
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_audience_member"
                " (export_id, partner_id, since, run_id, row)"
                " SELECT %s, partner_id, %s, %s, row"
                " FROM jsonb_to_recordset(%s::jsonb) AS r (partner_id int4, row jsonb)",
                run.export_id.id,
                run.at,
                run.id,
                json.dumps(rows),
            )
        )
        self.invalidate_model(flush=False)
