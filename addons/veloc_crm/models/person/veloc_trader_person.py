from odoo import api, fields, models


class VelocTrader(models.Model):
    """Who else this could be, who shares what with them, and what is wrong."""

    _inherit = "veloc.trader"

    alias_ids = fields.One2many("veloc.trader.alias", "trader_id", "Further References")
    alias_refs = fields.Char("Also Known as", compute="_compute_alias_refs")
    issue_ids = fields.One2many(
        "veloc.data.issue",
        "trader_id",
        "Findings",
        domain=[("state", "=", "open")],
    )
    link_ids = fields.One2many("veloc.trader.link", "trader_id", "Linked Accounts")
    duplicate_count = fields.Integer(
        "Possible Duplicates", compute="_compute_duplicate_count"
    )

    # === COMPUTE === #

    @api.depends("alias_ids.external_ref")
    def _compute_alias_refs(self):
        for trader in self:
            refs = trader.alias_ids.mapped("external_ref")
            trader.alias_refs = ", ".join(refs)

    def _compute_duplicate_count(self):
        pairs = self.env["veloc.duplicate"].search(self._domain_of_pairs())
        for trader in self:
            own = pairs.filtered(
                lambda p, who=trader.partner_id: who in p.left_id | p.right_id
            )
            trader.duplicate_count = len(own)

    def _domain_of_pairs(self):
        people = self.partner_id.ids
        return [
            ("state", "=", "open"),
            "|",
            ("left_id", "in", people),
            ("right_id", "in", people),
        ]

    # === ACTIONS === #

    def action_open_duplicates(self):
        """Open the records that may be this person (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_duplicate_action"
        )
        return action | {"domain": self._domain_of_pairs(), "context": {}}
