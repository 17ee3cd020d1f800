from odoo import fields, models


class VelocStyleProduct(models.Model):
    """Something we offer, and what must be said wherever it is offered."""

    _name = "veloc.style.product"
    _description = "Product with its notices"
    _order = "sequence, name, id"

    name = fields.Char("Product", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    notice_ids = fields.One2many("veloc.style.notice", "product_id", "Notices")

    # === BUSINESS === #

    def _notices(self, channel, lang):
        """Return ``((product, notice), …)`` for a channel and language.

        The channel's own notice goes before the one for every channel; a call has
        none unless it has one of its own.
        """
        found = []
        for product in self:
            lines = product.notice_ids.filtered(
                lambda notice: notice.lang[:2] == (lang or "")[:2]
            )
            own = lines.filtered(lambda notice: notice.channel == channel)
            general = lines.filtered(lambda notice: not notice.channel)
            notice = own[:1] or (channel != "call" and general[:1])
            if notice:
                found.append((product.name, notice.text))
        return tuple(found)
