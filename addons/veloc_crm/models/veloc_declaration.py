from odoo import api, fields, models


class VelocDeclaration(models.AbstractModel):
    """Where a trader's data came from, and by which criteria programs decide."""

    _inherit = "veloc.declaration"

    @api.model
    def _origin(self, partners):
        groups = self.env["veloc.trader.event"]._read_group(
            [("trader_id.partner_id", "in", partners.ids)], ["source"], ["at:min"]
        )
        return super()._origin(partners) + [
            {
                "source": self.env._(
                    "Events of the trading platform: %(way)s", way=way
                ),
                "from": fields.Datetime.to_string(first),
            }
            for way, first in groups
        ]

    @api.model
    def _criteria(self):
        return [
            *super()._criteria(),
            self.env._(
                "Your tier follows from your deposits and trades; your stage from your "
                "milestones and the days since your last activity. Messages follow "
                "from both, in published and numbered versions. You may ask for a "
                "person's review of each decision (art. 20)."
            ),
        ]
