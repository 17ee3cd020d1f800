from odoo import api, fields, models
from odoo.tools import SQL


class VelocMessage(models.Model):
    """What a provider says it charges for, message by message."""

    _inherit = "veloc.message"

    price_category = fields.Char(
        readonly=True, help="The provider's own word: marketing, utility, service …"
    )
    is_billable = fields.Boolean(
        "Charged", readonly=True, help="Whether the provider said that it charges."
    )
    polled_at = fields.Datetime(
        "Asked about",
        readonly=True,
        copy=False,
        help="When the provider was asked, because no report had come.",
    )

    _stale_idx = models.Index("(sending_at, id) WHERE state IN ('accepted', 'sent')")

    def unlink(self):
        """Cut the links of events, which no foreign key does."""
        events = self.env["veloc.provider.event"]
        events.search([("message_id", "in", self.ids)]).message_id = False
        return super().unlink()

    @api.model
    def _write_prices(self, prices):
        """Keep what receipts say about the price: {message id: receipt}."""
        if not prices:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_message m
                   SET price_category = COALESCE(v.category, m.price_category),
                       is_billable = COALESCE(v.billable, m.is_billable)
                  FROM unnest(%s::int[], %s::varchar[], %s::bool[])
                    AS v(id, category, billable)
                 WHERE m.id = v.id
                """,
                list(prices),
                [receipt.price_category or None for receipt in prices.values()],
                [receipt.is_billable for receipt in prices.values()],
            )
        )
        self.browse(prices).invalidate_recordset(
            ["price_category", "is_billable"], flush=False
        )
