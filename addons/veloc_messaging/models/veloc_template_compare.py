from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules import channel_look, text_diff

SHOWN = ("subject", "body", "template_name", "content_sid", "content_variables")


class VelocTemplateCompare(models.AbstractModel):
    """What changed between two versions, and the way back to an old one."""

    _name = "veloc.template.compare"
    _description = "Comparison of template versions"

    compare_with_id = fields.Many2one(
        "veloc.template.version",
        "Compared with",
        compute="_compute_compare_with_id",
        readonly=False,
        domain="[('template_id', '=', template_id), ('id', '!=', id)]",
    )
    difference = fields.Html(
        "What changed", compute="_compute_difference", sanitize=False
    )

    # === COMPUTE === #

    @api.depends("template_id.current_version_id")
    def _compute_compare_with_id(self):
        for version in self:
            in_use = version.template_id.current_version_id
            others = version.template_id.version_ids - version._origin
            before = others.filtered(lambda v, n=version.number: v.number < n)
            is_open = version.state in ("draft", "review")
            version.compare_with_id = (is_open and in_use) or before[:1]

    @api.depends("compare_with_id", "body_ids.body", "body_ids.subject")
    def _compute_difference(self):
        for version in self:
            other = version.compare_with_id
            version.difference = version._get_difference(other) if other else False

    def _get_difference(self, other):
        new = {(body.channel, body.lang): body for body in self.body_ids}
        old = {(body.channel, body.lang): body for body in other.body_ids}
        cards = [
            self._get_card(old.get(key), new.get(key))
            for key in dict.fromkeys([*old, *new])
        ]
        found = Markup().join(filter(None, cards))
        return found or Markup("<p class='text-muted'>{}</p>").format(
            self.env._("The texts are the same.")
        )

    def _get_card(self, old, new):
        """Return the changes of one text, None without any."""
        parts = [
            (
                self._get_label(name),
                (old and old[name]) or "",
                (new and new[name]) or "",
            )
            for name in SHOWN
        ]
        if new and old and all(before == after for _l, before, after in parts):
            return None
        state = "" if new and old else self.env._("new") if new else self.env._("gone")
        rows = Markup().join(
            Markup(
                "<div class='small text-muted'>{}</div>"
                "<div style='white-space: pre-wrap; overflow-wrap: anywhere'>{}</div>"
            ).format(label, channel_look.difference(text_diff.changes(before, after)))
            for label, before, after in parts
            if before != after
        )
        return Markup(
            "<div class='border rounded p-2 mb-2'><div class='fw-bold'>{} "
            "<span class='badge text-bg-info'>{}</span></div>{}</div>"
        ).format((new or old).display_name, state, rows)

    def _get_label(self, name):
        field = self.env["veloc.template.body"]._fields[name]
        return field._description_string(self.env)

    # === ACTIONS === #

    def action_bring_back(self):
        """Open a new draft with the texts of this version."""
        self.ensure_one()
        template = self.template_id
        template.check_access("write")
        if template.draft_version_id:
            raise UserError(
                self.env._(
                    "There is a draft already: %(draft)s. Approve or delete it first.",
                    draft=template.draft_version_id.display_name,
                )
            )
        draft = template._copy_version(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": "veloc.template.version",
            "res_id": draft.id,
            "view_mode": "form",
            "name": draft.display_name,
        }
