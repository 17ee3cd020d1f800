"""Publishing a version while people wait in another: keep, move or let them go."""

from odoo import api, fields, models

from ..rules import cadence_checks


class VelocCadencePublish(models.TransientModel):
    """Shows the head-counts of every choice before anything happens."""

    _name = "veloc.cadence.publish"
    _description = "Publish a Cadence Version"

    version_id = fields.Many2one("veloc.cadence.version", required=True)
    cadence_id = fields.Many2one(related="version_id.cadence_id")
    direction = fields.Selection(
        [
            ("keep", "Keep: they finish the version they entered"),
            ("move", "Move: they go on with the new version, from where they are"),
            ("exit", "Exit: they leave the cadence now"),
        ],
        string="Those Who Wait",
        required=True,
        default="keep",
    )
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting Now")
    keep_count = fields.Integer(compute="_compute_counts", string="Stay as They Are")
    move_count = fields.Integer(compute="_compute_counts", string="Move")
    exit_count = fields.Integer(compute="_compute_counts", string="Leave")
    line_ids = fields.One2many(
        "veloc.cadence.publish.line", "publish_id", compute="_compute_line_ids"
    )

    # === COMPUTE === #

    @api.depends("version_id", "direction")
    def _compute_counts(self):
        for wizard in self:
            total = dict.fromkeys(cadence_checks.DIRECTIONS, 0)
            for waiting, moves in wizard._get_waiting():
                counts = cadence_checks.count_plan(wizard.direction, waiting, moves)
                total = {name: total[name] + counts[name] for name in total}
            wizard.waiting_count = sum(total.values())
            wizard.keep_count = total["keep"]
            wizard.move_count = total["move"]
            wizard.exit_count = total["exit"]

    @api.depends("version_id")
    def _compute_line_ids(self):
        for wizard in self:
            steps = wizard._get_step_counts()
            new_steps = {step.slot: step for step in wizard.version_id.step_ids}
            lines = []
            for step, count in steps.items():
                moves = wizard._get_moves(step.version_id)
                target = new_steps.get(moves.get(step.slot))
                lines.append(
                    {
                        "step_id": step.id,
                        "waiting_count": count,
                        "target_id": target and target.id,
                    }
                )
            wizard.line_ids = [
                fields.Command.clear(),
                *(fields.Command.create(values) for values in lines),
            ]

    def _get_step_counts(self):
        """Return ``{step: people who wait for it}`` of the cadence's other versions."""
        groups = self.env["veloc.enrolment"]._read_group(
            [
                ("cadence_id", "=", self.cadence_id.id),
                ("version_id", "!=", self.version_id.id),
                ("state", "=", "active"),
            ],
            ["step_id"],
            ["__count"],
        )
        return dict(groups)

    def _get_waiting(self):
        """Yield for each other version (waiting by slot, target by slot)."""
        by_version = {}
        for step, count in self._get_step_counts().items():
            by_version.setdefault(step.version_id, {})[step.slot] = count
        for version, waiting in by_version.items():
            yield waiting, self._get_moves(version)

    def _get_moves(self, version):
        return cadence_checks.map_slots(
            version.step_ids._to_rule(), self.version_id.step_ids._to_rule()
        )

    # === ACTIONS === #

    def action_publish(self):
        """Publish with the chosen plan."""
        self.ensure_one()
        self.version_id._publish(self.direction)
        return self.cadence_id._open_form()
