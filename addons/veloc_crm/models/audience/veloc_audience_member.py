import json

from odoo import api, fields, models
from odoo.tools import SQL


class VelocAudienceMember(models.Model):
    """What a platform holds of a person because of a list of ours.

    Kept until the remove file that takes it back was made: without it nobody could
    tell the platform whom to forget.
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
    row = fields.Json(readonly=True, groups="base.group_no_one")

    _once = models.UniqueIndex("(export_id, partner_id)", "Once on each list.")

    @api.model
    def _rows(self, export):
        """Return ``{partner id: row}`` of what the platform holds."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, row FROM veloc_audience_member"
                " WHERE export_id = %s",
                export.id,
            )
        )
        return {partner_id: tuple(row) for partner_id, row in rows}

    @api.model
    def _replace(self, export, added, gone, now):
        """Note whom the files add and remove; two statements."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM veloc_audience_member"
                " WHERE export_id = %s AND partner_id = ANY(%s)",
                export.id,
                [*gone, *added],
            )
        )
        rows = [{"partner_id": key, "row": list(row)} for key, row in added.items()]
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_audience_member (export_id, partner_id, since, row)"
                " SELECT %s, partner_id, %s, row FROM jsonb_to_recordset(%s::jsonb)"
                " AS r (partner_id int4, row jsonb)",
                export.id,
                now,
                json.dumps(rows),
            )
        )
        self.invalidate_model(flush=False)
