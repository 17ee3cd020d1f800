from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.veloc_compliance.const import CHANNELS, PROMOTIONAL

from ..rules import style_check, template_variants

SHOWN_LANGS = ("pt_BR", "en_US")


class VelocTemplateVariant(models.AbstractModel):
    """Write once: what a version says in one channel becomes drafts for the others."""

    _name = "veloc.template.variant"
    _description = "Variants of a template version"

    matrix = fields.Html(
        "Channels and languages", compute="_compute_matrix", sanitize=False
    )

    # === COMPUTE === #

    @api.depends("body_ids.channel", "body_ids.lang", "body_ids.findings")
    def _compute_matrix(self):
        for version in self:
            version.matrix = version._get_matrix()

    def _get_matrix(self):
        texts = {(body.channel, body.lang): body for body in self.body_ids}
        langs = [*SHOWN_LANGS, *sorted({lang for _c, lang in texts} - {*SHOWN_LANGS})]
        names = dict(self.env["veloc.template.body"]._selection_lang())
        labels = self.env["veloc.template.body"]._fields["channel"]
        head = Markup().join(
            Markup("<th class='text-center'>{}</th>").format(names.get(lang, lang))
            for lang in langs
        )
        rows = Markup().join(
            Markup("<tr><th class='fw-normal'>{}</th>{}</tr>").format(
                label,
                Markup().join(
                    self._get_cell(texts.get((channel, lang))) for lang in langs
                ),
            )
            for channel, label in labels._description_selection(self.env)
        )
        return Markup(
            "<table class='table table-sm mb-3' style='max-width: 34rem'>"
            "<thead><tr><th></th>{}</tr></thead>"
            "<tbody>{}</tbody></table>"
        ).format(head, rows)

    def _get_cell(self, body):
        if not body:
            colour, word = "text-bg-light text-muted", "—"
        elif body.findings and body.state in (False, "draft", "review"):
            colour, word = "text-bg-warning", self.env._("To repair")
        elif not body._is_usable_template():
            colour, word = "text-bg-info", self.env._("Not at WhatsApp yet")
        else:
            colour, word = "text-bg-success", "✓"
        return Markup(
            "<td class='text-center'><span class='badge {}'>{}</span></td>"
        ).format(colour, word)

    # === ACTIONS === #

    def action_add_variants(self):
        """Add drafts for the channels that have no text, from the one that has."""
        self.ensure_one()
        self.check_access("write")
        if not self.body_ids:
            raise UserError(
                self.env._("Write one text first; the others are made from it.")
            )
        values = [
            self._prepare_variant(source, channel)
            for source in self._get_sources()
            for channel in self._missing_channels(source.lang)
        ]
        self.env["veloc.template.body"].create(values)
        return True

    # === BUSINESS === #

    def _get_sources(self):
        """Return the text of each language that says most: the e-mail, else the
        longest."""
        sources = self.body_ids.browse()
        for bodies in self.body_ids.grouped("lang").values():
            mails = bodies.filtered(lambda body: body.channel == "email")
            longest = bodies.sorted(lambda body: -len(body.body or ""))
            sources += (mails or longest)[:1]
        return sources.filtered("body")

    def _missing_channels(self, lang):
        present = set(
            self.body_ids.filtered(lambda b: b.lang == lang).mapped("channel")
        )
        return [channel for channel, _label in CHANNELS if channel not in present]

    def _prepare_variant(self, source, channel):
        template = self.template_id
        # sudo: whoever writes a text need not be able to open the purpose.
        kind = template.purpose_id.sudo().kind
        products_sudo = template.product_ids.sudo()  # sudo: the guide is no secret
        notices = products_sudo._notices(channel, source.lang)
        text = source._text()
        subject, body = template_variants.derive(
            style_check.Text(
                text.channel, text.lang, text.body, text.subject, notices=notices
            ),
            template_variants.Wish(
                channel,
                is_promotional=kind in PROMOTIONAL,
                needs_notice=bool(notices)
                or (template.risk_notice and channel != "call"),
                max_segments=template.max_segments or 2,
            ),
        )
        return {
            "version_id": self.id,
            "channel": channel,
            "lang": source.lang,
            "subject": subject or False,
            "body": body,
        }
