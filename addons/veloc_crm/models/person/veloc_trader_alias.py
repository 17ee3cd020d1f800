"""The references a merged person also goes by at the broker."""

from odoo import api, fields, models, tools
from odoo.tools import SQL


class VelocTraderAlias(models.Model):
    """A second reference of one trader: events under it are theirs."""

    _name = "veloc.trader.alias"
    _description = "Further Reference of a Trader"
    _order = "id desc"
    _rec_name = "external_ref"
    _log_access = False

    external_ref = fields.Char(
        string="Broker's Reference", required=True, readonly=True
    )
    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, index=True, ondelete="cascade"
    )
    merge_id = fields.Many2one(
        "veloc.merge", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )

    _external_ref_unique = models.Constraint(
        "UNIQUE (external_ref)", "The broker's reference belongs to one trader."
    )

    # === BUSINESS === #

    @api.model
    @tools.ormcache()
    def _is_any(self):
        """Whether anybody was ever merged: ingestion asks with every batch."""
        rows = self.env.execute_query(
            SQL("SELECT EXISTS (SELECT FROM veloc_trader_alias)")
        )
        return rows[0][0]

    @api.model
    def _find(self, refs):
        """Return ``{ref: alias id}``; no query while there is none."""
        if not refs or not self._is_any():
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT external_ref, id FROM veloc_trader_alias"
                    " WHERE external_ref = ANY(%s)",
                    list(refs),
                )
            )
        )

    @api.model
    def _find_traders(self, refs):
        """Return ``{ref: (trader, contact, company)}`` of those known by an alias."""
        if not refs or not self._is_any():
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT a.external_ref, t.id, t.partner_id, t.company_id"
                " FROM veloc_trader_alias a JOIN veloc_trader t ON t.id = a.trader_id"
                " WHERE a.external_ref = ANY(%s)",
                list(refs),
            )
        )
        return {ref: tuple(ids) for ref, *ids in rows}
