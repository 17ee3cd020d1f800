from odoo import api, fields, models


class ResPartner(models.Model):
    """Whom a contact became part of; blocking ends every way back."""

    _inherit = "res.partner"

    veloc_merge_ids = fields.One2many(
        "veloc.merge",
        "survivor_id",
        "Merged into this one",
        groups="veloc_crm.group_analyst",
    )

    def _veloc_block(self):
        """What would undo a merge holds personal data: it goes with the person's."""
        done = super()._veloc_block()
        # sudo: merges are hidden from most roles, which must not matter here.
        self.sudo().veloc_merge_ids.filtered(
            lambda merge: merge.state == "merged"
        )._make_final()
        return done

    @api.model
    def _veloc_find_by_external_ref(self, values):
        """Find people by the broker's references, second ones included."""
        found = super()._veloc_find_by_external_ref(values)
        known = self.env["veloc.ingest"]._find_refs(set(filter(None, values)))
        return found | {ref: [who.partner_id] for ref, who in known.items()}
