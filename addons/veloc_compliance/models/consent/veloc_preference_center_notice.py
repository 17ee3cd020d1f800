from odoo import api, fields, models

from ...rules import preference_form, privacy_notice


class VelocPreferenceCenter(models.AbstractModel):
    """The notice of art. 9 on the pages people see before they decide."""

    _inherit = "veloc.preference.center"

    @api.model
    def _page(self, partner):
        """Give each section the notice, and the hash of what is shown."""
        sections = super()._page(partner)
        for section in sections:
            purpose = section["purpose"]
            version = purpose.current_version_id
            section |= {
                "version": version,
                "parts": version._notice_parts() if version.notice_use else [],
                "read": f"{purpose.id}:{version.full_notice_hash}",
                "highlight": version.is_sensitive and version.sensitive_notice,
                "is_interest": purpose.legal_basis == "legitimate_interest",
            }
        return sections

    @api.model
    def _stale(self, form):
        """Return the purposes whose notice changed while the person was reading.

        A yes to a notice that stands nowhere would prove nothing: they read it again.
        A no counts, whatever stood on the page.
        """
        choice = preference_form.read(form)
        versions = self.env["veloc.purpose.version"].browse(choice.shown.values())
        shown = {v.purpose_id.id: v for v in versions.exists()}
        unknown = {
            purpose_id: text_hash
            for purpose_id, text_hash in choice.read.items()
            if purpose_id in shown and text_hash != shown[purpose_id].full_notice_hash
        }
        if not unknown:
            return set()
        kept = self.env["veloc.shown.text"]._by_hash("notice", set(unknown.values()))
        return {
            purpose_id
            for purpose_id, text_hash in unknown.items()
            if (shown[purpose_id].id, text_hash) not in kept
        }

    # === PUBLIC NOTICES === #

    @api.model
    def _notices(self, code=None, number=None):
        """Return the notices for the public page: all in force, or one version."""
        domain = [("current_version_id", "!=", False)]
        if code:
            domain.append(("code", "=", code))
        purposes = self.env["veloc.purpose"].search(domain)
        versions = purposes.current_version_id
        if number is not None:
            versions = purposes.version_ids.filtered(
                lambda version: version.number == number and version.state != "draft"
            )
        return [self._prepare_notice(version) for version in versions]

    def _prepare_notice(self, version):
        text = version.full_notice
        history = version.purpose_id.version_ids.filtered(lambda v: v.state != "draft")
        return {
            "purpose": version.purpose_id,
            "version": version,
            "parts": version._notice_parts(),
            "hash": privacy_notice.digest(text),
            "history": history.sorted("number", reverse=True),
        }

    # === CONFIRMATION === #

    @api.model
    def _confirmation_page(self, pending):
        """Return what the page behind a confirmation link shows."""
        labels = self._channel_labels()
        lines = pending.line_ids
        standing = pending._standing(fields.Datetime.now())
        partner = pending.partner_id if standing == "confirmed" else None
        return {
            "standing": standing,
            "sections": [
                {
                    "version": version,
                    "parts": version._notice_parts() if version.notice_use else [],
                    "channels": [
                        labels[line.channel]
                        for line in lines
                        if line.version_id == version
                    ],
                }
                for version in lines.version_id
            ],
            "page_path": partner and partner._veloc_preferences_path(),
            "receipt_ref": pending.receipt_ref,
        }
