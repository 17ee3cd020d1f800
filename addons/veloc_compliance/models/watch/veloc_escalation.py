from odoo import api, fields, models

from ...rules import duty, escalation
from ...rules.finding import SEVERITIES


class VelocEscalation(models.Model):
    """A rung of the ladder: who is told of an alert nobody has taken, and when."""

    _name = "veloc.escalation"
    _description = "Escalation level"
    _order = "sequence, id"

    name = fields.Char("Level", required=True, translate=True)
    sequence = fields.Integer(default=10, help="The lowest is told first.")
    active = fields.Boolean(default=True)
    user_ids = fields.Many2many(
        "res.users",
        string="People",
        domain=[("share", "=", False)],
        help="With the groups below: who is told when nobody is on duty.",
    )
    group_ids = fields.Many2many("res.groups", string="Groups")
    minutes_critical = fields.Integer(
        "Critical after (min)",
        default=30,
        help="Minutes without an answer until this level is told; 0: at once.",
    )
    minutes_warning = fields.Integer("Warning after (min)", default=240)
    minutes_info = fields.Integer("Notice after (min)", default=1440)
    tells_critical = fields.Boolean("Critical", default=True)
    tells_warning = fields.Boolean("Warnings", default=True)
    tells_info = fields.Boolean("Notices", default=False)
    shift_ids = fields.One2many("veloc.escalation.shift", "level_id", "On duty")
    now_ids = fields.Many2many(
        "res.users",
        string="Told now",
        compute="_compute_now_ids",
        help="Who would be told at this moment.",
    )
    mails_from = fields.Selection(
        [
            ("info", "Every alert"),
            ("warning", "Warnings and critical ones"),
            ("critical", "Critical ones only"),
            ("never", "Never"),
        ],
        string="E-mail for",
        required=True,
        default="warning",
        help="The screen and the list of activities are told in any case.",
    )

    _minutes_positive = models.Constraint(
        "CHECK (minutes_critical >= 0 AND minutes_warning >= 0 AND minutes_info >= 0)",
        "Minutes are counted from the alert: 0 or more.",
    )

    # === COMPUTE === #

    @api.depends("user_ids", "group_ids", "shift_ids")
    def _compute_now_ids(self):
        now = fields.Datetime.now()
        for level in self:
            level.now_ids = level._people(now)

    # === BUSINESS === #

    @api.model
    def _ladder(self):
        """Return the levels in their order, elevated: every alert climbs them."""
        # sudo: who is told is no secret of those who notice a trouble.
        return self.sudo().search([("active", "=", True)])

    def _rules(self):
        """Return the rule's view of these levels."""
        return [
            escalation.Level(
                level.id,
                {
                    severity: level[f"minutes_{severity}"]
                    if level[f"tells_{severity}"]
                    else None
                    for severity in SEVERITIES
                },
            )
            for level in self
        ]

    def _people(self, now):
        """Return who is to be told now; the officers where a level is empty."""
        self.ensure_one()
        people = self._on_duty(now) or (self.user_ids | self.group_ids.all_user_ids)
        return people._veloc_present() or self._officers()

    def _on_duty(self, now):
        """Return who has the watch of this level at this moment."""
        current = self.env["veloc.escalation.shift"].search(
            [
                ("level_id", "=", self.id),
                ("starts_at", "<=", now),
                "|",
                ("is_weekly", "=", True),
                ("stops_at", ">", now),
            ]
        )
        ids = duty.on_duty(current._rules(), now)
        return self.env["res.users"].browse(ids)._veloc_present()

    @api.model
    def _officers(self):
        group = self.env.ref("veloc_compliance.group_officer")
        return group.all_user_ids._veloc_present()

    def _mails(self, severity):
        """Return whether this level gets an e-mail for an alert of that weight."""
        if self.mails_from == "never":
            return False
        return SEVERITIES.index(severity) >= SEVERITIES.index(self.mails_from)
