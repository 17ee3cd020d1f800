"""What agents read of a conversation, and what they may not write into it."""

import re

PREVIEW = 120
LONGEST = 4000
# Whoever has such an address acts as the person; agents need not see it.
_PERSONAL = re.compile(
    r"(https?://\S*?/veloc/(?:preferences|unsubscribe|push|l|o)/)\S+"
)
# Odoo's plain text writes bold and headings with asterisks; people read words.
_EMPHASIS = re.compile(r"</?(?:b|strong|em|i|u)(?:\s[^>]*)?>", re.IGNORECASE)
_HEADING = re.compile(r"<(/?)h[1-6](?:\s[^>]*)?>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


def shown(text: str) -> str:
    """Return a text of ours for the history, without personal addresses."""
    text = _PERSONAL.sub(r"\1…", text or "")
    return _BLANK_LINES.sub("\n\n", text).strip()[:LONGEST]


def without_emphasis(html: str) -> str:
    """Return the HTML with headings as paragraphs and without bold or italics."""
    return _HEADING.sub(r"<\1p>", _EMPHASIS.sub("", html or ""))


def preview(text: str) -> str:
    """Return the one line that lists and cards show."""
    line = " ".join(_PERSONAL.sub(r"\1…", text or "").split())
    return line if len(line) <= PREVIEW else f"{line[: PREVIEW - 1]}…"


def is_sendable(text: str) -> bool:
    """Return whether anything is left once the white space is gone."""
    return bool(text and text.strip("\u200b\ufeff \t\r\n"))
