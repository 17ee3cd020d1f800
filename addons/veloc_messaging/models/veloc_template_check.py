from markupsafe import Markup

from odoo import models
from odoo.tools.translate import LazyTranslate

from odoo.addons.veloc_compliance.const import CHANNELS, PROMOTIONAL

from ..rules import style_check, style_rules, template_variables

_lt = LazyTranslate(__name__)

# The types of variables.
KINDS = {
    "text": _lt("Text"),
    "lines": _lt("Text of several lines"),
    "letter": _lt("Text of several lines, with links"),
    "url": _lt("Link"),
    "money": _lt("Money"),
    "integer": _lt("Number"),
    "date": _lt("Date"),
    "time": _lt("Time"),
    "datetime": _lt("Date and time"),
}

# What is wrong, and what to do. %(where)s is "SMS, pt_BR" or a channel.
MESSAGES = {
    "no_body": _lt("There is no text yet. Add one for each channel you want to use."),
    "no_home_language": _lt(
        "%(where)s: there is no text in Brazilian Portuguese. Add one; it is what "
        "people get whose language has no text."
    ),
    "empty_body": _lt("%(where)s: the text is empty. Write it or remove it."),
    "missing_subject": _lt("%(where)s: the e-mail has no subject. Write one."),
    "unsafe_html": _lt(
        "%(where)s: the e-mail contains “%(detail)s”, which mail programs block. "
        "Remove it."
    ),
    "bad_content_sid": _lt(
        "%(where)s: “%(detail)s” is no WhatsApp template. Copy its Content SID from "
        "Twilio: HX and 32 digits or letters from a to f."
    ),
    "syntax": _lt(
        "%(where)s: a variable or condition is not written correctly (line "
        "%(detail)s). Write variables as {{ first_name }}."
    ),
    "not_allowed": _lt(
        "%(where)s: “%(detail)s” may not be used in a template. Use variables, "
        "{%% if … %%} and default('…') only."
    ),
    "unknown_filter": _lt(
        "%(where)s: there is no filter “%(detail)s”. These exist: %(filters)s."
    ),
    "unknown_variable": _lt(
        "%(where)s: there is no variable “%(detail)s”. See the list of variables, and "
        "check how it is spelt. %(hint)s"
    ),
    "forbidden_word": _lt(
        "%(where)s: “%(hint)s” promises what nobody can promise, or is on the list of "
        "forbidden words (“%(detail)s”). Say it differently."
    ),
    "missing_unsubscribe": _lt(
        "%(where)s: a promotional e-mail must offer a way out. Add a link to "
        "{{ unsubscribe_url }} or {{ preferences_url }}."
    ),
    "missing_opt_out": _lt(
        "%(where)s: a promotional message must say how to stop it. Add, for example, "
        "“Responda SAIR para não receber”."
    ),
    "missing_risk_notice": _lt(
        "%(where)s: the risk notice is missing. Add {{ risk_notice }} (“%(hint)s”)."
    ),
    "missing_notice": _lt(
        "%(where)s: the notice for “%(detail)s” is missing. Add {{ risk_notice }} "
        "(“%(hint)s”)."
    ),
    "style_exclamation": _lt(
        "%(where)s: exclamation marks: %(detail)s; the style guide allows "
        "%(limit)s. %(hint)s"
    ),
    "style_capitals": _lt(
        "%(where)s: %(detail)s %% of the letters are capitals; the style guide allows "
        "%(limit)s %%. %(hint)s"
    ),
    "style_emoji": _lt(
        "%(where)s: emoji (%(detail)s); the style guide allows %(limit)s. %(hint)s"
    ),
    "style_sentence": _lt(
        "%(where)s: a sentence is too long (words: %(detail)s); the style guide "
        "allows %(limit)s. %(hint)s"
    ),
    "style_phrases": _lt("%(where)s: “%(detail)s” is not how we speak. %(hint)s"),
    "style_required": _lt("%(where)s: “%(detail)s” is missing. %(hint)s"),
    "style_characters": _lt(
        "%(where)s: the text has %(detail)s characters; the limit is %(limit)s. "
        "%(hint)s"
    ),
    "style_subject": _lt(
        "%(where)s: the subject has %(detail)s characters; the limit is %(limit)s. "
        "%(hint)s"
    ),
    "style_segments": _lt(
        "%(where)s: with the longest values this SMS takes %(detail)s segments; the "
        "style guide allows %(limit)s. %(hint)s"
    ),
    "style_links": _lt(
        "%(where)s: a link leads to “%(detail)s”, which is not on the list of allowed "
        "hosts. %(hint)s"
    ),
    "too_long": _lt(
        "%(where)s: with the longest values this SMS takes %(detail)s segments; "
        "the limit is %(limit)s. Shorten it. %(hint)s"
    ),
}


class VelocTemplateCheck(models.AbstractModel):
    """Says what must be repaired before a template may be approved."""

    _name = "veloc.template.check"
    _description = "Check of message templates"

    def _explain_versions(
        self, versions, severity=style_rules.BLOCKS, *, with_style=True
    ):
        """Return ``{version: [sentence…]}``, empty lists for what is right."""
        guide = self._get_guide(with_style=with_style)
        return {
            version: self._explain(
                style_check.check_all(
                    [body._text() for body in version.body_ids],
                    policy := self._get_policy(version.template_id, guide),
                ),
                policy,
                severity,
            )
            for version in versions
        }

    def _explain_bodies(self, bodies, severity=style_rules.BLOCKS):
        """Return ``{body: [sentence…]}``, for what blocks or for what warns."""
        guide = self._get_guide()
        return {
            body: self._explain(
                style_check.check(
                    body._text(),
                    policy := self._get_policy(body.version_id.template_id, guide),
                ),
                policy,
                severity,
            )
            for body in bodies
        }

    def _get_guide(self, *, with_style=True):
        """Return the style guide: phrases by kind, and rules."""
        words = self.env["veloc.style.word"]._words()
        rules = self.env["veloc.style.rule"]._rules() if with_style else ()
        return words, rules

    def _get_policy(self, template, guide):
        words, rules = guide
        # sudo: whoever writes a text need not be able to open the purpose.
        kind = template.purpose_id.sudo().kind
        return style_check.Policy(
            is_promotional=kind in PROMOTIONAL,
            needs_risk_notice=template.risk_notice,
            max_segments=template.max_segments or 2,
            words=words,
            rules=rules,
        )

    def _explain(self, findings, policy, severity):
        # One sentence per thing to do, also where two forbidden words overlap.
        wanted = (found for found in findings if found.severity == severity)
        return list(dict.fromkeys(self._sentence(found, policy) for found in wanted))

    def _sentence(self, finding, policy):
        labels = dict(
            self.env["veloc.template.body"]
            ._fields["channel"]
            ._description_selection(self.env)
        )
        channel = labels.get(finding.channel, dict(CHANNELS).get(finding.channel, ""))
        values = {
            "where": ", ".join(part for part in (channel, finding.lang) if part),
            "detail": finding.detail,
            "hint": self._get_hint(finding),
            "limit": self._get_limit(finding, policy),
            "filters": ", ".join(style_check.FILTERS),
        }
        # pylint: disable-next=translation-not-lazy  # a rule's text with other gaps
        return (self.env._(MESSAGES[finding.code]) % values).strip()

    def _get_limit(self, finding, policy):
        is_rule = finding.code.startswith("style_")
        return (finding.limit or 0) if is_rule else policy.max_segments

    def _get_hint(self, finding):
        if finding.code == "unknown_variable":
            if not finding.hint:
                return ""
            return self.env._("Did you mean %(names)s?", names=finding.hint)
        if finding.hint == "remove_accents":
            return self.env._("Without accents it would fit.")
        return finding.hint

    def _get_variable_help(self, lang, *, is_folded=False):
        """Return the variables a text may use, with a sample of each."""
        lang = lang or style_check.HOME_LANG
        samples = template_variables.samples_for_people(lang)
        rows = Markup().join(
            Markup(
                "<tr><td><code>{{{{ {} }}}}</code></td><td>{}</td><td>{}</td>"
                "<td>{}</td></tr>"
            ).format(name, self._get_kind(name), sample, self._get_absent(name, lang))
            for name, sample in samples.items()
        )
        heads = (
            self.env._("Variable"),
            self.env._("Type"),
            self.env._("Looks like"),
            self.env._("When it is missing"),
        )
        head = Markup().join(Markup("<th>{}</th>").format(word) for word in heads)
        title = self.env._("Variables and what they look like")
        hint = self.env._(
            "A value that may be missing needs something in its place: "
            "{{ first_name | default('Olá') }}"
        )
        return Markup(
            "<details{}><summary>{}</summary><p>{}</p>"
            "<div class='table-responsive'><table class='table table-sm'>"
            "<thead><tr>{}</tr></thead>{}</table></div></details>"
        ).format("" if is_folded else Markup(" open"), title, hint, head, rows)

    def _get_kind(self, name):
        return self.env._(KINDS[template_variables.VARIABLES[name].kind])

    def _get_absent(self, name, lang):
        words = template_variables.stand_ins([name], lang).get(name)
        return f"“{words}”" if words else self.env._("The message is not sent.")
