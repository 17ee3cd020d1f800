from odoo import fields, models

from ...rules.privacy_notice import Controller


class ResCompany(models.Model):
    """The controller of the data, and the encarregado who answers for them."""

    _inherit = "res.company"

    veloc_dpo_name = fields.Char(
        "Encarregado", help="Data protection officer (LGPD art. 41): public."
    )
    veloc_dpo_email = fields.Char("E-mail of the encarregado")
    veloc_dpo_phone = fields.Char("Telephone of the encarregado")

    def _veloc_controller(self):
        """Return who decides about the data, as notices and receipts name them."""
        self.ensure_one()
        # sudo: what a notice says about the company is public.
        company = self.sudo()
        address = company.partner_id._display_address(without_company=True)
        lines = (line.strip() for line in address.splitlines())
        return Controller(
            name=company.name or "",
            tax_id=company.vat or "",
            address=", ".join(filter(None, lines)),
            email=company.email or "",
            phone=company.phone or "",
            website=company.website or "",
            dpo_name=company.veloc_dpo_name or "",
            dpo_email=company.veloc_dpo_email or "",
            dpo_phone=company.veloc_dpo_phone or "",
        )
