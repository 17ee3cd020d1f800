import json

from odoo import api, fields, models
from odoo.tools import SQL


class VelocAudienceRemoval(models.Model):
    """What a platform still holds and must forget, until the file of it was fetched.

    Each run's remove file holds all of these, so that nothing is lost with a file that
    expired or that a newer one follows.
    """

    _name = "veloc.audience.removal"
    _description = "Removal that waits"
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True
    _log_access = False
    _order = "since, id"
    _rec_name = "partner_id"

    export_id = fields.Many2one(
        "veloc.audience.export", "List", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    run_id = fields.Many2one(
        "veloc.audience.run", "Newest remove file", required=True, readonly=True,
        index=True, ondelete="restrict",
    )  # fmt: skip
    since = fields.Datetime(
        "Waits since", required=True, readonly=True, help="The first file with it."
    )
    row = fields.Json(readonly=True, groups="base.group_no_one")

    @api.model
    def _gather(self, run, removed, wanted):
        """Note who is removed, and return all rows that the run's file must hold.

        ``wanted`` are rows that may stay: who agreed again is not removed.
        """
        wanted = set(wanted)
        self.search([("export_id", "=", run.export_id.id)]).filtered(
            lambda removal: tuple(removal.row) in wanted
        ).unlink()
        self.flush_model()
        rows = [{"partner_id": key, "row": list(row)} for key, row in removed.items()]
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_audience_removal (export_id, partner_id, run_id,"
                " since, row) SELECT %s, partner_id, %s, %s, row"
                " FROM jsonb_to_recordset(%s::jsonb) AS r (partner_id int4, row jsonb)",
                run.export_id.id,
                run.id,
                run.at,
                json.dumps(rows),
            )
        )
        found = self.env.execute_query(
            SQL(
                "UPDATE veloc_audience_removal SET run_id = %s WHERE export_id = %s"
                " RETURNING row",
                run.id,
                run.export_id.id,
            )
        )
        self.invalidate_model(flush=False)
        return [tuple(row) for (row,) in found]

    @api.model
    def _is_any_lost(self, export, now):
        """Return whether removals wait whose file is over: it must be made anew."""
        domain = [
            ("export_id", "=", export.id),
            "|",
            ("run_id.is_gone", "=", True),
            ("run_id.expires_at", "<=", now),
        ]
        return bool(self.search_count(domain, limit=1))
