from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from .encrypted_char import encrypted_char

_lt = LazyTranslate(__name__)


class VelocSealedSecret(models.AbstractModel):
    """A password or token of a program: written once, never shown again to anybody.

    For models of addons that must talk to somebody and cannot take the secret from the
    environment alone.
    """

    _name = "veloc.sealed.secret"
    _description = "Encrypted secret"
    _veloc_ledger_fields = frozenset({"changed_at"})
    _veloc_ledger_kind = "config"

    value, value_sealed = encrypted_char(
        "Secret",
        groups="base.group_system",
        write_only=True,
        problem=_lt("this is no secret."),
    )
    changed_at = fields.Datetime("Set on", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        """Keep when the secret was set: the ledger shows it, the secret never."""
        return super().create([self._dated(vals) for vals in vals_list])

    def write(self, vals):
        """Keep when the secret was changed."""
        return super().write(self._dated(vals))

    def _dated(self, vals):
        if vals.get("value"):
            return vals | {"changed_at": fields.Datetime.now()}
        # What is not shown comes back empty from a form: it stays as it is.
        return {name: value for name, value in vals.items() if name != "value"}

    def _plain_secrets(self):
        """Return ``{id: secret}`` for the program, without what does not open."""
        field = self._fields["value"]
        return {
            id_: text
            for id_, text in field.plain_values(self).items()
            if not field.is_unreadable(text)
        }
