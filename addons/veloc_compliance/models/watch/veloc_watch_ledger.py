from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ...rules.finding import Finding

# Entries of slow transactions get their seal later than their neighbours.
LATE = 10_000


class VelocWatch(models.AbstractModel):
    """The ledger itself: sealed in time, and changed by nobody beside the system."""

    _inherit = "veloc.watch"

    def _check_ledger_unsealed(self, rule, _since):
        """The oldest entry without a seal is older than ``threshold`` minutes."""
        oldest = self._oldest_unsealed()
        limit = fields.Datetime.now() - timedelta(minutes=rule.threshold)
        if not oldest or oldest >= limit:
            return []
        text = self.env._("Not sealed since %(moment)s UTC.", moment=oldest)
        return [Finding("", text, "veloc.ledger.entry")]

    def _oldest_unsealed(self):
        """Return the time of the oldest entry without a leaf; probed from the end."""
        ((oldest,),) = self.env.execute_query(
            SQL(
                """
                SELECT min(e.at) FROM veloc_ledger_entry_raw e
                 WHERE e.id > (SELECT COALESCE(max(entry_id), 0) - %s
                                 FROM veloc_ledger_leaf)
                   AND NOT EXISTS (SELECT FROM veloc_ledger_leaf l
                                    WHERE l.entry_id = e.id)
                """,
                LATE,
            )
        )
        return oldest

    def _check_out_of_band(self, _rule, since):
        """Triggers of the database saw a change that did not come from here."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT model, count(*), min(res_id), max(at)
                  FROM veloc_ledger_entry_raw
                 WHERE at >= %s AND kind = 'out_of_band' GROUP BY model
                """,
                since,
            )
        )
        return [
            Finding(
                model,
                self.env._("%(count)s rows of %(model)s", count=count, model=model),
                model,
                res_id,
                at=at,
            )
            for model, count, res_id, at in rows
        ]
