"""One message of a cadence version: when, to whom, on which channel, which text."""

from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.veloc_compliance.const import CHANNELS, PROMOTIONAL

from ..rules import cadence_checks, planner
from ..words import CONDITIONS

UNITS = [("minutes", "Minutes"), ("hours", "Hours"), ("days", "Days")]


class VelocCadenceStep(models.Model):
    """A step; its ``slot`` is its name across the versions of the cadence."""

    _name = "veloc.cadence.step"
    _description = "Cadence Step"
    _order = "version_id, sequence, id"

    version_id = fields.Many2one(
        "veloc.cadence.version", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    slot = fields.Integer(
        readonly=True,
        help="The same in all versions: who had this step never gets it again.",
    )
    name = fields.Char(required=True, translate=True)
    wait_value = fields.Integer(string="Wait", default=0)
    wait_unit = fields.Selection(UNITS, required=True, default="days")
    wait_from = fields.Selection(
        [("entry", "after entering"), ("previous", "after the previous step")],
        string="Counted",
        required=True,
        default="entry",
    )
    channel = fields.Selection(CHANNELS, required=True, default="email")
    template_id = fields.Many2one("veloc.template", ondelete="restrict")
    condition = fields.Selection(
        CONDITIONS, string="Only If", required=True, default="always"
    )
    useful_until_hours = fields.Integer(
        string="Useful for (Hours)",
        default=24,
        help="Counted from the moment the step is due. Later than that it is "
        "recorded as expired and not sent.",
    )
    wait_words = fields.Char(compute="_compute_wait_words")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    sent_count = fields.Integer(compute="_compute_counts", string="Sends")
    refused_count = fields.Integer(compute="_compute_counts", string="Refusals")
    skipped_count = fields.Integer(compute="_compute_counts", string="Skips")
    exited_count = fields.Integer(
        compute="_compute_counts",
        string="Left Here",
        help="People who left the cadence while waiting for this step.",
    )

    _slot_unique = models.Constraint(
        "UNIQUE (version_id, slot)", "Each step of a version has its own slot."
    )
    _wait_positive = models.Constraint(
        "CHECK (wait_value >= 0 AND useful_until_hours >= 0)",
        "Waits and useful hours cannot be negative.",
    )

    def init(self):
        """Freeze the steps of published versions in the database too."""
        self.env.cr.execute(
            """CREATE OR REPLACE TRIGGER veloc_cadence_step_frozen
            BEFORE INSERT OR UPDATE OR DELETE ON veloc_cadence_step
            FOR EACH ROW EXECUTE FUNCTION veloc_cadence_part_frozen()"""
        )

    # === COMPUTE === #

    @api.depends("wait_value", "wait_unit", "wait_from")
    @api.depends_context("lang")
    def _compute_wait_words(self):
        counted = dict(self._fields["wait_from"]._description_selection(self.env))
        units = self._unit_words()
        for step in self:
            if not step.wait_value:
                step.wait_words = self.env._("At once")
                continue
            one, many = units.get(step.wait_unit, ("", ""))
            unit = one if step.wait_value == 1 else many
            step.wait_words = " ".join(
                (str(step.wait_value), unit, counted.get(step.wait_from, ""))
            )

    def _unit_words(self):
        _ = self.env._
        return {
            "minutes": (_("minute"), _("minutes")),
            "hours": (_("hour"), _("hours")),
            "days": (_("day"), _("days")),
        }

    def _compute_counts(self):
        waiting = dict(
            self.env["veloc.enrolment"]._read_group(
                [("step_id", "in", self.ids), ("state", "=", "active")],
                ["step_id"],
                ["__count"],
            )
        )
        decided = {
            (step.id, verdict): count
            for step, verdict, count in self.env["veloc.decision"]._read_group(
                [("step_id", "in", self.ids)], ["step_id", "verdict"], ["__count"]
            )
        }
        for step in self:
            step.waiting_count = waiting.get(step, 0)
            step.sent_count = decided.get((step.id, planner.SENT), 0)
            step.refused_count = decided.get((step.id, planner.REFUSED), 0)
            step.exited_count = decided.get((step.id, planner.EXITED), 0)
            step.skipped_count = sum(
                decided.get((step.id, verdict), 0)
                for verdict in (planner.SKIPPED, planner.EXPIRED)
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give new steps the next free slots of their cadence."""
        versions = self.env["veloc.cadence.version"].browse(
            {vals["version_id"] for vals in vals_list}
        )
        highest = {
            cadence.id: slot
            for cadence, slot in self._read_group(
                [("version_id.cadence_id", "in", versions.cadence_id.ids)],
                ["version_id.cadence_id"],
                ["slot:max"],
            )
        }
        for vals in vals_list:
            if not vals.get("slot"):
                cadence_id = versions.browse(vals["version_id"]).cadence_id.id
                highest[cadence_id] = highest.get(cadence_id, 0) + 1
                vals["slot"] = highest[cadence_id]
        versions._check_is_draft()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - {"name"}:
            self.version_id._check_is_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self.version_id._check_is_draft()

    # === BUSINESS === #

    def _to_rule(self):
        """Return the steps as the planner knows them."""
        return tuple(
            planner.Step(
                id=step.id,
                slot=step.slot,
                wait=step.wait_value * planner.UNITS[step.wait_unit],
                wait_from=step.wait_from,
                condition=step.condition,
                useful_for=timedelta(hours=step.useful_until_hours) or None,
            )
            for step in self
        )

    def _get_check_facts(self):
        """Return the steps with what the publishing checks must know of them."""
        return [
            cadence_checks.StepFacts(
                step=rule, channel=step.channel, **step._get_template_facts()
            )
            for step, rule in zip(self, self._to_rule(), strict=True)
        ]

    def _get_template_facts(self):
        # sudo: who builds cadences need not be able to open templates and purposes.
        template_sudo = self.template_id.sudo()
        version_sudo = template_sudo.current_version_id
        return {
            "has_template": bool(template_sudo),
            "is_approved": bool(version_sudo),
            "channels": frozenset(version_sudo.body_ids.mapped("channel")),
            "lane": template_sudo.lane or "",
            "is_promotional": template_sudo.purpose_id.kind in PROMOTIONAL,
        }
