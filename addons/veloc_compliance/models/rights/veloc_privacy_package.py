import base64
import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ...report import declaration_pdf
from ...rules import field_cipher, privacy_package

KINDS = [("declaration", "Full declaration"), ("portability", "Portability")]
OPEN_FOR = timedelta(days=30)


class VelocPrivacyPackage(models.Model):
    """The files of one answer: sealed on the disk, for one person, for a while."""

    _name = "veloc.privacy.package"
    _description = "Files for a data subject"
    _order = "id desc"
    _rec_name = "file_name"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    made_at = fields.Datetime("Made", required=True, readonly=True)
    released_at = fields.Datetime(
        "Open to the person", readonly=True, help="Before, only the desk can look."
    )
    expires_at = fields.Datetime("Until", required=True, readonly=True)
    file = fields.Binary(attachment=True, readonly=True, groups=NO_ACCESS)
    file_name = fields.Char(compute="_compute_file_name")
    size = fields.Integer("Bytes", readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)
    downloads = fields.Integer(readonly=True)
    is_gone = fields.Boolean("Expired", readonly=True)

    _request_idx = models.Index("(request_id, id)")

    # === COMPUTE === #

    @api.depends("kind", "request_id.number")
    def _compute_file_name(self):
        for package in self:
            package.file_name = f"{package.request_id.number}-{package.kind}.zip"

    # === MAKING === #

    @api.model
    def _make(self, request, kind):
        """Gather, pack and seal what we hold about the person of this request."""
        request.package_ids.filtered(lambda p: p.kind == kind)._destroy()
        content = self._pack(request, kind)
        now = fields.Datetime.now()
        package = self.create(
            {
                "request_id": request.id,
                "kind": kind,
                "made_at": now,
                "expires_at": now + OPEN_FOR,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
        sealed = self.env["veloc.keyring"]._seal_bytes(package._place(), content)
        package.file = base64.b64encode(sealed)
        request._remember("package", package=package.id)
        return package

    @api.model
    def _pack(self, request, kind):
        lang = request._letter_lang()
        declarations = self.env["veloc.declaration"].with_context(lang=lang)
        about, data = declarations._build(request.with_context(lang=lang))
        extra = {}
        if kind == "declaration":
            extra["declaration.pdf"] = declaration_pdf.build(
                about, declarations._labelled(data), declarations._pdf_words()
            )
        return privacy_package.pack(about, data, extra)

    def _place(self):
        return field_cipher.context("veloc_privacy_package", "file", self.id)

    # === GIVING === #

    def _release(self):
        """Let the person fetch the files; the term begins now."""
        now = fields.Datetime.now()
        fresh = self.filtered(lambda p: not p.released_at and not p.is_gone)
        fresh.write({"released_at": now, "expires_at": now + OPEN_FOR})

    def _is_open(self):
        """Whether the person may fetch it now."""
        now = fields.Datetime.now()
        return bool(self.released_at) and not self.is_gone and self.expires_at > now

    def _download(self, way):
        """Return the bytes; who fetched what, when and how is in the ledger.

        The caller has checked that this visitor may have it.
        """
        self.ensure_one()
        if self.is_gone:
            raise UserError(self.env._("This file has expired."))
        # sudo: the sealed file is shown to nobody; the caller checked the visitor.
        package_sudo = self.sudo().with_context(bin_size=False)
        sealed = base64.b64decode(package_sudo.file)
        content = self.env["veloc.keyring"]._open_bytes(self._place(), sealed)
        self._count_download()
        package_sudo.request_id._remember("download", package=self.id, way=way)
        self.env["veloc.ledger.entry"]._note(
            "export",
            model=self._name,
            res_id=self.id,
            subject_id=package_sudo.request_id.partner_id.id,
            public={"way": way, "sha256": self.sha256},
        )
        return content

    def _count_download(self):
        """Count one; a second press of the button waits for the first."""
        self.env.cr.execute(
            SQL(
                "SELECT FROM veloc_privacy_package WHERE id = %s FOR NO KEY UPDATE",
                self.id,
            )
        )
        self.invalidate_recordset(["downloads"])
        # sudo: whoever may have the file may be counted.
        self.sudo().downloads += 1

    # === ENDING === #

    def _destroy(self):
        self.write({"file": False, "is_gone": True})

    @api.model
    def _expire(self):
        """Destroy files whose term is over; return how many."""
        over = self.search(
            [("is_gone", "=", False), ("expires_at", "<=", fields.Datetime.now())],
            limit=500,
        )
        over._destroy()
        return len(over)

    # === ACTIONS === #

    def action_download(self):
        """Fetch the files for the desk (button)."""
        self.ensure_one()
        self.request_id._check_worker()
        url = f"/veloc/privacy/package/{self.id}"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}
