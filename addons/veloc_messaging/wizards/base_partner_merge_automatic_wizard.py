from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """People who are merged go on with one conversation."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Join the conversations first: Odoo would drop those that collide."""
        # sudo: conversations follow their person, whoever merges.
        talks_sudo = self.env["veloc.conversation"].sudo()
        for company in (
            talks_sudo.search([("partner_id", "in", src_partners.ids)])
        ).company_id:
            talks_sudo._join(src_partners | dst_partner, dst_partner, company)
        return super()._update_foreign_keys(src_partners, dst_partner)
