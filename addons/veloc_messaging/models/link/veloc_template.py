from odoo import api, fields, models

from odoo.addons.veloc_compliance.const import PROMOTIONAL


class VelocTemplate(models.Model):
    """Whether the links of a template are counted, and how many people followed."""

    _inherit = "veloc.template"

    track_links = fields.Boolean(
        "Count clicks",
        compute="_compute_track_links",
        store=True,
        readonly=False,
        precompute=True,
        help="Usual for promotions; what concerns an account goes without, unless "
        "somebody decides otherwise. The purpose must allow it as well.",
    )
    clicked_count = fields.Integer(
        "Messages clicked",
        compute="_compute_clicked_count",
        help="Messages of which a person followed a link; machines do not count.",
    )

    @api.depends("purpose_id")
    def _compute_track_links(self):
        for template in self:
            template.track_links = template.purpose_id.kind in PROMOTIONAL

    def _compute_clicked_count(self):
        groups = self.env["veloc.link.click"]._read_group(
            [
                ("template_version_id.template_id", "in", self.ids),
                ("what", "=", "click"),
                ("kind", "=", "human"),
            ],
            ["template_version_id"],
            ["message_id:count_distinct"],
        )
        counts = {}
        for version, count in groups:
            template = version.template_id
            counts[template.id] = counts.get(template.id, 0) + count
        for template in self:
            template.clicked_count = counts.get(template.id, 0)

    def action_clicks(self):
        """Open who followed the links of this template."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_messaging.veloc_link_click_action"
        )
        domain = [("template_version_id.template_id", "=", self.id)]
        return action | {"domain": domain, "context": {"search_default_human": 1}}
