import json

from odoo import api, models
from odoo.tools import SQL

MARK = "veloc_crm.hygiene_mark"
# So many are read at once, those whose data changed longest ago first.
PAGE = 100_000
BATCH = 2_000


class VelocNightly(models.AbstractModel):
    """Step 80: findings, doubles and links of everybody whose data changed."""

    _inherit = "veloc.nightly"

    @api.model
    def _steps(self):
        return [*super()._steps(), (80, "hygiene", self._name, "_do_hygiene")]

    @api.model
    def _do_hygiene(self, now):
        """Check the people who changed since the last night, then links and scores."""
        counts = {"people": 0, "pairs": 0, "issues": 0}
        while due := self._changed_people():
            left = self._check_page(due, now, counts)
            if left:
                return counts | {"remaining": left}
        self.env.cr.execute("SET LOCAL work_mem = '64MB'")
        changed = self.env["veloc.trader.link"]._rebuild(now)
        self.env["veloc.data.quality"]._measure(now)
        if changed:
            self.env["veloc.segment"]._on_touched(changed, now, wake=False)
        return counts | {"links": len(changed)}

    @api.model
    def _check_page(self, due, now, counts):
        """Check these people in batches, add up; return how many are left."""
        for start in range(0, len(due), BATCH):
            batch = due[start : start + BATCH]
            ids = [id_ for _at, id_ in batch]
            self.env["veloc.cadence.engine"]._read_committed()
            done = self.env["veloc.duplicate"]._find_for(ids)
            done |= self.env["veloc.data.issue"]._check_people(ids, now)
            for name in counts:
                counts[name] += done[name]
            self._remember(*batch[-1])
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return len(due) - start - len(batch) or 1
        return 0

    @api.model
    def _changed_people(self):
        """Return (changed at, id) of traders' contacts beyond the mark, in order."""
        self.env["veloc.cadence.engine"]._read_committed()
        self.env["res.partner"].flush_model()
        # sudo: one note of our own among the settings.
        mark = self.env["ir.config_parameter"].sudo().get_param(MARK)
        at, id_ = json.loads(mark) if mark else ("1970-01-01", 0)
        return self.env.execute_query(
            SQL(
                "SELECT p.write_date, p.id FROM res_partner p"
                " JOIN veloc_trader t ON t.partner_id = p.id"
                " WHERE (p.write_date, p.id) > (%s::timestamp, %s)"
                " ORDER BY p.write_date, p.id LIMIT %s",
                at,
                id_,
                PAGE,
            )
        )

    @api.model
    def _remember(self, at, id_):
        # sudo: as above.
        self.env["ir.config_parameter"].sudo().set_param(
            MARK, json.dumps([at.isoformat(), id_])
        )
