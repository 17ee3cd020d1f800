from odoo import api, fields, models

from ...rules import short_link


class VelocMessage(models.Model):
    """The links of a message and who followed them."""

    _inherit = "veloc.message"

    link_ids = fields.One2many("veloc.link", "message_id", "Links", readonly=True)
    click_ids = fields.One2many(
        "veloc.link.click", "message_id", "Visits", readonly=True
    )

    @api.depends("body", "channel")
    def _compute_body_shown(self):
        """Show an e-mail without its pixel: our looking at it is no opening."""
        done = super()._compute_body_shown()
        for message in self.filtered(lambda m: m.channel == "email"):
            message.body_shown = short_link.without_pixel(message.body or "")
        return done
