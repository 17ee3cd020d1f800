import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_API_KEY = re.compile(r"SK[0-9a-fA-F]{32}")


class VelocAccount(models.Model):
    """What an account at Twilio has that others do not."""

    _inherit = "veloc.account"

    api_key_sid = fields.Char(
        "API key SID",
        help="Twilio: SK and 32 characters. With its secret in "
        "VELOC_SECRET_<CODE>_API_KEY messages are sent with this key; the auth token "
        "still checks what Twilio tells us.",
    )

    @api.constrains("api_key_sid")
    def _check_api_key_sid(self):
        for account in self:
            if account.api_key_sid and not _API_KEY.fullmatch(account.api_key_sid):
                raise ValidationError(
                    self.env._("The SID of an API key is SK and 32 characters.")
                )

    def _provider_options(self):
        """Add the API key."""
        return super()._provider_options() | {"api_key_sid": self.api_key_sid or ""}
