from odoo import api, models


class VelocDeclaration(models.AbstractModel):
    """By which criteria people are scored (art. 20 §1)."""

    _inherit = "veloc.declaration"

    @api.model
    def _criteria(self):
        return [
            *super()._criteria(),
            self.env._(
                "Each night clients are compared by how recently, how often and with "
                "how much they deposit, withdraw and trade, how often they log in, how "
                "far they came in opening the account and how long they are here; "
                "from this follow a segment, a group, a risk of leaving, an expected "
                "value and the chance of a deposit within 30 days. Health, religion, "
                "origin, complaints, self-exclusion and losses are never used. "
                "You may ask that a person reviews the scores; what is corrected is "
                "not computed again."
            ),
        ]
