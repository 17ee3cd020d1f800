import io
import zipfile

from odoo import api, models

from ...rules import erased_text

LARGEST = 32 * 2**20
TEXT_TYPES = ("text/", "application/json", "application/xml", "message/")
TEXT_ENDS = (".csv", ".txt", ".json", ".xml", ".html", ".eml", ".vcf", ".log")
# Archives of XML: nothing in them can be replaced without breaking them.
ZIP_ENDS = (".xlsx", ".docx", ".pptx", ".ods", ".odt", ".zip")


class VelocEraser(models.AbstractModel):
    """Files that belong to nobody in particular but speak of the person: lists."""

    _inherit = "veloc.eraser"

    @api.model
    def _redact_files(self, needles):
        """Rewrite text files and delete spreadsheets of dialogs; return how many."""
        pattern = erased_text.compiled(needles.all)
        changed = self.env["veloc.consent.import"]._redact_files(pattern)
        for file_sudo in self._readable_files():
            name = (file_sudo.name or "").lower()
            if name.endswith(ZIP_ENDS):
                changed += self._drop_archive(file_sudo, pattern)
            else:
                changed += self._rewrite(file_sudo, pattern)
        return changed

    def _readable_files(self):
        """Yield the files whose content can be read, one at a time."""
        # sudo: files of all records, which no single role may read.
        files_sudo = self.env["ir.attachment"].sudo()
        domain = [
            ("type", "=", "binary"),
            ("file_size", "<=", LARGEST),
            ("res_model", "not in", ("ir.ui.view", "ir.module.module", "ir.ui.menu")),
            ("res_field", "in", [False, *self._file_fields()]),
            "|",
            ("url", "=", False),
            ("url", "not like", "/web/assets/"),
        ]
        for file_sudo in files_sudo.search(domain, order="id"):
            name = (file_sudo.name or "").lower()
            kind = file_sudo.mimetype or ""
            if kind.startswith(TEXT_TYPES) or name.endswith(TEXT_ENDS + ZIP_ENDS):
                yield file_sudo
                file_sudo.invalidate_recordset(flush=False)

    @api.model
    def _file_fields(self):
        """Return the binary fields that may hold lists of people."""
        return sorted(
            {
                field.name
                for model in self.env.registry.values()
                if model._name.startswith(("veloc.", "base_import."))
                for field in model._fields.values()
                if field.type == "binary" and field.store and field.attachment
            }
        )

    def _rewrite(self, file_sudo, pattern):
        raw = file_sudo.raw or b""
        cleaned = erased_text.redact_bytes(pattern, raw)
        if cleaned == raw:
            return 0
        file_sudo.raw = cleaned
        return 1

    def _drop_archive(self, file_sudo, pattern):
        """Delete an archive that speaks of the person: a list of a closed dialog.

        One that belongs to a lasting record is somebody's document; it is reported.
        """
        if not self._speaks_of(file_sudo.raw or b"", pattern):
            return 0
        owner = self.env.get(file_sudo.res_model)
        if owner is None or owner._transient:
            file_sudo.unlink()
        else:
            self.env["veloc.alert"]._raise(
                "erased_person_in_file",
                key=str(file_sudo.id),
                detail=self.env._(
                    "File %(id)s speaks of an erased person and cannot be rewritten: "
                    "look at it and replace it.",
                    id=file_sudo.id,
                ),
                res_model=file_sudo.res_model,
                res_id=file_sudo.res_id,
            )
        return 1

    def _speaks_of(self, raw, pattern):
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                return any(
                    pattern.search(archive.read(item).decode("utf-8", "replace"))
                    for item in archive.infolist()
                    if item.file_size <= LARGEST
                    and item.filename.endswith((".xml", *TEXT_ENDS))
                )
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
            return False
