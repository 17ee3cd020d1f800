"""Cadences that people enter through a segment, live or all at once on a date."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import PROMOTIONAL

LOCKED = {"entry_segment_id", "entry_at", "leaves_with_segment"}
CAMPAIGN_BATCH = 1_000
# People who were in the segment, row by row, so that a broken run goes on.
MEMBERS = """
SELECT t.id AS trader_id, t.partner_id FROM veloc_segment_member m
JOIN veloc_trader t ON t.id = m.trader_id
WHERE m.segment_id = %s AND m.trader_id > %s AND m.since <= %s
ORDER BY m.trader_id LIMIT %s
"""


class VelocCadence(models.Model):
    """An entry by segment is fixed once published, as an entry by event is."""

    _inherit = "veloc.cadence"
    _veloc_ledger_fields = frozenset(LOCKED)

    entry_segment_id = fields.Many2one(
        "veloc.segment",
        string="Enters From Segment",
        ondelete="restrict",
        index="btree_not_null",
        help="Whoever comes into the segment after the cadence was published enters.",
    )
    entry_at = fields.Datetime(
        string="All at Once On",
        help="Everybody who is in the segment then enters, and nobody later: a "
        "campaign. Empty: people enter as they come into the segment.",
    )
    leaves_with_segment = fields.Boolean(
        help="Who falls out of the segment leaves the cadence.",
    )
    entry_from = fields.Integer(readonly=True, copy=False)
    entry_done_at = fields.Datetime(string="All Entered On", readonly=True, copy=False)

    _one_entry = models.Constraint(
        "CHECK (num_nonnulls(entry_event_type, entry_segment_id) <= 1)",
        "People enter on an event or from a segment, not both.",
    )
    _date_of_segment = models.Constraint(
        "CHECK (entry_segment_id IS NOT NULL"
        " OR (entry_at IS NULL AND leaves_with_segment IS NOT TRUE))",
        "A date of entry needs a segment.",
    )
    _campaign_due_idx = models.Index(
        "(entry_at) WHERE entry_at IS NOT NULL AND entry_done_at IS NULL"
    )

    def write(self, vals):
        for name in LOCKED & vals.keys():
            field = self._fields[name]
            for cadence in self.filtered("is_locked"):
                new = field.convert_to_cache(vals[name], cadence)
                if new != field.convert_to_cache(cadence[name], cadence):
                    raise UserError(
                        self.env._(
                            "People are in this cadence or have been: its entry stays "
                            "as it is. Duplicate the cadence to change it."
                        )
                    )
        return super().write(vals)

    def _is_promotional(self):
        """Say whether any version in use or in work sells something."""
        self.ensure_one()
        versions = self.current_version_id | self.draft_version_id
        kinds = versions.step_ids.template_id.purpose_id.mapped("kind")
        return not PROMOTIONAL.isdisjoint(kinds)

    @api.model
    def _pass_campaigns(self, now):
        """Let one batch of a campaign whose time has come in; return how many."""
        due = self.search(
            [
                ("entry_at", "<=", now),
                ("entry_done_at", "=", False),
                ("current_version_id", "!=", False),
            ],
            order="entry_at, id",
            limit=1,
        )
        if not due:
            return 0
        people = self.env.execute_query_dict(
            SQL(
                MEMBERS,
                due.entry_segment_id.id,
                due.entry_from,
                now,
                CAMPAIGN_BATCH,
            )
        )
        self.env["veloc.cadence.entry"]._let_campaign_in(due, people, now)
        if people:
            due.entry_from = people[-1]["trader_id"]
        if len(people) < CAMPAIGN_BATCH:
            due.entry_done_at = now
        return len(people) or 1
