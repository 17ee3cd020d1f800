from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...rules import short_link


class ResConfigSettings(models.TransientModel):
    """Where short links point to before they lead on."""

    _inherit = "res.config.settings"

    veloc_link_domain = fields.Char(
        "Short domain", config_parameter="veloc_messaging.link_domain"
    )

    @api.constrains("veloc_link_domain")
    def _check_veloc_link_domain(self):
        for settings in self:
            domain = settings.veloc_link_domain
            if domain and not short_link.is_base(domain):
                raise ValidationError(
                    self.env._(
                        "The short domain is an https address with a host and at most "
                        "a short path, as in https://go.veloc.example."
                    )
                )
