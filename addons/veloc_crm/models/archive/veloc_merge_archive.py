from odoo import models
from odoo.exceptions import UserError

RAW = "veloc_trader_event_raw"


class VelocMerge(models.Model):
    """Parting reaches events that left for the archive while two were one."""

    _inherit = "veloc.merge"

    def _hand_back(self, journal, came, kept, gone):
        super()._hand_back(journal, came, kept, gone)
        # sudo: that a month was archived is no secret.
        if not self.env["veloc.archive"].sudo()._last_archived():
            return
        moved = [
            id_
            for entry in journal.entries
            if entry["op"] == "move" and entry["table"] == RAW
            for id_ in entry["ids"]
        ]
        # sudo: nobody has rights on these notes; the caller was checked.
        owners_sudo = self.env["veloc.archive.owner"].sudo()
        noted = owners_sudo._note([*came, *moved], gone)
        if noted and max(noted) > self._last_event_of(journal):
            # Their sums are the survivor's, and nothing here says which they are.
            raise UserError(
                self.env._(
                    "Events that came since the merge have left for the archive: bring "
                    "their month back first."
                )
            )
