from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules import response_clock


class VelocDesk(models.Model):
    """Who answers people, when they work, and how long a person may wait."""

    _name = "veloc.desk"
    _description = "Service desk"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Empty: for every company without a desk of its own.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        "Working hours",
        required=True,
        ondelete="restrict",
        tracking=True,
        help="The clock runs in these hours only.",
    )
    keeps_holidays = fields.Boolean(
        "Closed on public holidays",
        default=True,
        tracking=True,
        help="Brazil's holidays, and those of the company's state.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="On duty",
        domain=[("share", "=", False)],
        help="They are asked to step in when nobody answered.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        tracking=True,
        help="Is told when even that did not help, and at the end of the day.",
    )
    step_in_minutes = fields.Integer(
        "Step in after", required=True, default=20, tracking=True
    )
    escalate_minutes = fields.Integer(
        "Escalate after", required=True, default=30, tracking=True
    )
    silence_hours = fields.Integer(
        "Robot keeps quiet for",
        required=True,
        default=24,
        tracking=True,
        help="After the last word of the person or of an agent, in hours. Offers and "
        "steps of cadences wait; urgent service messages still go.",
    )
    reopen_days = fields.Integer(
        required=True,
        default=7,
        help="A person who writes again within so many days after the end goes on "
        "with the same matter: it counts as reopened.",
    )
    list_at = fields.Datetime(
        "Next end-of-day list", readonly=True, copy=False, index="btree_not_null"
    )

    _minutes_in_order = models.Constraint(
        "CHECK (step_in_minutes > 0 AND escalate_minutes >= step_in_minutes)",
        "People step in first, and it is escalated after that.",
    )
    _spans_positive = models.Constraint(
        "CHECK (silence_hours >= 0 AND reopen_days >= 0)",
        "Hours and days cannot be negative.",
    )

    # === CONSTRAINTS === #

    @api.constrains("calendar_id")
    def _check_calendar_id(self):
        for desk in self:
            if desk.calendar_id.two_weeks_calendar or desk.calendar_id.flexible_hours:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” has no fixed hours of the week. Choose working "
                        "hours that are the same every week.",
                        name=desk.calendar_id.name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Plan the first end-of-day list."""
        desks = super().create(vals_list)
        desks._plan_list(fields.Datetime.now())
        return desks

    def write(self, vals):
        """Apply new limits and hours to those who wait already."""
        done = super().write(vals)
        if {"calendar_id", "keeps_holidays"} & set(vals):
            self._plan_list(fields.Datetime.now())
        if {"calendar_id", "keeps_holidays", "step_in_minutes", "escalate_minutes"} & (
            set(vals)
        ):
            # sudo: the limits hold for every conversation of the desk.
            self.env["veloc.conversation.clock"].sudo()._retime(self)
        return done

    # === BUSINESS === #

    @api.model
    def _of_companies(self, companies):
        """Return ``{company id: desk}``; a company's own goes first."""
        # sudo: whoever writes, the hours of the desk count.
        desks_sudo = self.sudo().search([("company_id", "in", [*companies.ids, False])])
        shared = desks_sudo.filtered(lambda desk: not desk.company_id)[:1]
        found = {desk.company_id.id: desk for desk in reversed(desks_sudo)}
        return {id_: found.get(id_, shared) for id_ in companies.ids}

    def _hours(self):
        """Return the desk's working hours for the clock."""
        self.ensure_one()
        # sudo: working hours are no secret, whoever the clock runs for.
        calendar_sudo = self.calendar_id.sudo()
        company = self.company_id or self.env.company
        return response_clock.Hours(
            zone=calendar_sudo.tz or "America/Sao_Paulo",
            stints=tuple(
                response_clock.Stint(
                    int(line.dayofweek),
                    round(line.hour_from * 60),
                    round(line.hour_to * 60),
                )
                for line in calendar_sudo.attendance_ids
                if line.day_period != "lunch" and not line.display_type
            ),
            uf=company.state_id.code or None,
            keeps_holidays=self.keeps_holidays,
            closed=tuple(
                (leave.date_from, leave.date_to)
                for leave in calendar_sudo.global_leave_ids
            ),
        )

    def _plan_list(self, now):
        for desk in self:
            desk.list_at = response_clock.next_closing(desk._hours(), now)
