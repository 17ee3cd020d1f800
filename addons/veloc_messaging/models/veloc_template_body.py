from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import sms_segments, style_check, style_rules, template_text
from .veloc_template_look import LOOK_FIELDS
from .veloc_template_submission import SUBMISSION_FIELDS

TITLED = ("email", "push")  # channels whose texts have a subject or title


class VelocTemplateBody(models.Model):
    """The wording for one channel in one language."""

    _name = "veloc.template.body"
    _description = "Text of a message template"
    _inherit = [
        "veloc.template.frozen",
        "veloc.template.submission",
        "veloc.template.look",
    ]
    _order = "version_id, channel, lang desc"

    version_id = fields.Many2one(
        "veloc.template.version", required=True, ondelete="cascade", index=True
    )
    state = fields.Selection(related="version_id.state")
    channel = fields.Selection(CHANNELS, required=True, default="email")
    lang = fields.Selection(
        "_selection_lang", "Language", required=True, default="pt_BR"
    )
    subject = fields.Char(
        help="Of an e-mail, or the title of a push message. Variables may be used "
        "here too."
    )
    body = fields.Text("Text")
    body_html = fields.Html(
        "Designed text",
        compute="_compute_body_html",
        inverse="_inverse_body_html",
        sanitize=False,  # e-mail needs its inline styles; approval refuses scripts
    )
    remove_accents = fields.Boolean(
        default=True,
        help="SMS only. Most Portuguese accents make an SMS twice as dear, and some "
        "Brazilian carriers replace them anyway.",
    )
    content_sid = fields.Char(
        "WhatsApp template",
        help="The Content SID (HX…) of the template approved by WhatsApp. Outside "
        "the 24 hours after a person wrote, only these are delivered.",
    )
    content_variables = fields.Char(
        "Its variables",
        help="In the order of {{1}}, {{2}} … of the WhatsApp template: "
        "first_name, amount",
    )
    segments = fields.Integer("SMS segments", compute="_compute_preview")
    encoding = fields.Char(compute="_compute_preview")
    characters = fields.Integer(compute="_compute_preview")
    cost_hint = fields.Char("SMS cost", compute="_compute_preview")
    preview_subject = fields.Char("Preview of the subject", compute="_compute_preview")
    preview_text = fields.Text("Preview", compute="_compute_preview")
    preview_html = fields.Html("Preview of the e-mail", compute="_compute_preview")
    findings = fields.Text("To repair", compute="_compute_findings")
    warnings = fields.Text("To consider", compute="_compute_findings")
    variable_help = fields.Html(
        "Variables", compute="_compute_variable_help", sanitize=False
    )

    _channel_lang_unique = models.Constraint(
        "UNIQUE(version_id, channel, lang)",
        "A version has one text per channel and language.",
    )

    def init(self):
        """Let the database itself refuse a change of what was approved."""
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE FUNCTION veloc_template_body_frozen()
            RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE touched integer[] := ARRAY[]::integer[];
            BEGIN
                -- What WhatsApp says about a text may change; the text may not.
                IF TG_OP = 'UPDATE' THEN
                    IF to_jsonb(NEW) - %(may_change)s::text[]
                        = to_jsonb(OLD) - %(may_change)s::text[]
                    THEN RETURN NEW; END IF;
                END IF;
                IF TG_OP <> 'INSERT' THEN touched := touched || OLD.version_id; END IF;
                IF TG_OP <> 'DELETE' THEN touched := touched || NEW.version_id; END IF;
                IF EXISTS (SELECT FROM veloc_template_version
                           WHERE id = ANY(touched) AND state <> 'draft') THEN
                    RAISE EXCEPTION 'texts of an approved template version are frozen'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN COALESCE(NEW, OLD);
            END $$;
            CREATE OR REPLACE TRIGGER veloc_template_body_frozen
            BEFORE INSERT OR UPDATE OR DELETE ON veloc_template_body
            FOR EACH ROW EXECUTE FUNCTION veloc_template_body_frozen();
            """,
                may_change=[*SUBMISSION_FIELDS, "write_uid", "write_date"],
            )
        )

    # === COMPUTE === #

    @api.model
    def _selection_lang(self):
        shipped = {
            "pt_BR": self.env._("Portuguese (Brazil)"),
            "en_US": self.env._("English"),
            "es_ES": self.env._("Spanish"),
        }
        return list((dict(self.env["res.lang"].get_installed()) | shipped).items())

    @api.depends("channel", "lang", "version_id.template_id.name")
    def _compute_display_name(self):
        labels = dict(self._fields["channel"]._description_selection(self.env))
        for body in self:
            body.display_name = f"{labels.get(body.channel, '')} · {body.lang or ''}"

    @api.depends("body", "channel")
    def _compute_body_html(self):
        for body in self:
            body.body_html = body.body if body.channel == "email" else False

    def _inverse_body_html(self):
        for body in self.filtered(lambda body: body.channel == "email"):
            body.body = body.body_html

    @api.depends("channel", "lang", "subject", "body", "remove_accents")
    def _compute_preview(self):
        for body in self:
            shown = style_check.preview(body._text())
            text = shown.body or (shown.error and body.body) or ""
            is_email = body.channel == "email"
            body.preview_subject = shown.subject if is_email else False
            body.preview_html = text if is_email else False
            body.preview_text = False if is_email else text
            body._set_size(sms_segments.measure(text))

    def _set_size(self, size):
        """Show what the preview would cost as an SMS."""
        is_sms = self.channel == "sms"
        self.segments = size.segments if is_sms else 0
        self.encoding = size.encoding if is_sms else False
        self.characters = size.characters if is_sms else 0
        self.cost_hint = self._get_cost_hint(size) if is_sms else False

    @api.depends(
        "channel",
        "lang",
        "subject",
        "body",
        "remove_accents",
        "content_sid",
        "content_variables",
        "version_id.template_id.risk_notice",
        "version_id.template_id.product_ids",
        "version_id.template_id.max_segments",
    )
    def _compute_findings(self):
        checker = self.env["veloc.template.check"]
        for body, lines in checker._explain_bodies(self).items():
            body.findings = "\n".join(lines)
        for body, lines in checker._explain_bodies(self, style_rules.WARNS).items():
            body.warnings = "\n".join(lines)

    @api.depends("lang")
    def _compute_variable_help(self):
        checker = self.env["veloc.template.check"]
        for body in self:
            body.variable_help = checker._get_variable_help(body.lang, is_folded=True)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Add texts to drafts only."""
        vals_list = [_stored(vals) for vals in vals_list]
        for vals in vals_list:
            self._refuse_submission_fields(vals)
        version_ids = [vals.get("version_id") for vals in vals_list]
        self._refuse_frozen(self.version_id.browse(filter(None, version_ids)))
        bodies = super().create(vals_list)
        bodies.version_id._note_editor()
        return bodies

    def write(self, vals):
        """Change texts of drafts only."""
        vals = _stored(vals)
        self._refuse_submission_fields(vals)
        changed = self.filtered(lambda body: body._would_change(vals))
        if set(vals) - SUBMISSION_FIELDS:
            self._refuse_frozen(changed.version_id)
            changed.version_id._note_editor()
        result = super(VelocTemplateBody, changed).write(vals)
        changed._forget_submission(vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._refuse_frozen(self.version_id)
        self.version_id._note_editor()

    def _refuse_frozen(self, versions):
        if any(version.state == "review" for version in versions):
            raise UserError(
                self.env._(
                    "This text waits for approval. Take the version back to change it."
                )
            )
        if any(version.state != "draft" for version in versions):
            raise UserError(
                self.env._(
                    "This text was approved and stays as it is. Make a new version to "
                    "change it."
                )
            )

    # === BUSINESS === #

    def _text(self) -> style_check.Text:
        """Return this body as the rules want it."""
        self.ensure_one()
        return style_check.Text(
            channel=self.channel or "",
            lang=self.lang or style_check.HOME_LANG,
            body=self.body or "",
            subject=(self.subject or "") if self.channel in TITLED else "",
            is_plain=self.remove_accents,
            content_sid=(self.content_sid or "").strip(),
            content_names=tuple(self._content_names()),
            notices=self._notices(),
        )

    def _notices(self):
        """Return what the products of this text must say here."""
        # sudo: the style guide is no secret to whoever may read or send the text.
        products_sudo = self.version_id.template_id.product_ids.sudo()
        return products_sudo._notices(self.channel, self.lang)

    def _names(self) -> frozenset[str]:
        """Return the variables that this text asks for.

        :raise RenderError: when it cannot be read.
        """
        subject = template_text.compiled(self.subject or "", html=False)
        body = template_text.compiled(self.body or "", html=self.channel == "email")
        return subject.names | body.names | set(self._content_names())

    def _content_names(self) -> list[str]:
        names = (self.content_variables or "").split(",")
        return [name.strip() for name in names if name.strip()]

    def _get_cost_hint(self, size):
        """Say what could be saved; empty when nothing can."""
        if not size.is_unicode:
            return False
        plain = sms_segments.measure(
            sms_segments.without_accents("".join(self.preview_text or ""))
        )
        if plain.segments < size.segments:
            return self.env._(
                "Segments without accents: %(less)s instead of %(more)s.",
                less=plain.segments,
                more=size.segments,
            )
        return self.env._(
            "These characters need the dearer encoding: %(characters)s",
            characters=" ".join(dict.fromkeys(size.offenders)),
        )


def _stored(vals):
    return {name: value for name, value in vals.items() if name not in LOOK_FIELDS}
