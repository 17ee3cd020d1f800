from odoo import api, fields, models

from odoo.addons.veloc_compliance.const import CHANNELS

from .veloc_template_submission import CATEGORIES


class VelocChannelPrice(models.Model):
    """What one message costs at the provider; an SMS is paid by the segment."""

    _name = "veloc.channel.price"
    _description = "Price of a channel"
    _order = "channel, country_id, category, date_from desc, id desc"
    _rec_name = "channel"

    channel = fields.Selection(CHANNELS, required=True)
    country_id = fields.Many2one("res.country", help="Empty: everywhere else.")
    category = fields.Selection(
        CATEGORIES, help="Of WhatsApp templates. Empty: every other category."
    )
    price = fields.Float(
        "Price of one", digits=(16, 6), required=True, help="Of an SMS: per segment."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    note = fields.Char(help="Where the figure comes from.")
    active = fields.Boolean(default=True)

    _price_not_negative = models.Constraint(
        "CHECK (price >= 0)", "A price is zero or more."
    )
    _one_a_day = models.UniqueIndex(
        "(channel, COALESCE(country_id, 0), COALESCE(category, ''), date_from)"
        " WHERE active",
        "There is a price for this from the same day already.",
    )

    # === BUSINESS === #

    @api.model
    def _find(self, channel, country, category, day):
        """Return the price in force that fits best, an empty set without one."""
        prices = self.search(
            [
                ("channel", "=", channel),
                ("country_id", "in", [country.id, False]),
                ("category", "in", [category, False]),
                ("date_from", "<=", day),
            ]
        )
        return prices.sorted(
            lambda price: (
                bool(price.country_id),
                bool(price.category),
                price.date_from,
            )
        )[-1:]

    def _write_cost(self, units):
        """Return the cost of ``units`` and of a thousand times that, in words."""
        self.ensure_one()
        if not self.price:
            return self.env._("nothing per message")
        each = self.price * units
        return self.env._(
            "%(each)s each, %(thousand)s per 1,000",
            each=f"{self.currency_id.name} {each:.4f}",
            thousand=f"{self.currency_id.name} {each * 1000:.2f}",
        )
