from odoo import fields, models
from odoo.exceptions import UserError

from ...rules import import_events
from .veloc_ingest_reject import MESSAGES


class VelocIngestReject(models.Model):
    """What a person put right is handed in again, lines that were no event included."""

    _inherit = "veloc.ingest.reject"

    corrected_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    def action_correct(self):
        """Open the row to put it right (button)."""
        self.ensure_one()
        self._check_analyst()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the row"),
            "res_model": "veloc.ingest.correct",
            "view_mode": "form",
            "target": "new",
            "context": {"default_reject_id": self.id},
        }

    def _draft(self):
        """Return the row as an event to be put right, as far as it was understood."""
        # sudo: the sealed column is closed to everybody; the caller was checked.
        row = self.sudo()._open_rows().get(self.id)
        if isinstance(row, dict) and row.keys() & {"type", "trader"}:
            return row
        return {"type": "", "trader": "", "at": "", "amount": "", "currency": ""}

    def _correct(self, event):
        """Store the corrected event, or say what is still wrong with it."""
        self.ensure_one()
        self._check_analyst()
        if self.state != "waiting":
            raise UserError(self.env._("This row is settled already."))
        event = import_events.name_event(event)
        # sudo: analysts may replay; what events touch is written by the ingest alone.
        reject_sudo = self.sudo().with_context(veloc_replay=True)
        ingest_sudo = reject_sudo.env["veloc.ingest"].with_company(self.company_id)
        batch = ingest_sudo._process(self.source, [event], wake=self.is_news)
        for note in batch.rejected:
            raise UserError(self.env._(MESSAGES[note["code"]]))
        if batch.duplicates:
            raise UserError(
                self.env._(
                    "An event with this id is stored already. If this is another one, "
                    "give it an id of its own."
                )
            )
        reject_sudo.write(
            {
                "state": "replayed",
                "tried_at": fields.Datetime.now(),
                "attempts": self.attempts + 1,
                "corrected_by": self.env.uid,
            }
        )
