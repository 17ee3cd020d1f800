from cryptography.hazmat.primitives.serialization import load_pem_public_key

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import consent_receipt

LABEL = "receipt"


class VelocReceiptKey(models.Model):
    """The public keys that ever signed receipts: old ones must verify for ever."""

    _name = "veloc.receipt.key"
    _description = "Key of consent receipts"
    _inherit = ["veloc.append.only"]
    _order = "id desc"
    _rec_name = "key_id"

    key_id = fields.Char(required=True, readonly=True)
    pem = fields.Text("Public key", required=True, readonly=True)
    first_at = fields.Datetime("First used at", required=True, readonly=True)

    _key_unique = models.Constraint("UNIQUE(key_id)", "A key is listed once.")

    @api.model
    def _remember(self):
        """List the key in use, unless it is listed."""
        pem = self.env["veloc.keyring"]._public_key_pem(LABEL)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_receipt_key (key_id, pem, first_at)
                SELECT %(key)s, %(pem)s, %(now)s
                WHERE NOT EXISTS (SELECT FROM veloc_receipt_key WHERE key_id = %(key)s)
                ON CONFLICT (key_id) DO NOTHING
                """,
                key=self._id_of(pem),
                pem=pem,
                now=fields.Datetime.now(),
            )
        )

    @api.model
    def _pems(self):
        """Return ``{key id: public key}``: all there ever were, and today's."""
        current = self.env["veloc.keyring"]._public_key_pem(LABEL)
        known = {key.key_id: key.pem for key in self.search([])}
        return known | {self._id_of(current): current}

    @staticmethod
    def _id_of(pem):
        return consent_receipt.key_id(load_pem_public_key(pem.encode()))
