from odoo import api, models

from ...rules import erased_text


class VelocConsentImport(models.Model):
    """The sealed file of an import names many: one of them can be taken out."""

    _inherit = "veloc.consent.import"

    @api.model
    def _redact_files(self, pattern):
        """Seal the files anew without what the pattern finds; return how many.

        The hash of the file as it came stays: it proves that this one was redacted.
        """
        changed = 0
        # sudo: the eraser reads every file, whoever imported it.
        for job_sudo in self.sudo().search([("attachment_id", "!=", False)]):
            content = job_sudo._content()
            cleaned = erased_text.redact_bytes(pattern, content)
            if cleaned != content:
                sealed = self.env["veloc.keyring"]._seal(job_sudo._context(), cleaned)
                job_sudo.attachment_id.raw = sealed.encode()
                changed += 1
        return changed
