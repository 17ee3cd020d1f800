"""RFM segments: names for ranges of recency, frequency and value."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...rules import rfm

RANGES = ("r_min", "r_max", "f_min", "f_max", "m_min", "m_max")


class VelocRfmSegment(models.Model):
    """An ordered rule: the first segment whose three ranges hold a client wins."""

    _name = "veloc.rfm.segment"
    _description = "RFM Segment"
    _veloc_ledger_fields = frozenset({"active", "code", "name", "sequence", *RANGES})
    _veloc_ledger_kind = "config"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=50, help="The first that fits wins.")
    active = fields.Boolean(default=True)
    color = fields.Integer()
    advice = fields.Text(
        translate=True, help="What to do for these people, in a sentence."
    )
    r_min = fields.Integer("Recency from", required=True, default=1)
    r_max = fields.Integer("Recency to", required=True, default=5)
    f_min = fields.Integer("Frequency from", required=True, default=1)
    f_max = fields.Integer("Frequency to", required=True, default=5)
    m_min = fields.Integer("Value from", required=True, default=1)
    m_max = fields.Integer("Value to", required=True, default=5)
    ranges_text = fields.Char("Ranges", compute="_compute_ranges_text")
    trader_count = fields.Integer("Clients", compute="_compute_trader_count")

    _code_unique = models.Constraint("UNIQUE (code)", "Each segment has its own code.")
    _ranges_within = models.Constraint(
        "CHECK (r_min BETWEEN 1 AND r_max AND r_max <= 5"
        " AND f_min BETWEEN 1 AND f_max AND f_max <= 5"
        " AND m_min BETWEEN 1 AND m_max AND m_max <= 5)",
        "Scores run from 1 to 5, and a range from its lower to its higher end.",
    )

    # === COMPUTE === #

    @api.depends(*RANGES)
    def _compute_ranges_text(self):
        for segment in self:
            values = [segment[name] for name in RANGES]
            segment.ranges_text = self.env._(
                "R %(r)s · F %(f)s · V %(m)s",
                r=_range(*values[:2]),
                f=_range(*values[2:4]),
                m=_range(*values[4:]),
            )

    @api.depends_context("company")
    def _compute_trader_count(self):
        """Count as the last run did: nobody waits for a million rows."""
        run = self.env["veloc.rfm.run"]._last(self.env.company)
        counts = {row["segment"]: 0 for row in run.cells or []}
        for row in run.cells or []:
            counts[row["segment"]] += row["count"]
        for segment in self:
            segment.trader_count = counts.get(segment.id, 0)

    # === CONSTRAINTS === #

    @api.constrains("active", "sequence", *RANGES)
    def _check_everybody_falls_somewhere(self):
        left = rfm.uncovered(self._get_rules())
        if left:
            raise ValidationError(
                self.env._(
                    "%(count)s of the 125 combinations would fall into no segment, "
                    "for example R %(r)s, F %(f)s, V %(m)s. Widen a range, or keep a "
                    "last segment with 1 to 5 in all three.",
                    count=len(left),
                    r=left[0][0],
                    f=left[0][1],
                    m=left[0][2],
                )
            )

    @api.ondelete(at_uninstall=False)
    def _check_rest_covers(self):
        left = rfm.uncovered(self._get_rules(without=self))
        if left:
            raise ValidationError(
                self.env._(
                    "Without it %(count)s of the 125 combinations would fall into no "
                    "segment.",
                    count=len(left),
                )
            )

    # === ACTIONS === #

    def action_open_traders(self):
        """Return the list of this segment's people."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_action"
        )
        return {
            **action,
            "name": self.name,
            "domain": [("figures_id.rfm_segment_id", "=", self.id)],
        }

    # === BUSINESS === #

    @api.model
    def _get_rules(self, without=None):
        """Return the rules in force, in their order."""
        segments = self.search([("active", "=", True)]) - (without or self.browse())
        return [
            rfm.Segment(
                s.id, (s.r_min, s.r_max), (s.f_min, s.f_max), (s.m_min, s.m_max)
            )
            for s in segments.sorted(lambda s: (s.sequence, s.id))
        ]


def _range(low, high):
    return str(low) if low == high else f"{low}-{high}"
