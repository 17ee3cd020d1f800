"""The night's part of segments: everybody once, and how many there are."""

from odoo import api, fields, models

REACHED = "veloc_crm.segments_reached"


class VelocSegmentEngine(models.AbstractModel):
    """Everybody in chunks, each committed; an interrupted night goes on from there."""

    _inherit = "veloc.segment.engine"

    @api.model
    def _nightly(self, now):
        cron = self.env["ir.cron"]
        counts = {"traders": 0, "moves": 0, "remaining": 0}
        last = self._get_reached(now)
        time_left = cron._commit_progress()
        while ids := self._next_ids(last):
            if not time_left:
                return counts | {"remaining": 1}
            self.env["veloc.cadence.engine"]._read_committed()
            moves = self._touch(ids, fields.Datetime.now(), is_exact=True)
            counts["traders"] += len(ids)
            counts["moves"] += len(moves)
            last = ids[-1]
            self._set_reached(now, last)
            time_left = cron._commit_progress()
        # sudo: the job counts everybody's segments.
        segments_sudo = self.env["veloc.segment"].sudo().search([("active", "=", True)])
        self.env["veloc.segment.size"]._note(segments_sudo.ids, fields.Datetime.now())
        self._set_reached(now, 0)
        return counts

    @api.model
    def _get_reached(self, now):
        """Return how far the night that began at ``now`` came."""
        # sudo: a note of the job to itself.
        text = self.env["ir.config_parameter"].sudo().get_param(REACHED, "")
        night, _space, last = text.rpartition(" ")
        return int(last) if night == str(now) else 0

    @api.model
    def _set_reached(self, now, last):
        # sudo: a note of the job to itself.
        self.env["ir.config_parameter"].sudo().set_param(REACHED, f"{now} {last}")
