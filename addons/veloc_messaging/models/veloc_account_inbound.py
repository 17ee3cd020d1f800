from odoo import fields, models


class VelocAccount(models.Model):
    """How one connection reads what people write."""

    _inherit = "veloc.account"

    ignored_words = fields.Char(
        "Words that do not stop",
        help="Opt-out words with another meaning here, separated by commas: CANCEL, "
        "CANCELAR where people confirm or cancel appointments. What the provider "
        "itself understood as a stop always counts.",
    )

    def _ignored_words(self):
        """Return the opt-out words that have another meaning on this account."""
        words = (self.ignored_words or "").split(",")
        return frozenset(filter(None, map(str.strip, words)))
