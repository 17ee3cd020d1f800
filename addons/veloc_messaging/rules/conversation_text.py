"""What agents read of a conversation, and what they may not write into it."""

import re

PREVIEW = 120
LONGEST = 4000
# Whoever has such an address acts as the person; agents need not see it.
_PERSONAL = re.compile(
    r"(https?://\S*?/veloc/(?:preferences|unsubscribe|push|l|o)/)\S+"
)
_BLANK_LINES = re.compile(r"\n{3,}")


def shown(text: str) -> str:
    """Return a text of ours for the history, without personal addresses."""
    text = _PERSONAL.sub(r"\1…", text or "")
    return _BLANK_LINES.sub("\n\n", text).strip()[:LONGEST]


def preview(text: str) -> str:
    """Return the one line that lists and cards show."""
    line = " ".join(_PERSONAL.sub(r"\1…", text or "").split())
    return line if len(line) <= PREVIEW else f"{line[: PREVIEW - 1]}…"


def is_sendable(text: str) -> bool:
    """Return whether anything is left once the white space is gone."""
    return bool(text and text.strip("\u200b\ufeff \t\r\n"))
