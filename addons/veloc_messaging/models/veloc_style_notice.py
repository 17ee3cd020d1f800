from odoo import fields, models

from odoo.addons.veloc_compliance.const import CHANNELS


class VelocStyleNotice(models.Model):
    """The words of a notice, short where space is dear and long where it is not."""

    _name = "veloc.style.notice"
    _description = "Required notice"
    _order = "product_id, lang desc, channel, id"
    _rec_name = "text"

    product_id = fields.Many2one(
        "veloc.style.product", required=True, ondelete="cascade", index=True
    )
    channel = fields.Selection(
        CHANNELS, help="Empty: in every channel that has no notice of its own."
    )
    lang = fields.Selection(
        lambda self: self.env["veloc.template.body"]._selection_lang(),
        "Language",
        required=True,
        default="pt_BR",
    )
    text = fields.Text("Notice", required=True)

    _one_per_channel = models.UniqueIndex(
        "(product_id, COALESCE(channel, ''), lang)",
        "This product has a notice for this channel and language already.",
    )
