from odoo import api, models

from ..scoring.veloc_score_frame import CARE


class VelocCaptureDoor(models.AbstractModel):
    """Who is to be left in peace is not asked whether they want to be written to."""

    _inherit = "veloc.capture.door"

    @api.model
    def _ask(self, form, variant, ticket, reading, body, visit):
        """Ask by mail, but nobody under protection: anybody may have typed that."""
        if self._is_protected(reading.email):
            return None
        return super()._ask(form, variant, ticket, reading, body, visit)

    def _is_protected(self, email):
        """Return whether a protection stands for whoever has this address."""
        blocks = self.env["veloc.suppression"]
        contacts = self.env["res.partner"].with_context(active_test=False)
        people = contacts.search([("email_normalized", "=", email)])
        standing = [
            ("partner_id", "in", people.ids),
            ("kind", "in", CARE),
            ("is_active", "=", True),
        ]
        if people and blocks.search_count(standing, limit=1):
            return True
        # Those whom no contact stands for any more, and those on a list of others.
        identities = self.env["veloc.care.identity"]
        digests = list(identities._all_digests([("email", email)]))
        return bool(
            identities._find_blocks(digests)
            or self.env["veloc.blocklist.entry"]._find_entries(digests)
        )
