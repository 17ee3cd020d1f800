from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import style_check, style_rules

KINDS = [
    ("exclamation", "Exclamation marks at most"),
    ("capitals", "Capital letters at most (%)"),
    ("emoji", "Emoji at most"),
    ("sentence", "Words in a sentence at most"),
    ("phrases", "Phrases that are not ours"),
    ("required", "One of these must be there"),
    ("characters", "Characters at most"),
    ("subject", "Characters of the subject or title at most"),
    ("segments", "SMS segments at most"),
    ("links", "Links lead to these hosts only"),
]
SEVERITIES = [
    (style_rules.BLOCKS, "Blocks the approval"),
    (style_rules.WARNS, "Warns"),
]
BY_PHRASES = ("phrases", "required", "links")


class VelocStyleRule(models.Model):
    """One line of the style guide: how we sound, and what happens when we do not."""

    _name = "veloc.style.rule"
    _description = "Style guide rule"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "channel",
            "is_promotional_only",
            "kind",
            "lang",
            "limit",
            "name",
            "phrases",
            "severity",
        }
    )
    _veloc_ledger_kind = "config"
    _order = "sequence, id"

    name = fields.Char("Rule", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, "What it looks at", required=True)
    severity = fields.Selection(SEVERITIES, required=True, default=style_rules.BLOCKS)
    limit = fields.Integer()
    phrases = fields.Text(
        help="One in a line. Capitals and accents do not matter; # stands for any "
        "number. A variable such as {{ broker_name }} may be asked for as well."
    )
    channel = fields.Selection(CHANNELS, help="Empty: in every channel.")
    lang = fields.Selection(
        "_selection_lang", "Language", help="Empty: in every language."
    )
    is_promotional_only = fields.Boolean(
        "Promotional texts only", help="Service messages are left alone."
    )
    advice = fields.Char(
        "How to repair it",
        required=True,
        translate=True,
        help="Editors read this where a text breaks the rule.",
    )
    example_good = fields.Text("Like this")
    example_bad = fields.Text("Not like this")
    self_check = fields.Char("The examples", compute="_compute_self_check")

    _limit_not_negative = models.Constraint(
        'CHECK ("limit" >= 0)', "A limit is zero or more."
    )

    # === COMPUTE === #

    @api.model
    def _selection_lang(self):
        return self.env["veloc.template.body"]._selection_lang()

    @api.depends(
        "kind", "limit", "phrases", "channel", "lang", "example_good", "example_bad"
    )
    def _compute_self_check(self):
        for rule in self:
            rule.self_check = rule._get_self_check()

    def _get_self_check(self):
        """Say whether the rule finds its bad example and leaves the good one alone."""
        if not self.kind:
            return False
        if self.example_bad and not self._is_broken_by(self.example_bad):
            return self.env._("The bad example passes: the rule does not find it.")
        if self.example_good and self._is_broken_by(self.example_good):
            return self.env._("The good example breaks the rule.")
        return self.env._("The rule does what its examples say.")

    # === CONSTRAINTS === #

    @api.constrains("kind", "phrases")
    def _check_phrases(self):
        """Refuse a list of phrases without a phrase; links may use the house's own."""
        for rule in self:
            wants = rule.kind in ("phrases", "required")
            lines = rule._phrases()
            if wants and not lines:
                raise ValidationError(self.env._("Write at least one phrase."))
            if any(not any(c.isalnum() for c in line) for line in lines):
                raise ValidationError(
                    self.env._("Write the phrase with at least one letter or digit.")
                )

    # === BUSINESS === #

    @api.model
    def _rules(self) -> tuple[style_rules.Rule, ...]:
        """Return the active rules, and the phrases that only warn or speak one
        language."""
        # sudo: the style guide is no secret, and a program may approve a text.
        rules_sudo = self.sudo().search([("active", "=", True)])
        words = self.env["veloc.style.word"]._rules()
        return (*(rule._prepare_rule() for rule in rules_sudo), *words)

    def _prepare_rule(self):
        phrases = self._phrases()
        if self.kind == "links":
            phrases += self._house_hosts()
        return style_rules.Rule(
            kind=self.kind,
            severity=self.severity or style_rules.BLOCKS,
            limit=self.limit,
            phrases=tuple(phrases),
            channel=self.channel or "",
            lang=self.lang or "",
            is_promotional_only=self.is_promotional_only,
            advice=self.advice or "",
        )

    def _phrases(self):
        lines = (self.phrases or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    @api.model
    def _house_hosts(self):
        """Return the hosts that are ours: of the settings and of tracked links."""
        return [host.name for host in self.env["veloc.link.domain"]._hosts()]

    def _is_broken_by(self, example):
        text = style_check.Text(
            channel=self.channel or ("sms" if self.kind == "segments" else "email"),
            lang=self.lang or style_check.HOME_LANG,
            body=example,
            subject=example if self.kind == "subject" else "",
        )
        policy = style_check.Policy(
            is_promotional=True,
            needs_risk_notice=False,
            max_segments=99,
            rules=(self._prepare_rule(),),
        )
        code = f"style_{self.kind}"
        return any(found.code == code for found in style_check.check(text, policy))
