import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import NO_ACCESS
from odoo.tools.translate import LazyTranslate

from ...rules import field_cipher, proof_file
from .encrypted_char import encrypted_char
from .res_partner_identity import READERS

_lt = LazyTranslate(__name__)


class VelocIdentityProof(models.Model):
    """A file that proves who somebody is: sealed before it reaches the filestore.

    Never shown in the web client, never indexed, only downloaded; each download leaves
    an entry in the ledger. What was handed in is not exchanged: a new file is a new
    proof.
    """

    _name = "veloc.identity.proof"
    _description = "Identity proof"
    _order = "id desc"
    _veloc_ledger_fields = frozenset({"partner_id", "kind", "content"})
    _veloc_ledger_subject = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(proof_file.KINDS, required=True, default="document")
    received_at = fields.Date("Received on", default=fields.Date.context_today)
    mimetype = fields.Char("Type", readonly=True, copy=False)
    size = fields.Integer("Bytes", readonly=True, copy=False, aggregator=None)
    file_name, file_name_sealed = encrypted_char(
        "File name", groups=READERS, problem=_lt("this is no file name.")
    )
    content = fields.Binary(
        "File",
        compute="_compute_content",
        inverse="_inverse_content",
        groups=READERS,
        help="Sealed when it is saved and not shown again: use Download.",
    )
    sealed_content = fields.Binary(
        attachment=True, readonly=True, copy=False, groups=NO_ACCESS
    )

    # === COMPUTE === #

    @api.depends("kind", "received_at", "partner_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for proof in self:
            proof.display_name = f"{kinds.get(proof.kind, '')} #{proof.id or ''}"

    def _compute_content(self):
        """Write only: what is stored leaves by the download and by no other way."""
        self.content = False

    def _inverse_content(self):
        for proof in self:
            plain = proof._read_upload(proof.content)
            kind = proof_file.file_type(plain)
            # sudo: the columns are closed to everybody; the fields' groups were
            # checked when the file was written.
            proof.sudo().write({"mimetype": kind.mimetype, "size": len(plain)})
            proof._store_sealed(plain)

    def _store_sealed(self, plain):
        """Seal the bytes, with the newest key, into the filestore."""
        sealed = self.env["veloc.keyring"]._seal_bytes(self._place(), plain)
        # sudo: as above.
        self.sudo().sealed_content = base64.b64encode(sealed)

    @api.model
    def _read_upload(self, content):
        try:
            plain = base64.b64decode(content or b"", validate=True)
        except binascii.Error as error:
            raise ValidationError(self.env._("The file did not arrive whole.")) from (
                error
            )
        if not plain or not proof_file.file_type(plain):
            raise ValidationError(
                self.env._("Hand in a PDF, or a picture (PNG, JPEG, WebP, HEIC).")
            )
        if len(plain) > proof_file.LARGEST:
            raise ValidationError(
                self.env._(
                    "The file is too large: up to %(size)s MB are taken.",
                    size=proof_file.LARGEST // 1024**2,
                )
            )
        return plain

    def _place(self):
        return field_cipher.context(self._table, "content", self.id)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """A proof without a file proves nothing."""
        if not all(vals.get("content") for vals in vals_list):
            raise ValidationError(self.env._("Choose the file first."))
        return super().create(vals_list)

    def write(self, vals):
        """Refuse another file or another person: that would be another proof."""
        if not self.env.su and {"content", "partner_id", "file_name"} & vals.keys():
            raise UserError(
                self.env._("A proof is not exchanged: add the new file as a new one.")
            )
        return super().write(vals)

    # === ACTIONS === #

    def action_download(self):
        """Send the browser to the file (button)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/veloc/proof/{self.id}",
            "target": "download",
        }

    # === BUSINESS === #

    def _open_content(self):
        """Return (name, mimetype, bytes); the reading is noted, access is checked.

        ``field_cipher.CannotOpen`` if the file was changed or moved.
        """
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["content"], "read")
        # sudo: the column is closed to everybody, see above.
        proof_sudo = self.sudo().with_context(bin_size=False)
        sealed = base64.b64decode(proof_sudo.sealed_content or b"")
        try:
            plain = self.env["veloc.keyring"]._open_bytes(self._place(), sealed)
        except field_cipher.CannotOpen:
            self.env["veloc.keyring"]._report_unreadable(self, "content")
            raise
        self.env["veloc.keyring"]._note_reading(self, ["content"], way="download")
        names = self._fields["file_name"].plain_values(self)
        ending = proof_file.file_type(plain).ending
        name = proof_file.tidy_name(names.get(self.id) or "proof", ending)
        return name, self.mimetype, plain
