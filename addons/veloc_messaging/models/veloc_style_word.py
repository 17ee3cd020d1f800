from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules import style_check, style_rules


class VelocStyleWord(models.Model):
    """A phrase that no text may carry, or one that some texts must carry."""

    _name = "veloc.style.word"
    _description = "Style guide phrase"
    _order = "kind, name"

    name = fields.Char(
        "Phrase",
        required=True,
        help="Capitals and accents do not matter. # stands for any number, as in "
        '"# por cento ao mês".',
    )
    kind = fields.Selection(
        [
            (style_check.FORBIDDEN, "Forbidden in every text"),
            (style_check.RISK, "Counts as a risk notice"),
            (style_check.OPT_OUT, "Counts as a way to opt out"),
        ],
        required=True,
        default=style_check.FORBIDDEN,
    )
    note = fields.Char(
        "Why", translate=True, help="Shown to nobody but the people who edit texts."
    )
    severity = fields.Selection(
        [(style_rules.BLOCKS, "Blocks the approval"), (style_rules.WARNS, "Warns")],
        required=True,
        default=style_rules.BLOCKS,
        help="Of forbidden phrases.",
    )
    lang = fields.Selection(
        lambda self: self.env["veloc.template.body"]._selection_lang(),
        "Language",
        help="Empty: in every language.",
    )
    active = fields.Boolean(default=True)

    _phrase_unique = models.Constraint(
        "UNIQUE(kind, name)", "This phrase is already in the list."
    )

    # === CONSTRAINTS === #

    @api.constrains("name")
    def _check_name(self):
        """Refuse a phrase without a letter: it would be found everywhere."""
        if any(not any(c.isalnum() for c in word.name) for word in self):
            raise ValidationError(
                self.env._("Write the phrase with at least one letter or digit.")
            )

    # === BUSINESS === #

    def _words(self) -> dict[str, list[str]]:
        """Return the active phrases by kind."""
        # sudo: the style guide is no secret, and a program may approve or render.
        words_sudo = self.sudo().search_fetch([], ["kind", "name", "severity", "lang"])
        plain_sudo = words_sudo.filtered(lambda word: not word._is_rule())
        return {
            kind: plain_sudo.filtered(lambda word, kind=kind: word.kind == kind).mapped(
                "name"
            )
            for kind in (style_check.FORBIDDEN, style_check.RISK, style_check.OPT_OUT)
        }

    def _is_rule(self):
        """Tell whether this phrase says more than "never, in no language"."""
        is_mild = self.severity == style_rules.WARNS
        return self.kind == style_check.FORBIDDEN and bool(is_mild or self.lang)

    def _rules(self) -> list[style_rules.Rule]:
        """Return the forbidden phrases that warn, or speak one language, as rules."""
        # sudo: the style guide is no secret, and a program may approve or render.
        words_sudo = self.sudo().search([("kind", "=", style_check.FORBIDDEN)])
        return [
            style_rules.Rule(
                "phrases",
                severity=word.severity,
                phrases=(word.name,),
                lang=word.lang or "",
                advice=word.note or "",
            )
            for word in words_sudo
            if word._is_rule()
        ]
