"""A cadence tried on paper: what it would do, step by step and person by person."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

SHOWN = 1_000


class VelocCadenceTrial(models.TransientModel):
    """Asks ``veloc.cadence.simulate`` and shows the answer; nothing leaves."""

    _name = "veloc.cadence.trial"
    _description = "Simulation of a Cadence"
    _rec_name = "cadence_id"

    cadence_id = fields.Many2one("veloc.cadence", required=True, ondelete="cascade")
    version_id = fields.Many2one(
        "veloc.cadence.version",
        required=True,
        ondelete="cascade",
        domain="[('cadence_id', '=', cadence_id)]",
    )
    start_at = fields.Datetime(
        string="From", required=True, default=fields.Datetime.now
    )
    days = fields.Integer(string="For (Days)", required=True, default=14)
    who = fields.Selection(
        [
            ("likely", "Those it meets: who waits, who came in, else people like them"),
            ("people", "People I name"),
            ("segment", "People of a segment"),
        ],
        string="With Whom",
        required=True,
        default="likely",
    )
    trader_ids = fields.Many2many("veloc.trader", string="People")
    segment_id = fields.Many2one("veloc.segment", ondelete="cascade")
    most_people = fields.Integer(string="At Most (People)", required=True, default=100)
    is_done = fields.Boolean(readonly=True)
    summary = fields.Text(readonly=True)
    step_ids = fields.One2many(
        "veloc.cadence.trial.step", "trial_id", string="Steps", readonly=True
    )
    line_ids = fields.One2many(
        "veloc.cadence.trial.line", "trial_id", string="Person by Person", readonly=True
    )

    _some_days = models.Constraint(
        "CHECK (days BETWEEN 1 AND 366)", "A simulation covers 1 to 366 days."
    )
    _some_people = models.Constraint(
        "CHECK (most_people BETWEEN 1 AND 1000)",
        "A simulation shows 1 to 1,000 people.",
    )

    # === CRUD === #

    def write(self, vals):
        """What was seen belongs to the question it answered."""
        asked = {"version_id", "start_at", "days", "who", "trader_ids", "segment_id"}
        if (asked | {"most_people"}) & vals.keys():
            vals = {"is_done": False, **vals}
        return super().write(vals)

    # === ACTIONS === #

    @api.model
    def _open(self, version):
        """Return the screen on which ``version`` can be tried."""
        trial = self.create(
            {"cadence_id": version.cadence_id.id, "version_id": version.id}
        )
        return trial._show()

    def action_simulate(self):
        """Ask, and keep the answer until the question is changed."""
        self.ensure_one()
        answer = self.cadence_id.simulate(
            self.cadence_id.id,
            self.start_at,
            self.start_at + timedelta(days=self.days),
            self._prepare_people(),
        )
        self.step_ids.unlink()
        self.line_ids.unlink()
        self.write(
            {
                "step_ids": [
                    fields.Command.create(self._prepare_step(step))
                    for step in answer["steps"]
                ],
                "line_ids": [
                    fields.Command.create(self._prepare_line(row))
                    for row in answer["rows"][:SHOWN]
                ],
                "summary": self._say_summary(answer),
                "is_done": True,
            }
        )
        return True

    def action_open_lines(self):
        """Open every decision in a list that can be searched and grouped."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_cadence_trial_line_action"
        )
        return {**action, "domain": [("trial_id", "=", self.id)]}

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Simulate"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # === BUSINESS === #

    def _prepare_people(self):
        """Return whom to simulate as the RPC wants it."""
        people = {"version_id": self.version_id.id, "limit": self.most_people}
        if self.who == "people":
            if not self.trader_ids:
                raise UserError(self.env._("Name at least one person."))
            people["partner_ids"] = self.trader_ids.partner_id.ids
        if self.who == "segment":
            if not self.segment_id:
                raise UserError(self.env._("Choose a segment."))
            people["segment_id"] = self.segment_id.id
        return people

    def _say_summary(self, answer):
        """Return who was looked at and what came of it, in sentences."""
        people, _ = answer["people"], self.env._
        if not people["waiting"] + people["entering"] + people["not_entering"]:
            return _("Nobody was found to try it with: name people or a segment.")
        lines = [
            {
                "chosen": _("With the people you chose."),
                "real": _("With people who wait in it or came in within the time."),
                "likely": _(
                    "Nobody waits in it or came in within the time: with people like "
                    "those it will meet, as if they came in at the start."
                ),
            }[people["how"]],
            _("%(count)s wait in it already.", count=people["waiting"]),
            _("%(count)s come in.", count=people["entering"]),
        ]
        if people["not_entering"]:
            lines.append(
                _(
                    "%(count)s cannot come in: they are in it or have been.",
                    count=people["not_entering"],
                )
            )
        if people["is_cut"]:
            lines.append(_("There are more people than were looked at."))
        if len(answer["rows"]) > SHOWN:
            first = _("Only the first %(count)s decisions are shown.", count=SHOWN)
            lines.append(first)
        lines.append(_("What is known of them, their consents included, is as of now."))
        return " ".join(lines)

    def _prepare_step(self, step):
        verdicts = step["verdicts"]
        first = next(iter(step["reasons"]), "")
        return {
            "step_id": step["step_id"],
            "channel": step["channel"],
            "main_reason": step["words"].get(first, ""),
            **{
                f"{name}_count": verdicts.get(name, 0)
                for name in ("sent", "deferred", "refused", "skipped", "expired")
            },
            "exited_count": verdicts.get("exited", 0) + verdicts.get("finished", 0),
        }

    def _prepare_line(self, row):
        return {
            "at": row["at"],
            "partner_id": row["partner_id"],
            "step_id": row["step_id"],
            "channel": row["channel"],
            "verdict": row["verdict"],
            "words": row["words"],
            "until": row["until"],
        }
