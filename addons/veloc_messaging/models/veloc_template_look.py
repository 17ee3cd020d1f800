from odoo import api, fields, models
from odoo.tools import html_sanitize

from odoo.addons.veloc_compliance.const import PROMOTIONAL

from ..rules import channel_look, sms_segments, style_check, template_variables
from ..rules.template_text import RenderError

MODES = [
    ("sample", "Sample values"),
    ("person", "A real trader"),
    ("worst", "Longest values"),
]
# Chosen to look at something, never stored.
LOOK_FIELDS = frozenset({"look_mode", "look_partner_id"})
OF_A_PERSON = [
    variable.name
    for variable in template_variables.VARIABLES.values()
    if variable.source == template_variables.PERSON
    and not variable.name.endswith("_url")
]


class VelocTemplateLook(models.AbstractModel):
    """Shows a text as people will see it, and what it costs, while it is written."""

    _name = "veloc.template.look"
    _description = "Preview of a text"

    look_mode = fields.Selection(
        MODES,
        "Preview with",
        compute="_compute_look_mode",
        readonly=False,
        help="Links are samples always: nobody but the addressee gets a working one.",
    )
    look_partner_id = fields.Many2one(
        "res.partner",
        "Trader",
        compute="_compute_look_partner_id",
        readonly=False,
        help="Name, language and clock are theirs; amounts and dates are samples.",
    )
    look = fields.Html(compute="_compute_look", sanitize=False)
    look_trouble = fields.Char("Not sent", compute="_compute_look")
    look_cost = fields.Char("Cost", compute="_compute_look")

    # === COMPUTE === #

    def _compute_look_mode(self):
        self.look_mode = "sample"

    def _compute_look_partner_id(self):
        self.look_partner_id = False

    @api.depends(
        "channel",
        "lang",
        "subject",
        "body",
        "remove_accents",
        "category",
        "look_mode",
        "look_partner_id",
        "version_id.template_id.product_ids",
    )
    @api.depends_context("uid")
    def _compute_look(self):
        for body in self:
            body._show_look()

    def _show_look(self):
        lang = self.lang or style_check.HOME_LANG
        raw, zone = self._get_look_values(lang)
        is_email = self.channel == "email"
        titled = self.channel in ("email", "push")
        self.look_trouble = False
        try:
            subject = self.subject if titled else ""
            subject = style_check.fill(subject or "", raw, lang, zone, html=False)
            text = style_check.fill(self.body or "", raw, lang, zone, html=is_email)
        except RenderError as error:
            self.look = False
            self.look_cost = False
            self.look_trouble = self._explain_trouble(error)
            return
        channel = self.channel or ""
        text = style_check.finished(text, channel, is_plain=self.remove_accents)
        self.look_cost = self._get_look_cost(text)
        self.look = channel_look.look(
            channel,
            subject=subject,
            body=html_sanitize(text) if is_email else text,
            sender=raw.get("broker_name") or self.env.company.name,
        )

    def _explain_trouble(self, error):
        if error.code == "missing_variable":
            return self.env._(
                "Without a value for {{ %(name)s }} this message is not sent. Give it "
                "something in its place: {{ %(name)s | default('…') }}",
                name=error.detail,
            )
        return self.env._(
            "This text cannot be shown: %(reason)s",
            reason=f"{error.code} {error.detail}",
        )

    # === BUSINESS === #

    def _get_look_values(self, lang):
        """Return the raw values to preview with, and the clock to write them for."""
        raw = template_variables.sample_values(lang, worst=self.look_mode == "worst")
        zone = template_variables.SAMPLE_ZONE
        if partner := self._looked_at():
            house = self.env["veloc.template.render"]._get_house(lang)
            raw |= {name: value for name, value in house.items() if value}
            raw = {k: v for k, v in raw.items() if k not in OF_A_PERSON}
            raw |= template_variables.person_values(partner.name)
            zone = partner._veloc_zones()[partner.id]
        if notice := " ".join(words for _product, words in self._notices()):
            raw["risk_notice"] = notice
        return raw, zone

    def _looked_at(self):
        """Return the trader to preview with, as far as this user may read them."""
        partner = self.look_partner_id._origin
        is_wanted = self.look_mode == "person" and partner
        return partner if is_wanted and partner.has_access("read") else partner.browse()

    def _get_look_cost(self, text):
        """Return how much one message costs, as far as a price is known."""
        if not self.channel:
            return False
        units = sms_segments.measure(text).segments if self.channel == "sms" else 1
        country = self._looked_at().country_id or self.env.company.country_id
        # sudo: a list of prices, no secret to whoever writes the texts.
        price = (
            self.env["veloc.channel.price"]
            .sudo()
            ._find(
                self.channel,
                country or self.env.ref("base.br"),
                self._get_price_category(),
                fields.Date.context_today(self),
            )
        )
        if not price:
            return self.env._("No price is known for this channel.")
        return price._write_cost(units)

    def _get_price_category(self):
        if self.channel != "whatsapp":
            return False
        # sudo: whoever writes a text need not be able to open the purpose.
        kind = self.version_id.purpose_id.sudo().kind
        default = "MARKETING" if kind in PROMOTIONAL else "UTILITY"
        return self.category or default

    # === ONCHANGE === #

    @api.onchange("body_html")
    def _onchange_body_html(self):
        """Let the preview follow the typing in the designed text."""
        if self.channel == "email":
            self.body = self.body_html
