import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

from ...rules import field_cipher, proof_file

MOST_BYTES = 5 * 1024 * 1024
KINDS = [
    ("mandate", "Power of attorney or guardianship"),
    ("identity", "Identity document"),
    ("other", "Other"),
]


class VelocPrivacyProof(models.Model):
    """A document that proves who asks, or in whose name; sealed on the disk."""

    _name = "veloc.privacy.proof"
    _description = "Proof of an identity or a mandate"
    _order = "id"
    _rec_name = "kind"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    mimetype = fields.Char("Type", required=True, readonly=True)
    received_at = fields.Datetime("Received", required=True, readonly=True)
    file = fields.Binary(attachment=True, readonly=True, groups=NO_ACCESS)
    size = fields.Integer("Bytes", readonly=True)

    # === BUSINESS === #

    @api.model
    def _keep(self, request, kind, content):
        """Seal and keep a document; UserError for what is none."""
        if len(content) > MOST_BYTES:
            raise UserError(self.env._("The file is larger than 5 MB."))
        kind_of_file = proof_file.file_type(content)
        if kind_of_file is None:
            raise UserError(
                self.env._("Hand in a PDF, or a picture (PNG, JPEG, WebP, HEIC).")
            )
        # sudo: proofs come from anonymous visitors too; the values are ours.
        proof = self.sudo().create(
            {
                "request_id": request.id,
                "kind": kind,
                "mimetype": kind_of_file.mimetype,
                "received_at": fields.Datetime.now(),
                "size": len(content),
            }
        )
        sealed = self.env["veloc.keyring"]._seal_bytes(proof._place(), content)
        proof.file = base64.b64encode(sealed)
        request._remember("proof", proof=proof.id)
        return proof

    def _place(self):
        return field_cipher.context("veloc_privacy_proof", "file", self.id)

    def _open(self):
        """Return the bytes; the reading is in the ledger. The caller checked who."""
        self.ensure_one()
        # sudo: the sealed file is shown to nobody; the caller checked the reader.
        proof_sudo = self.sudo().with_context(bin_size=False)
        sealed = base64.b64decode(proof_sudo.file)
        self.env["veloc.ledger.entry"]._note(
            "read",
            model=self._name,
            res_id=self.id,
            subject_id=proof_sudo.request_id.partner_id.id,
        )
        return self.env["veloc.keyring"]._open_bytes(self._place(), sealed)

    # === ACTIONS === #

    def action_open(self):
        """Look at the document (button)."""
        self.ensure_one()
        self.request_id._check_worker()
        url = f"/veloc/privacy/proof/{self.id}"
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}
