from odoo import models
from odoo.exceptions import UserError

_EVIDENCE = ("veloc.consent", "veloc.gate.verdict")


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts rewrites what points to them; evidence cannot be rewritten."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Keep the contact that has evidence; refuse to mix that of several."""
        holders = self._veloc_evidence_holders(partner_ids)
        keeper = dst_partner or holders[:1]
        if holders - keeper:
            raise UserError(
                self.env._(
                    "“%(name)s” has consents on record, which stay with the person "
                    "who gave them. Keep this contact, or archive one of them.",
                    name=(holders - keeper)[0].display_name,
                )
            )
        return super()._merge(partner_ids, keeper or None, extra_checks=extra_checks)

    def _update_values(self, src_partners, dst_partner):
        """Carry encrypted values over: a ciphertext is bound to its contact."""
        # sudo: whoever may merge moves what the contacts have, seen or not.
        self.env["res.partner"].sudo()._veloc_merge_identity(src_partners, dst_partner)
        return super()._update_values(src_partners, dst_partner)

    def _veloc_evidence_holders(self, partner_ids):
        holders = self.env["res.partner"]
        for model in _EVIDENCE:
            # sudo: evidence binds whoever merges, seen or not.
            groups = (
                self.env[model]
                .sudo()
                ._read_group([("partner_id", "in", partner_ids)], ["partner_id"])
            )
            holders |= holders.browse(partner.id for (partner,) in groups)
        return holders
