"""What makes people leave a cadence before its last step."""

from odoo import api, fields, models

from .veloc_trader import STAGES
from .veloc_trader_event import TYPES


class VelocCadenceExit(models.Model):
    """One way out of a version: an event or a lifecycle stage."""

    _name = "veloc.cadence.exit"
    _description = "Cadence Exit"
    _order = "version_id, is_goal desc, id"

    version_id = fields.Many2one(
        "veloc.cadence.version", required=True, ondelete="cascade", index=True
    )
    event_type = fields.Selection(TYPES, string="When This Happens")
    stage = fields.Selection(STAGES, string="Or in This Stage")
    is_goal = fields.Boolean(
        string="Goal", help="Leaving this way is a success, counted as converted."
    )

    _one_trigger = models.Constraint(
        "CHECK (num_nonnulls(event_type, stage) = 1)",
        "A way out is either an event or a stage.",
    )

    def init(self):
        """Freeze the exits of published versions in the database too."""
        self.env.cr.execute(
            """CREATE OR REPLACE TRIGGER veloc_cadence_exit_frozen
            BEFORE INSERT OR UPDATE OR DELETE ON veloc_cadence_exit
            FOR EACH ROW EXECUTE FUNCTION veloc_cadence_part_frozen()"""
        )

    # === COMPUTE === #

    @api.depends("event_type", "stage")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("event_type", "stage")
        }
        for way in self:
            way.display_name = labels["event_type"].get(way.event_type) or labels[
                "stage"
            ].get(way.stage, "")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        exits = super().create(vals_list)
        exits.version_id._check_is_draft()
        return exits

    def write(self, vals):
        self.version_id._check_is_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self.version_id._check_is_draft()
