import base64

from odoo import fields, models
from odoo.exceptions import UserError


class VelocLedgerPersonExport(models.TransientModel):
    """Hand over one person's entries with proofs that anybody can check offline."""

    _name = "veloc.ledger.person.export"
    _description = "Export of a person's ledger entries"

    partner_id = fields.Many2one("res.partner", "Person", required=True)
    with_values = fields.Boolean(
        default=True,
        help="Adds what the entries say in clear, as far as the person's key exists.",
    )
    count = fields.Integer("Entries", readonly=True)
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char()

    # === ACTIONS === #

    def action_export(self):
        """Make the file and show it for download; the export is recorded."""
        self.ensure_one()
        self.env["veloc.ledger.head"]._check_auditor()
        # sudo: the right was checked; the export reads tables, not records.
        made = (
            self.env["veloc.ledger.person"]
            .sudo()
            ._export(self.partner_id, self.with_values)
        )
        if made is None:
            raise UserError(self.env._("Nothing is sealed yet. Try again in a minute."))
        text, count = made
        self.env["veloc.ledger.entry"]._note(
            "export",
            "res.partner",
            self.partner_id.id,
            self.partner_id.id,
            {"what": "ledger", "entries": count, "values": self.with_values},
        )
        self.write(
            {
                "count": count,
                "file": base64.b64encode(text.encode("utf-8")),
                "file_name": f"veloc-ledger-{self.partner_id.id}.json",
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
