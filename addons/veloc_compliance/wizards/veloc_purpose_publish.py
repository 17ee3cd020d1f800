from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules import purpose


class VelocPurposePublish(models.TransientModel):
    """Look first: whom the new version leaves without a consent, and what then."""

    _name = "veloc.purpose.publish"
    _description = "Publish a purpose version"

    version_id = fields.Many2one(
        "veloc.purpose.version", required=True, readonly=True, ondelete="cascade"
    )
    purpose_id = fields.Many2one(related="version_id.purpose_id")
    legal_basis = fields.Selection(related="version_id.legal_basis")
    keeps_consents = fields.Boolean(related="version_id.keeps_consents")
    obstacle = fields.Char(compute="_compute_obstacle")
    notice_gaps = fields.Text(related="version_id.notice_gaps")
    standing_count = fields.Integer("People who agreed", compute="_compute_heads")
    kept_count = fields.Integer("Their consent stays", compute="_compute_heads")
    again_count = fields.Integer("To be asked again", compute="_compute_heads")
    reachable_count = fields.Integer("Of these, with e-mail", compute="_compute_heads")
    channel_lines = fields.Text("By channel", compute="_compute_heads")
    plan = fields.Selection(
        [
            ("ask", "Write to them and ask again"),
            ("wait", "Ask when they next open their preference page"),
        ],
        default="ask",
        required=True,
        help="Until they answer, the gate refuses this purpose for them either way.",
    )

    # === COMPUTE === #

    @api.depends("version_id")
    def _compute_obstacle(self):
        for wizard in self:
            fault = purpose.publish_fault(wizard.version_id._rule_version())
            wizard.obstacle = fault and wizard.version_id._fault_message(fault)

    @api.depends("version_id")
    def _compute_heads(self):
        field = self.env["veloc.consent"]._fields["channel"]
        labels = dict(field._description_selection(self.env))
        for wizard in self:
            heads = wizard.version_id._count_heads()
            for name in ("standing", "kept", "again", "reachable"):
                wizard[f"{name}_count"] = heads[name]
            wizard.channel_lines = "\n".join(
                self.env._(
                    "%(channel)s: %(standing)s agreed, %(kept)s stay",
                    channel=labels.get(channel, channel),
                    standing=standing,
                    kept=kept,
                )
                for channel, (standing, kept) in sorted(heads["channels"].items())
            )

    # === ACTIONS === #

    def action_publish(self):
        """Publish, and ask again whom the plan says."""
        self.ensure_one()
        self.version_id.check_access("write")
        if self.obstacle:
            raise UserError(self.obstacle)
        # Counted before: publishing changes whose consent counts.
        asks = self.plan == "ask" and self.again_count
        round_ = self.env["veloc.reconsent"]
        if asks:
            round_ = round_._prepare(self.version_id)
        self.version_id.action_publish()
        if not asks:
            return {"type": "ir.actions.act_window_close"}
        round_._start()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_reconsent_action"
        )
        return action | {"res_id": round_.id, "views": [(False, "form")]}
