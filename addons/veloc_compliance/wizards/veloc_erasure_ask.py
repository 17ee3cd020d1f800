from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.retention.veloc_erasure import REASONS


class VelocErasureAsk(models.TransientModel):
    """Erase people, after seeing what goes, what stays and until when."""

    _name = "veloc.erasure.ask"
    _description = "Erase people"

    partner_ids = fields.Many2many(
        "res.partner",
        string="People",
        required=True,
        context={"active_test": False},
        default=lambda self: self._default_partner_ids(),
    )
    reason = fields.Selection(
        [item for item in REASONS if item[0] in ("request", "consent", "officer")],
        required=True,
        default="request",
    )
    preview = fields.Text("What will happen", compute="_compute_preview")
    is_sure = fields.Boolean("I know that this cannot be undone")

    def _default_partner_ids(self):
        is_people = self.env.context.get("active_model") == "res.partner"
        return self.env.context.get("active_ids") if is_people else False

    # === COMPUTE === #

    @api.depends("partner_ids")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = "\n".join(wizard._preview_lines())

    def _preview_lines(self):
        people = self.partner_ids._origin
        running = self.env["veloc.retention.duty"]._running(people.ids)
        held = self.env["veloc.legal.hold"]._held(people.ids)
        lines = []
        for person in people:
            terms = [(v.law, end) for v, end in running.get(person.id, [])]
            terms += [(law, until) for law, until in held.get(person.id, [])]
            if not terms:
                lines.append(
                    self.env._("%(name)s: erased now.", name=person.display_name)
                )
            for law, end in terms:
                dated = end and end.year < 9999
                lines.append(
                    self.env._(
                        "%(name)s: blocked and pseudonymised now; a sealed copy stays "
                        "until %(end)s (%(law)s).",
                        name=person.display_name,
                        end=end if dated else self.env._("the hold is lifted"),
                        law=law,
                    )
                )
        return lines

    # === ACTIONS === #

    def action_erase(self):
        """Begin the erasure of these people and show where it stands."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))
        if not self.is_sure:
            raise UserError(self.env._("Confirm that you know it cannot be undone."))
        erasures = self.env["veloc.erasure"]._erase(self.partner_ids, self.reason)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_erasure_action"
        )
        return action | {"domain": [("id", "in", erasures.ids)], "context": {}}
