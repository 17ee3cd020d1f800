"""The references a merged person also goes by at the broker."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL


class Alias(NamedTuple):
    """A further reference: its row, the trader's own one, and the trader's ids."""

    id: int
    own_ref: str
    trader: tuple[int, int, int]


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
    def _find(self, refs):
        """Return ``{ref: Alias}`` of those that are one.

        Not remembered: a batch that waited for the first merge of all, in another
        process, would take its events for a stranger's.
        """
        if not refs:
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT a.external_ref, a.id, t.external_ref, t.id, t.partner_id,"
                " t.company_id"
                " FROM veloc_trader_alias a JOIN veloc_trader t ON t.id = a.trader_id"
                " WHERE a.external_ref = ANY(%s)",
                list(refs),
            )
        )
        return {ref: Alias(id_, own, tuple(ids)) for ref, id_, own, *ids in rows}
