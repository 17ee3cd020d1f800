import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_VERSION = re.compile(r"v\d{2}\.\d")
_ID = re.compile(r"\d{5,20}")
# What a number at Meta needs beside the access token: (name, ending of the variable).
_NEEDED = (("app", "APP"), ("verify", "VERIFY"))


class VelocAccount(models.Model):
    """What a number at Meta has that other accounts do not."""

    _inherit = "veloc.account"

    waba_id = fields.Char(
        "WhatsApp Business Account ID",
        help="Meta: whose templates these are. Digits only.",
    )
    graph_version = fields.Char(
        "Graph API version",
        help="Meta: such as v26.0. Empty: the version that Veloc was tested with.",
    )
    missing_secrets = fields.Char(
        compute="_compute_missing_secrets",
        help="Environment variables that Meta's webhooks need and that are not set.",
    )

    # === COMPUTE === #

    @api.depends("code", "provider")
    def _compute_missing_secrets(self):
        for account in self:
            account.missing_secrets = account._name_missing_secrets()

    def _name_missing_secrets(self):
        if self.provider != "whatsapp" or not self.code:
            return False
        secrets, name = self._secrets(), f"VELOC_SECRET_{self._env_name()}"
        missing = [] if secrets.main else [name]
        missing += [
            f"{name}_{ending}" for key, ending in _NEEDED if key not in secrets.named
        ]
        return ", ".join(missing) or False

    # === CONSTRAINTS === #

    @api.constrains("provider", "account_sid", "waba_id", "graph_version")
    def _check_meta_ids(self):
        for account in self.filtered(lambda a: a.provider == "whatsapp"):
            ids = (account.account_sid, account.waba_id)
            if not all(_ID.fullmatch(id_ or "") for id_ in ids):
                raise ValidationError(
                    self.env._(
                        "Meta's phone number ID and WhatsApp Business Account ID "
                        "have digits only: the IDs, not the telephone number."
                    )
                )
            version = account.graph_version
            if version and not _VERSION.fullmatch(version):
                raise ValidationError(
                    self.env._("A version of the Graph API looks like v26.0.")
                )

    # === BUSINESS === #

    def _provider_options(self):
        """Give Meta's adapter its settings."""
        options = super()._provider_options()
        if self.provider == "whatsapp":
            options["waba_id"] = self.waba_id or ""
            options["graph_version"] = self.graph_version or ""
        return options
