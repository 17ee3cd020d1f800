from odoo import fields, models


class ResCompany(models.Model):
    """The appointment of the encarregado, and who stands in (Res. CD/ANPD 18/2024)."""

    _inherit = "res.company"

    veloc_dpo_appointed_on = fields.Date(
        "Appointed on", help="Date of the formal, signed act of appointment."
    )
    veloc_dpo_act = fields.Char(
        "Act of appointment", help="Where it is kept, for instance: minutes 12/2026."
    )
    veloc_dpo_substitute_name = fields.Char("Substitute")
    veloc_dpo_substitute_email = fields.Char("E-mail of the substitute")

    def _veloc_dpo_card(self):
        """Return what the public page says about the encarregado (art. 41 § 1)."""
        self.ensure_one()
        # sudo: name and channel of the encarregado are public by law.
        company = self.sudo()
        controller = company._veloc_controller()
        return {
            "controller": controller,
            "appointed_on": company.veloc_dpo_appointed_on,
            "substitute_name": company.veloc_dpo_substitute_name or "",
            "substitute_email": company.veloc_dpo_substitute_email or "",
        }
