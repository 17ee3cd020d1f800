"""A segment: who, in words that staff can read and the database can count."""

from odoo import api, fields, models


class VelocSegment(models.Model):
    """A live segment follows its definition; a static one is a list of people."""

    _name = "veloc.segment"
    _description = "Segment"
    _veloc_ledger_fields = frozenset(
        {"active", "code", "company_id", "definition", "for_care", "kind", "name"}
    )
    _veloc_ledger_kind = "config"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: people of all companies.")
    kind = fields.Selection(
        [("live", "Live"), ("static", "Static list")],
        required=True,
        default="live",
        help="A live segment lets people in and out by itself. A static list changes "
        "only when somebody changes it.",
    )
    definition = fields.Json(copy=True)
    for_care = fields.Boolean(
        help="People who must be looked after, not sold to: only messages of service "
        "purposes may use this segment.",
    )
    filled_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="Since when everybody has been looked at with this definition.",
    )
    member_ids = fields.One2many("veloc.segment.member", "segment_id", readonly=True)
    event_ids = fields.One2many("veloc.segment.event", "segment_id", readonly=True)
    member_count = fields.Integer(compute="_compute_member_count", string="People")

    _code_unique = models.Constraint("UNIQUE (code)", "Each segment has its own code.")
    _code_shape = models.Constraint(
        "CHECK (code ~ '^[a-z0-9_]+$')",
        "A code has small letters, digits and underscores only.",
    )

    # === COMPUTE === #

    def _compute_member_count(self):
        counts = dict(
            self.env["veloc.segment.member"]._read_group(
                [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
            )
        )
        for segment in self:
            segment.member_count = counts.get(segment, 0)

    # === BUSINESS === #

    @api.model
    def _on_touched(self, trader_ids, now, wake=True):
        """Let these traders in and out; called by whoever changed what is read."""

    def _member_ids(self):
        """Return the ids of the traders who are in any of these segments."""
        members = self.env["veloc.segment.member"]
        return members.search([("segment_id", "in", self.ids)]).trader_id.ids
