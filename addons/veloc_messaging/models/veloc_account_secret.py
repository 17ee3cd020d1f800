from odoo import fields, models

KINDS = [
    ("main", "Main secret (auth token, access token, private key)"),
    ("previous", "Previous main secret"),
    ("api_key", "API key"),
    ("app", "App secret"),
    ("app_previous", "Previous app secret"),
    ("verify", "Verify token"),
    ("key", "Secret of a named key"),
]


class VelocAccountSecret(models.Model):
    """A secret of a provider account that is not in the environment."""

    _name = "veloc.account.secret"
    _inherit = "veloc.sealed.secret"
    _description = "Secret of a provider account"
    _order = "account_id, kind, key_id"
    _rec_name = "kind"

    account_id = fields.Many2one(
        "veloc.account", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(KINDS, required=True, default="main")
    key_id = fields.Char("Key's name", help="Twilio: the SID of the key (SK…).")

    _one_each = models.UniqueIndex(
        "(account_id, kind, COALESCE(key_id, ''))",
        "This account has such a secret already; replace its value.",
    )
    _named = models.Constraint(
        "CHECK (kind <> 'key' OR key_id IS NOT NULL)", "Which key is it the secret of?"
    )

    def _by_name(self):
        """Return ``{name: secret}`` as the adapters call them."""
        plain = self._plain_secrets()
        return {
            f"key_{secret.key_id.lower()}" if secret.kind == "key" else secret.kind: (
                plain[secret.id]
            )
            for secret in self
            if secret.id in plain
        }
