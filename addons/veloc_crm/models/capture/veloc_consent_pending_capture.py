from odoo import models


class VelocConsentPending(models.Model):
    """When its owner confirms what a form sent, the lead arrives."""

    _inherit = "veloc.consent.pending"

    def _record(self, partner, now, proof=None):
        """Record the consents, then let what was sent beside them follow."""
        done = super()._record(partner, now, proof)
        if partner:
            # sudo: staff who match a contact need no right on what was sent.
            submission_sudo = (
                self.env["veloc.capture.submission"]
                .sudo()
                .search([("pending_id", "=", self.id), ("state", "=", "waiting")])
            )
            if submission_sudo:
                submission_sudo._arrive(partner)
        return done
