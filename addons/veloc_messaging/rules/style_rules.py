"""The style guide as data: rules that say how we sound, and where a text breaks one.

A rule is a row that a manager edits; what its kinds mean stands here. Nothing is
judged by taste: every kind counts something a reader can count as well.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

BLOCKS, WARNS = "blocks", "warns"

_BREAK = re.compile(r"<\s*(?:/?(?:p|div|li|h\d|tr|table|ul|ol)|br)\b[^>]*>", re.I)
_TAGS = re.compile(r"<[^>]*>")
_MARKUP = re.compile(r"\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", re.DOTALL)
_SENTENCE = re.compile(r"[.!?…]+(?:\s|$)|\n+")
_LINK = re.compile(
    r"(?:https?://|www\.)((?:\{\{[^}]*\}\}|[^\s\"'<>/?#)\]])*)", re.IGNORECASE
)
_ENOUGH_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the style guide; an empty channel or language means all."""

    kind: str
    severity: str = BLOCKS
    limit: int = 0
    phrases: tuple[str, ...] = ()
    channel: str = ""
    lang: str = ""
    is_promotional_only: bool = False
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A text as the rules look at it.

    ``source`` is as written, ``shown`` filled with samples, ``segments`` what the
    longest values cost as an SMS.
    """

    channel: str
    lang: str
    source: str
    subject: str = ""
    shown: str = ""
    shown_subject: str = ""
    segments: int = 0
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a text breaks a rule: ``detail`` what was found, ``limit`` what is not."""

    rule: Rule
    detail: str
    limit: str = ""


def breaches(
    text: Written, rules: Collection[Rule], *, is_promotional: bool
) -> Iterator[Breach]:
    """Yield every breach of the rules that apply to ``text``."""
    for rule in rules:
        if _applies(rule, text, is_promotional):
            for detail in _CHECKS[rule.kind](text, rule):
                yield Breach(rule, detail, str(rule.limit or ""))


def folded(text: str) -> str:
    """Return the words of a text: no tags, accents, capitals, line breaks."""
    plain = unicodedata.normalize("NFKD", visible(text)).casefold()
    marks = ("Mn", "Cf")
    bare = "".join(c for c in plain if unicodedata.category(c) not in marks)
    return " ".join(bare.split())


def visible(html: str) -> str:
    """Return what stands between the tags."""
    return _TAGS.sub(" ", html or "").replace("&nbsp;", " ").strip()


def pattern(phrase: str) -> re.Pattern:
    """Return the expression for a phrase; ``#`` in it stands for any number."""
    escaped = re.escape(folded(phrase)).replace(r"\ ", r"\s+")
    return re.compile(rf"(?<!\w){escaped}(?!\w)".replace(r"\#", r"\d+(?:[.,]\d+)?"))


def is_allowed_host(host: str, allowed: Collection[str]) -> bool:
    """Tell whether ``host`` is one of ``allowed`` or below one."""
    host = host.casefold().rstrip(".")
    return any(
        host == name or host.endswith(f".{name}")
        for name in (entry.casefold().strip().rstrip(".") for entry in allowed)
        if name
    )


def _applies(rule: Rule, text: Written, is_promotional: bool) -> bool:
    return (
        rule.channel in ("", text.channel)
        and rule.lang[:2] in ("", text.lang[:2])
        and (is_promotional or not rule.is_promotional_only)
    )


def _prose(text: Written) -> str:
    """Return what we wrote ourselves, without values, tags and links."""
    parts = (_MARKUP.sub(" ", part) for part in (text.subject, text.source) if part)
    joined = "\n".join(_BREAK.sub("\n", part) for part in parts)
    bare = _TAGS.sub(" ", joined).replace("&nbsp;", " ")
    return re.sub(r"https?://\S+", " ", bare)


def _exclamations(text: Written, rule: Rule) -> Iterator[str]:
    count = sum(_prose(text).count(mark) for mark in "!\u203c\u2757\uff01")
    if count > rule.limit:
        yield str(count)


def _capitals(text: Written, rule: Rule) -> Iterator[str]:
    letters = [c for c in _prose(text) if c.isalpha()]
    share = 100 * sum(c.isupper() for c in letters) // (len(letters) or 1)
    if len(letters) >= _ENOUGH_LETTERS and share > rule.limit:
        yield str(share)


def _emoji(text: Written, rule: Rule) -> Iterator[str]:
    prose = _prose(text)
    found = [
        character
        for before, character in zip(" " + prose, prose, strict=False)
        if _is_emoji(character) and before != "\u200d"
    ]
    if len(found) > rule.limit:
        yield " ".join(dict.fromkeys(found))


def _is_emoji(character: str) -> bool:
    if "\U0001f3fb" <= character <= "\U0001f3ff":  # a skin tone colours another one
        return False
    return "\U0001f1e6" <= character <= "\U0001faff" or "☀" <= character <= "➿"


def _sentences(text: Written, rule: Rule) -> Iterator[str]:
    for sentence in _SENTENCE.split(_prose(text)):
        words = sentence.split()
        if len(words) > rule.limit:
            yield f"{len(words)}: {' '.join(words[:6])} …"
            return


def _phrases(text: Written, rule: Rule) -> Iterator[str]:
    read = folded(f"{_prose(text)} {text.shown_subject} {text.shown}")
    for phrase in rule.phrases:
        if found := pattern(phrase).search(read):
            yield found.group()


def _required(text: Written, rule: Rule) -> Iterator[str]:
    read = folded(f"{text.shown_subject} {text.shown}")
    names = {part.strip("{ }") for part in rule.phrases if part.startswith("{{")}
    words = [part for part in rule.phrases if not part.startswith("{{")]
    is_there = names & text.names or any(pattern(w).search(read) for w in words)
    if rule.phrases and not is_there:
        yield ", ".join(rule.phrases[:3])


def _characters(text: Written, rule: Rule) -> Iterator[str]:
    if (size := len(visible(text.shown))) > rule.limit:
        yield str(size)


def _subject(text: Written, rule: Rule) -> Iterator[str]:
    if (size := len(text.shown_subject)) > rule.limit:
        yield str(size)


def _segments(text: Written, rule: Rule) -> Iterator[str]:
    if text.segments > rule.limit:
        yield str(text.segments)


def _links(text: Written, rule: Rule) -> Iterator[str]:
    # A value in the place of a host could lead anywhere: it is no allowed host.
    hosts = (m.group(1) for m in _LINK.finditer(f"{text.subject} {text.source}"))
    for host in dict.fromkeys(hosts):
        bare = host.rpartition("@")[2].partition(":")[0]
        spellings = {bare, bare.removeprefix("www.")}
        if not any(is_allowed_host(name, rule.phrases) for name in spellings):
            yield host or "://"


_CHECKS: Mapping[str, Callable[[Written, Rule], Iterator[str]]] = {
    "exclamation": _exclamations,
    "capitals": _capitals,
    "emoji": _emoji,
    "sentence": _sentences,
    "phrases": _phrases,
    "required": _required,
    "characters": _characters,
    "subject": _subject,
    "segments": _segments,
    "links": _links,
}
KINDS = tuple(_CHECKS)
