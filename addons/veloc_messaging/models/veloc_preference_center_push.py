from odoo import api, models


class VelocPreferenceCenter(models.AbstractModel):
    """The preference page leads to the page for notifications."""

    _inherit = "veloc.preference.center"

    @api.model
    def _links(self, partner):
        links = super()._links(partner)
        if self.env["veloc.account"]._push_account():
            label = self.env._("Notifications in this browser")
            links.append({"url": partner._veloc_push_path(), "label": label})
        return links
