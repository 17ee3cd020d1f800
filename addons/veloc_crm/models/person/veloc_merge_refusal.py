from odoo import api, models
from odoo.exceptions import AccessError

ANALYST = "veloc_crm.group_analyst"


class VelocMerge(models.Model):
    """What may not be merged, and who may not merge."""

    _inherit = "veloc.merge"

    @api.model
    def _check_may_merge(self):
        if not (self.env.su or self.env.user.has_group(ANALYST)):
            raise AccessError(
                self.env._("Only analysts and managers may merge people.")
            )

    @api.model
    def _check_may_see(self, people):
        """Refuse to merge whom the caller may not see, or another company's traders."""
        people.check_access("read")
        # sudo: whether there are any; the check is the caller's own.
        trader_ids = people.sudo().veloc_trader_ids.ids
        self.env["veloc.trader"].browse(trader_ids).check_access("read")

    @api.model
    def _refusal(self, survivor, loser):
        """Return the sentence that says why these two cannot be merged, or None."""
        # sudo: what forbids it may be hidden from who asks; no value is shown.
        both = (survivor | loser).sudo()
        if len(both.exists()) < 2:
            return self.env._("Choose two different people.")
        checks = (
            self._refusal_of_state,
            self._refusal_of_kind,
            self._refusal_of_cpf,
            self._refusal_of_cnpj,
        )
        return next((text for check in checks if (text := check(both))), None)

    @api.model
    def _refusal_of_state(self, both):
        if any(both.mapped("veloc_blocked_at")) or both.veloc_erasure_ids:
            return self.env._(
                "One of them is blocked or was erased: nobody erased is brought back."
            )
        if both.with_context(active_test=False).user_ids:
            return self.env._("A contact with a login of its own cannot be merged.")
        gone = [("loser_id", "in", both.ids), ("state", "!=", "undone")]
        if both.env["veloc.merge"].search_count(gone, limit=1):
            return self.env._("One of them was merged already.")
        return None

    @api.model
    def _refusal_of_kind(self, both):
        if both.parent_id & both:
            return self.env._("One of them is the other's contact person.")
        if len(set(both.mapped("is_company"))) > 1:
            return self.env._("A company and a person are never one.")
        if len(both.veloc_trader_ids.company_id) > 1:
            return self.env._("They are traders of two companies.")
        return None

    @api.model
    def _refusal_of_cpf(self, both):
        cpfs = both._fields["veloc_cpf"].plain_values(both)
        if len(set(cpfs.values())) > 1:
            return self.env._(
                "They have different CPFs: they are two people. Mark them as linked."
            )
        return None

    @api.model
    def _refusal_of_cnpj(self, both):
        """Two companies of two numbers; a person may have named any company's."""
        cnpjs = both._fields["veloc_cnpj"].plain_values(both)
        if all(both.mapped("is_company")) and len(set(cnpjs.values())) > 1:
            return self.env._(
                "They have different CNPJs: they are two companies, or two branches of "
                "one. Mark them as linked."
            )
        return None
