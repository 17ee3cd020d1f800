"""What must be right in a text before anybody may receive it.

Every finding has a code and the words to explain it; the model above turns them
into sentences that say where, what is wrong and what to do.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from . import sms_segments, style_rules, template_text
from .style_rules import BLOCKS, folded, pattern, visible
from .template_variables import (
    SAMPLE_ZONE,
    VARIABLES,
    BadValueError,
    risk_notice,
    sample_values,
    stand_ins,
    written_values,
)

FILTERS = template_text.FILTERS
FORBIDDEN, RISK, OPT_OUT = "forbidden", "risk_notice", "opt_out_hint"
HOME_LANG = "pt_BR"
TWILIO_CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")

_MARKUP = re.compile(r"\{%.*?%\}|\{#.*?#\}|\{\{|\}\}", re.DOTALL)
_UNSAFE = re.compile(
    r"<\s*(script|iframe|object|embed|form|input|meta|link|base)\b"
    r"|\b(on\w+)\s*=|(javascript|vbscript)\s*:",
    re.IGNORECASE,
)
_LEAVES = frozenset({"unsubscribe_url", "preferences_url"})


@dataclass(frozen=True, slots=True)
class Text:
    """One body as written: for one channel, in one language."""

    channel: str
    lang: str
    body: str
    subject: str = ""
    is_plain: bool = False  # accents are taken out of the SMS
    content_sid: str = ""
    content_names: tuple[str, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()  # what its products must say

    @property
    def notice(self) -> str:
        """Return what ``{{ risk_notice }}`` stands for in this text."""
        return " ".join(words for _product, words in self.notices)


@dataclass(frozen=True, slots=True)
class Policy:
    """What this template must respect."""

    is_promotional: bool
    needs_risk_notice: bool
    max_segments: int = 2
    words: Mapping[str, Collection[str]] = field(default_factory=dict)
    rules: tuple[style_rules.Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to repair; channel and language are empty for the whole."""

    code: str
    channel: str = ""
    lang: str = ""
    detail: str = ""
    hint: str = ""
    severity: str = BLOCKS
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A text filled with samples, or why that cannot be."""

    subject: str = ""
    body: str = ""
    error: str = ""
    detail: str = ""


def check_all(texts: Collection[Text], policy: Policy) -> list[Finding]:
    """Return everything that keeps these texts from being approved."""
    if not texts:
        return [Finding("no_body")]
    at_home = {text.channel for text in texts if text.lang == HOME_LANG}
    homeless = {text.channel for text in texts} - at_home
    found = [Finding("no_home_language", channel) for channel in sorted(homeless)]
    for text in texts:
        found += check(text, policy)
    return found


def check(text: Text, policy: Policy) -> list[Finding]:
    """Return what is wrong with one text, and what the style guide says of it."""
    found = [
        Finding(code, text.channel, text.lang, detail, hint)
        for code, detail, hint in _findings(text, policy)
    ]
    return found + _style_findings(text, policy)


def _style_findings(text: Text, policy: Policy) -> list[Finding]:
    return [
        Finding(
            f"style_{breach.rule.kind}",
            text.channel,
            text.lang,
            breach.detail,
            breach.rule.advice,
            breach.rule.severity,
            breach.limit,
        )
        for breach in style_rules.breaches(
            _written(text), policy.rules, is_promotional=policy.is_promotional
        )
    ]


def _written(text: Text) -> style_rules.Written:
    shown = preview(text)
    worst = preview(text, worst=True).body if text.channel == "sms" else ""
    try:
        used = frozenset(_names(text))
    except template_text.RenderError:
        used = frozenset()
    return style_rules.Written(
        channel=text.channel,
        lang=text.lang,
        source=text.body or "",
        subject=text.subject or "",
        shown=shown.body,
        shown_subject=shown.subject,
        segments=sms_segments.measure(worst).segments if worst else 0,
        names=used,
    )


def preview(text: Text, *, worst: bool = False) -> Preview:
    """Fill ``text`` with sample values, or with the longest to be expected."""
    raw = sample_values(text.lang, worst=worst)
    if text.notices:
        raw["risk_notice"] = text.notice
    try:
        subject, body = (
            fill(source, raw, text.lang, SAMPLE_ZONE, html=html)
            for source, html in (
                (text.subject, False),
                (text.body, text.channel == "email"),
            )
        )
    except template_text.RenderError as error:
        return Preview(error=error.code, detail=error.detail)
    return Preview(subject, finished(body, text.channel, is_plain=text.is_plain))


def fill(source: str, raw: Mapping, lang: str, zone: str, *, html: bool) -> str:
    """Return ``source`` with the raw values written for a reader of ``lang``.

    :raise RenderError: when a value is missing or not what it should be.
    """
    text = template_text.compiled(source or "", html=html)
    words = stand_ins(text.names, lang)
    absent = {name: template_text.StandIn(name, word) for name, word in words.items()}
    try:
        return text.render(absent | written_values(text.names, raw, lang, zone))
    except BadValueError as error:
        raise template_text.RenderError("bad_value", error.name) from error


def finished(body: str, channel: str, *, is_plain: bool) -> str:
    """Return the body as it leaves: an SMS without accents where wanted."""
    if channel == "sms" and is_plain:
        return sms_segments.without_accents(body)
    return body


def content_values(
    names: Collection[str], raw: Mapping, lang: str, zone: str, source: str = ""
) -> dict[str, str] | None:
    """Return the numbered variables of a WhatsApp template, None without any.

    What ``source``, our own wording of it, puts in the place of a missing value
    stands in here as well.

    :raise RenderError: when one of them is missing.
    """
    try:
        written = written_values(names, raw, lang, zone)
    except BadValueError as error:
        raise template_text.RenderError("bad_value", error.name) from error
    if names:
        absent = stand_ins(names, lang) | template_text.fallbacks(source)
        written = absent | written
    for name in names:
        if not written.get(name):
            raise template_text.RenderError("missing_variable", name)
    return {str(n): written[name] for n, name in enumerate(names, 1)} or None


def _findings(text: Text, policy: Policy) -> Iterator[tuple[str, str, str]]:
    if not visible(text.body):
        yield "empty_body", "", ""
    yield from _form_findings(text)
    flaws = list(_template_findings(text))
    yield from flaws
    yield from _promise_findings(_readable(text), policy)
    if any(code == "syntax" for code, _detail, _hint in flaws):
        return  # nobody can tell which variables it means to use
    yield from _duty_findings(text, _readable(text), policy)
    yield from _size_findings(text, policy)


def _form_findings(text: Text) -> Iterator[tuple[str, str, str]]:
    if text.channel == "email":
        if not (text.subject or "").strip():
            yield "missing_subject", "", ""
        if unsafe := _UNSAFE.search(text.body or ""):
            yield "unsafe_html", next(filter(None, unsafe.groups())), ""
    if text.content_sid and not TWILIO_CONTENT.fullmatch(text.content_sid):
        yield "bad_content_sid", text.content_sid, ""


def _template_findings(text: Text) -> Iterator[tuple[str, str, str]]:
    used = set(text.content_names)
    for source in (text.subject or "", text.body or ""):
        flaws = template_text.flaws(source)
        yield from ((flaw.code, flaw.detail, "") for flaw in flaws)
        if not any(flaw.code == "syntax" for flaw in flaws):
            used |= template_text.names(source)
    for name in sorted(used - VARIABLES.keys()):
        yield "unknown_variable", name, "".join(get_close_matches(name, VARIABLES, n=1))


def _promise_findings(read: str, policy: Policy) -> Iterator[tuple[str, str, str]]:
    for word in policy.words.get(FORBIDDEN, ()):
        if found := pattern(word).search(read):
            yield "forbidden_word", word, found.group()


def _duty_findings(text: Text, read: str, policy: Policy) -> Iterator[tuple]:
    names = _names(text)
    can_leave = bool(names & _LEAVES)
    if policy.is_promotional and text.channel == "email" and not can_leave:
        yield "missing_unsubscribe", "", ""
    if policy.is_promotional and text.channel in ("sms", "whatsapp"):
        hints = policy.words.get(OPT_OUT, ())
        if not can_leave and not _contains(read, hints):
            yield "missing_opt_out", "", ", ".join(hints[:3])
    is_warned = "risk_notice" in names or _contains(read, policy.words.get(RISK))
    if policy.needs_risk_notice and text.channel != "call" and not is_warned:
        yield "missing_risk_notice", "", risk_notice(text.lang)
    for product, words in text.notices:
        if "risk_notice" not in names and folded(words) not in read:
            yield "missing_notice", product, words


def _size_findings(text: Text, policy: Policy) -> Iterator[tuple[str, str, str]]:
    if text.channel != "sms":
        return
    body = preview(text, worst=True).body  # empty for what cannot be filled in
    size = sms_segments.measure(body)
    if size.segments <= policy.max_segments:
        return
    plain = sms_segments.measure(sms_segments.without_accents(body)).segments
    hint = "remove_accents" if plain <= policy.max_segments else ""
    yield "too_long", str(size.segments), hint


def _names(text: Text) -> set[str]:
    return template_text.names(text.subject or "") | template_text.names(text.body)


def _readable(text: Text) -> str:
    """Return what a person would read, with values and with every branch."""
    source = " ".join(_MARKUP.sub(" ", part or "") for part in _parts(text))
    shown = preview(text)
    return folded(f"{source} {shown.subject} {shown.body}")


def _parts(text: Text) -> tuple[str, str]:
    return text.subject, text.body


def _contains(read: str, words: Collection[str] | None) -> bool:
    return any(pattern(word).search(read) for word in words or ())
