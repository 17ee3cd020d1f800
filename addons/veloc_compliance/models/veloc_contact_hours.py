from odoo import api, fields, models
from odoo.tools import SQL

from ..const import CHANNELS
from ..rules.contact_hours import HourRow, HourTable, Window

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class VelocContactHours(models.Model):
    """When promotion may reach people; a state's lines replace the country's."""

    _name = "veloc.contact.hours"
    _description = "Contact hours"
    _veloc_ledger_fields = frozenset(
        {
            "channel",
            "hour_from",
            "hour_to",
            "note",
            "on_holidays",
            "state_id",
            "weekday_from",
            "weekday_to",
        }
    )
    _veloc_ledger_kind = "config"
    _order = "channel, state_id, weekday_from, hour_from"

    state_id = fields.Many2one(
        "res.country.state",
        domain="[('country_id.code', '=', 'BR')]",
        help="Empty: wherever no line of the state itself exists.",
    )
    channel = fields.Selection(CHANNELS, required=True)
    weekday_from = fields.Selection(WEEKDAYS, required=True, default="0")
    weekday_to = fields.Selection(WEEKDAYS, required=True, default="4")
    hour_from = fields.Float(required=True, default=9.0)
    hour_to = fields.Float(required=True, default=18.0)
    on_holidays = fields.Boolean(help="Also on public holidays of the place.")
    note = fields.Char(translate=True, help="The law or decision behind the line.")

    _hours_in_day = models.Constraint(
        "CHECK (0 <= hour_from AND hour_from < hour_to AND hour_to <= 24)",
        "Hours run from 0:00 to 24:00 and must end after they start.",
    )
    _week_forward = models.Constraint(
        "CHECK (weekday_from <= weekday_to)",
        "The last weekday cannot come before the first; use two lines.",
    )

    # === COMPUTE === #

    @api.depends("channel", "state_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for line in self:
            place = line.state_id.name or self.env._("Whole country")
            line.display_name = f"{labels.get(line.channel, '')} · {place}"

    # === BUSINESS === #

    @api.model
    def _gate_table(self):
        """Return the whole table for the gate, in one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.code, h.channel, h.weekday_from, h.weekday_to,
                       h.hour_from, h.hour_to, h.on_holidays
                FROM veloc_contact_hours h
                LEFT JOIN res_country_state s ON s.id = h.state_id
                """
            )
        )
        return HourTable(
            HourRow(
                uf,
                channel,
                Window(
                    int(first), int(last), round(start * 60), round(end * 60), bool(h)
                ),
            )
            for uf, channel, first, last, start, end, h in rows
        )
