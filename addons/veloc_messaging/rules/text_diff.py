"""What changed between two wordings, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

SAME, ADDED, REMOVED = "same", "added", "removed"

# A variable is one word: half a variable tells a reader nothing.
_WORD = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\s+|[^\s{]+|\{", re.DOTALL)


def changes(old: str, new: str) -> list[tuple[str, str]]:
    """Return the pieces of both texts in order, each same, removed or added.

    >>> changes("Oi Ana", "Oi Rui")
    [('same', 'Oi '), ('removed', 'Ana'), ('added', 'Rui')]
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return list(_pieces(matcher.get_opcodes(), before, after))


def _pieces(opcodes, before, after) -> Iterator[tuple[str, str]]:
    for tag, i1, i2, j1, j2 in opcodes:
        if tag == "equal":
            yield SAME, "".join(before[i1:i2])
            continue
        if i2 > i1:
            yield REMOVED, "".join(before[i1:i2])
        if j2 > j1:
            yield ADDED, "".join(after[j1:j2])
