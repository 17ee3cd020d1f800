"""The picture of the RFM grid: what it shows, and the people behind a cell."""

from odoo import api, fields, models

MONTHS = 13


class VelocRfmBoard(models.AbstractModel):
    """Reads what the night counted; nothing is computed while somebody waits."""

    _name = "veloc.rfm.board"
    _description = "RFM Grid"

    @api.model
    def load(self, run_id=None):
        """Return grid, segments and moves of the newest or the given run."""
        runs = self.env["veloc.rfm.run"]
        runs.check_access("read")
        months = self._months()
        run = months.filtered(lambda r: r.id == run_id) or months[:1]
        segments = self.env["veloc.rfm.segment"].search([("active", "=", True)])
        return {
            "run": self._prepare_run(run) if run else None,
            "months": [{"id": r.id, "day": str(r.as_of)} for r in months],
            "grid": self._grid(run.cells or []),
            "segments": self._segments(segments, run.cells or []),
            "moves": run.moves or [],
        }

    @api.model
    def open_cell(self, recency, frequency):
        """Return the list of the people in a cell."""
        self.env["veloc.trader"].check_access("read")
        return self._open(
            self.env._("R %(r)s · F %(f)s", r=int(recency), f=int(frequency)),
            [
                ("figures_id.rfm_r", "=", int(recency)),
                ("figures_id.rfm_f", "=", int(frequency)),
            ],
        )

    @api.model
    def open_move(self, before_id, after_id):
        """Return the list of those who went from one segment to another."""
        self.env["veloc.trader"].check_access("read")
        return self._open(
            self.env._("Moved between segments"),
            [
                ("figures_id.previous_rfm_segment_id", "=", before_id or False),
                ("figures_id.rfm_segment_id", "=", after_id or False),
            ],
        )

    def _open(self, name, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_action"
        )
        own = [("company_id", "=", self.env.company.id)]
        return {**action, "name": name, "domain": own + domain}

    def _months(self):
        """Return the last run of each month, newest first."""
        runs = self.env["veloc.rfm.run"].search(
            [("company_id", "=", self.env.company.id), ("is_done", "=", True)],
            limit=31 * MONTHS,
        )
        last = {}
        for run in runs:
            last.setdefault(run.as_of.replace(day=1), run)
        return runs.browse(run.id for run in list(last.values())[:MONTHS])

    def _prepare_run(self, run):
        labels = self._labels()
        return {
            "id": run.id,
            "day": str(run.as_of),
            "at": fields.Datetime.to_string(run.at),
            "people": run.people,
            "currency_id": run.currency_id.id,
            "recency": labels[run.recency],
            "frequency": labels[run.frequency],
            "money": labels[run.money],
            "limits": run.limits,
        }

    def _labels(self):
        return {
            "active": self.env._("days since the last deposit or trade"),
            "deposit": self.env._("days since the last deposit"),
            "deposit_days": self.env._("days with a deposit"),
            "active_days": self.env._("days with a deposit or a trade"),
            "net_deposit": self.env._("net deposits"),
            "deposit_total": self.env._("deposits"),
            "volume_total": self.env._("volume traded"),
        }

    def _grid(self, cells):
        """Return one entry per recency and frequency that has people."""
        grid = {}
        for cell in cells:
            spot = grid.setdefault(
                (cell["r"], cell["f"]),
                {"r": cell["r"], "f": cell["f"], "count": 0, "value": 0},
            )
            spot["count"] += cell["count"]
            spot["value"] += cell["value"]
        return list(grid.values())

    def _segments(self, segments, cells):
        sums = {segment.id: [0, 0] for segment in segments}
        for cell in cells:
            count, value = sums.setdefault(cell["segment"], [0, 0])
            sums[cell["segment"]] = [count + cell["count"], value + cell["value"]]
        return [
            {
                "id": segment.id,
                "name": segment.name,
                "ranges": segment.ranges_text,
                "advice": segment.advice or "",
                "count": sums[segment.id][0],
                "value": sums[segment.id][1],
            }
            for segment in segments
        ]
