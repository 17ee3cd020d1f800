"""Write once: drafts for the other channels, made from one text.

Deterministic, and drafts only: a person reads and shortens them. Variables and
conditions are never cut in two; what does not fit is left out by whole sentences.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from . import sms_segments, style_check, style_rules, template_text

PUSH_TITLE, PUSH_BODY = 50, 150
MAIL_SUBJECT = 60
WHATSAPP_BODY = 1024

OPT_OUTS = {
    "pt": "Responda SAIR para não receber.",
    "en": "Reply STOP to opt out.",
    "es": "Responda SALIR para no recibir.",
}
LEAVE = {"pt": "Cancelar", "en": "Unsubscribe", "es": "Cancelar"}
SCRIPTS = {
    "pt": (
        "Bom dia, falo com {{ name | default('o titular da conta') }}? Aqui é da "
        "{{ broker_name }}. Pode falar agora?",
        "Ficou alguma dúvida? Posso ajudar em mais alguma coisa?",
    ),
    "en": (
        "Good morning, am I speaking to {{ name | default('the account holder') }}? "
        "This is {{ broker_name }}. Is this a good moment?",
        "Is anything unclear? Can I help with anything else?",
    ),
}
_ATOM = re.compile(r"\{%\s*if\b.*?\{%\s*endif\s*%\}|\{\{.*?\}\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_STRAY = re.compile(r"\{[{%#]|[}%#]\}")
_LINK = re.compile(r"<a\b[^>]*href=[\"']([^\"']*)[\"'][^>]*>(.*?)</a>", re.I | re.S)
_BLOCK = re.compile(r"<\s*(?:/(?:p|div|h\d|tr|table|ul|ol|li)|br)\b[^>]*>", re.I)
_ITEM = re.compile(r"<\s*li\b[^>]*>", re.I)
_HIDDEN = re.compile(r"<(style|script|head)\b.*?</\1>", re.I | re.S)
_STRONG = re.compile(r"<\s*/?\s*(?:b|strong)\b[^>]*>", re.I)
_TAG = re.compile(r"<[^>]*>")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_GREETING = re.compile(r"^(olá|oi|prezad|hello|hi|dear|hola)\b", re.I)
_FAREWELL = re.compile(
    r"^(equipe|time|abraço|atenciosamente|the .* team|regards)", re.I
)
_FIRST_MARK = 0xE000  # private use: stands for an atom while sentences are cut


@dataclass(frozen=True, slots=True)
class Wish:
    """What the new text is for."""

    channel: str
    is_promotional: bool = False
    needs_notice: bool = False
    max_segments: int = 2


def derive(source: style_check.Text, wish: Wish) -> tuple[str, str]:
    """Return subject and body of a draft for another channel."""
    atoms: list[str] = []
    masked = _mask(source.body, atoms)
    subject = _mask(source.subject or "", atoms)
    lines = _lines(masked, atoms, is_bold_kept=wish.channel == "whatsapp")
    title, body = _MAKERS[wish.channel](
        _Draft(source, wish, tuple(lines), subject, atoms)
    )
    title, body = _unmask(title, atoms), _unmask(body, atoms)
    if is_sound(title) and is_sound(body):
        return title, body
    # Conditions within conditions: better the whole text than half of one.
    whole = " ".join(style_rules.visible(source.body).split())
    return source.subject if is_sound(title) else "", whole if is_sound(whole) else ""


@dataclass(frozen=True, slots=True)
class _Draft:
    source: style_check.Text
    wish: Wish
    lines: tuple[str, ...]
    subject: str
    atoms: list[str]

    @property
    def tongue(self) -> str:
        return self.source.lang[:2]

    def words(self, table):
        return table.get(self.tongue, table["pt"])

    def uses(self, name: str, text: str) -> bool:
        return any(
            name in atom and chr(_FIRST_MARK + number) in text
            for number, atom in enumerate(self.atoms)
        )

    def sentences(self) -> list[str]:
        """Return what is said, without greeting and signature."""
        kept = [
            line
            for line in self.lines
            if not _FAREWELL.match(line)
            and not (_GREETING.match(line) and len(line.split()) <= 4)
        ]
        return [s for line in kept or self.lines for s in _SENTENCE.split(line)]

    def shown(self, text: str) -> style_check.Preview:
        body = _unmask(text, self.atoms)
        filled = replace(self.source, channel="sms", body=body, subject="")
        return style_check.preview(filled, worst=True)


def _sms(draft: _Draft) -> tuple[str, str]:
    head = (
        ""
        if draft.uses("broker_name", " ".join(draft.lines))
        else "{{ broker_name }}: "
    )
    tail = _duties(draft, "")

    def fits(text: str) -> bool:
        size = sms_segments.measure(
            sms_segments.without_accents(draft.shown(text).body)
        )
        return size.segments <= draft.wish.max_segments

    body = _fill(draft.sentences(), lambda text: fits(f"{head}{text} {tail}"))
    return "", f"{head}{body} {tail}".strip()


def _whatsapp(draft: _Draft) -> tuple[str, str]:
    tail = _duties(draft, "\n\n")
    lines = list(draft.lines)
    while len(lines) > 1 and len(draft.shown("\n\n".join(lines)).body) > (
        WHATSAPP_BODY - len(tail) - 200
    ):
        lines.pop()
    return "", "\n\n".join([*lines, *([tail] if tail else [])])


def _push(draft: _Draft) -> tuple[str, str]:
    sentences = draft.sentences()
    title = _cut(draft.subject or sentences[0] if sentences else "", PUSH_TITLE, draft)
    tail = "{{ risk_notice }}" if draft.wish.needs_notice else ""
    body = _fill(
        sentences, lambda text: len(draft.shown(f"{text} {tail}").body) <= PUSH_BODY
    )
    return title, f"{body} {tail}".strip()


def _call(draft: _Draft) -> tuple[str, str]:
    opening, closing = draft.words(SCRIPTS)
    notice = ["{{ risk_notice }}"] if draft.wish.needs_notice else []
    said = [f"- {sentence}" for sentence in draft.sentences()]
    return "", "\n".join([opening, "", *said, *notice, "", closing])


def _email(draft: _Draft) -> tuple[str, str]:
    lines = [html.escape(line, quote=False) for line in draft.lines]
    if draft.wish.needs_notice and not draft.uses("risk_notice", " ".join(lines)):
        lines.append("{{ risk_notice }}")
    if draft.wish.is_promotional:
        word = draft.words(LEAVE)
        lines.append(f'<a href="{{{{ unsubscribe_url }}}}">{word}</a>')
    first = draft.sentences()[0] if draft.lines else ""
    subject = _cut(draft.subject or first, MAIL_SUBJECT, draft)
    return subject.rstrip("."), "\n".join(f"<p>{line}</p>" for line in lines)


_MAKERS: dict[str, Callable[[_Draft], tuple[str, str]]] = {
    "sms": _sms,
    "whatsapp": _whatsapp,
    "push": _push,
    "call": _call,
    "email": _email,
}


def _duties(draft: _Draft, gap: str) -> str:
    """Return what the law wants said, as far as the text does not say it."""
    text = " ".join(draft.lines)
    notice = draft.wish.needs_notice and not draft.uses("risk_notice", text)
    opt_out = draft.words(OPT_OUTS) if draft.wish.is_promotional else ""
    return (gap or " ").join(
        filter(None, ["{{ risk_notice }}" if notice else "", opt_out])
    )


def _fill(sentences: list[str], fits: Callable[[str], bool]) -> str:
    """Return as many sentences from the start as fit, at least one."""
    text = sentences[0] if sentences else ""
    for sentence in sentences[1:]:
        longer = f"{text} {sentence}"
        if not fits(longer):
            break
        text = longer
    return text


def _cut(text: str, limit: int, draft: _Draft) -> str:
    """Return whole words of ``text`` up to ``limit`` characters as people see them."""
    words = text.split()
    while len(words) > 1 and len(draft.shown(" ".join(words)).body) > limit:
        words.pop()
    return " ".join(words)


def _lines(masked: str, atoms: list[str], *, is_bold_kept: bool) -> list[str]:
    def link(match: re.Match) -> str:
        address, words = match.group(1), _TAG.sub("", match.group(2)).strip()
        target = _unmask(address, atoms)
        if "unsubscribe_url" in target or "preferences_url" in target:
            return " "
        return f"{words}: {address}" if words and words != address else address

    text = _LINK.sub(link, _HIDDEN.sub(" ", masked))
    text = _ITEM.sub("- ", _BLOCK.sub("\n", text))
    text = _STRONG.sub("*" if is_bold_kept else "", text)
    text = html.unescape(_TAG.sub(" ", text))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line.strip(" *-")]


def _mask(source: str, atoms: list[str]) -> str:
    def hide(match: re.Match) -> str:
        atoms.append(match.group())
        return chr(_FIRST_MARK + len(atoms) - 1)

    return _STRAY.sub(" ", _ATOM.sub(hide, _COMMENT.sub(" ", source or "")))


def _unmask(text: str, atoms: list[str]) -> str:
    for number, atom in enumerate(atoms):
        text = text.replace(chr(_FIRST_MARK + number), atom)
    return text


def is_sound(text: str) -> bool:
    """Tell whether a draft can be read as a template."""
    return not template_text.flaws(text)
