"""A text of ours as WhatsApp wants to see it before it approves it.

Named variables become {{1}}, {{2}} … with a sample each. What the house says about
itself (its name, its addresses, the risk notice) is written out: it does not change
from person to person, and WhatsApp refuses a text that ends in a gap.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import template_text
from .template_variables import HOUSE, VARIABLES

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
LONGEST = 1024

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_GAP = re.compile(r"\{\{\d+\}\}")
_WORD = re.compile(r"\w+")
_SIDE_BY_SIDE = re.compile(r"\{\{\d+\}\}\s*\{\{\d+\}\}")
_AT_THE_START = re.compile(r"^\{\{\d+\}\}")
_AT_THE_END = re.compile(r"\{\{\d+\}\}$")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Submission:
    """What is handed in: the text with numbered gaps, and their names in order."""

    body: str = ""
    names: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()


def prepare(source: str, house: Mapping[str, str], samples: Mapping[str, str]):
    """Return ``source`` as a submission.

    :raise RenderError: for a text that WhatsApp cannot hold: with conditions, with
        filters, or with a word about the house that the settings do not know.
    """
    parts: list[str] = []
    names: list[str] = []
    for kind, word in template_text.pieces(source):
        if kind == template_text.LITERAL:
            parts.append(word)
            continue
        variable = VARIABLES.get(word)
        if variable and variable.source == HOUSE:
            if not house.get(word):
                raise template_text.RenderError("missing_variable", word)
            parts.append(house[word])
            continue
        names.append(word)
        parts.append(f"{{{{{len(names)}}}}}")
    body = "".join(parts).strip()
    return Submission(
        body, tuple(names), tuple(samples.get(name) or name for name in names)
    )


def flaws(name: str, category: str, submission: Submission) -> list[tuple[str, str]]:
    """Return what WhatsApp would refuse, as ``(code, detail)``."""
    return list(_flaws(name, category, submission))


def _flaws(name: str, category: str, submission: Submission) -> Iterator:
    body = submission.body
    if not _NAME.fullmatch(name or ""):
        yield "template_name", name or ""
    if category not in CATEGORIES:
        yield "template_category", ""
    if not body:
        yield "template_empty", ""
    if len(body) > LONGEST:
        yield "template_length", str(len(body))
    if _EMPTY_LINES.search(body):
        yield "template_lines", ""
    if submission.names:
        yield from _gap_flaws(body, submission.names)


def _gap_flaws(body: str, names: tuple[str, ...]) -> Iterator:
    if _AT_THE_START.search(body):
        yield "template_starts", names[0]
    if _AT_THE_END.search(body):
        yield "template_ends", names[-1]
    if _SIDE_BY_SIDE.search(body):
        yield "template_side_by_side", ""
    words = len(_WORD.findall(_GAP.sub(" ", body)))
    if words < 2 * len(names) + 1:
        yield "template_ratio", f"{words}/{len(names)}"


def name_for(code: str, number: int) -> str:
    """Return a name that WhatsApp takes for this version of a template."""
    plain = re.sub(r"[^a-z0-9_]+", "_", code.lower()).strip("_")
    return f"{plain[:480]}_v{number}"


def next_name(name: str) -> str:
    """Return another name: one that was refused cannot be used again.

    >>> next_name("deposit_v1"), next_name("deposit_v1_r2")
    ('deposit_v1_r2', 'deposit_v1_r3')
    """
    stem, mark, number = name.rpartition("_r")
    if mark and number.isdigit():
        return f"{stem}_r{int(number) + 1}"
    return f"{name[:500]}_r2"
