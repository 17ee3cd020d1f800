"""Templates at Meta: their states in our words, their text in Meta's shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

DRAFT, PENDING, APPROVED = "draft", "pending", "approved"
REJECTED, PAUSED, DISABLED = "rejected", "paused", "disabled"

# "Flagged" may still be sent; what is deleted or archived may not.
_STATES = {
    "approved": APPROVED,
    "flagged": APPROVED,
    "locked": APPROVED,
    "reinstated": APPROVED,
    "unarchived": APPROVED,
    "unlocked": APPROVED,
    "unpaused": APPROVED,
    "in_appeal": PENDING,
    "pending": PENDING,
    "received": PENDING,
    "unsubmitted": DRAFT,
    "limit_exceeded": REJECTED,
    "rejected": REJECTED,
    "paused": PAUSED,
    "archived": DISABLED,
    "deleted": DISABLED,
    "disabled": DISABLED,
    "pending_deletion": DISABLED,
}
_GAP = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def state_of(word: str) -> str:
    """Return our state for a word of Meta or Twilio; an unknown one waits.

    >>> state_of("APPROVED"), state_of("unsubmitted"), state_of("new_word")
    ('approved', 'draft', 'pending')
    """
    return _STATES.get(word.strip().lower(), PENDING)


def gaps(body: str) -> list[str]:
    """Return the names of the gaps in a text, each once, in order.

    >>> gaps("Oi {{1}}, {{2}} e {{1}}")
    ['1', '2']
    """
    return list(dict.fromkeys(_GAP.findall(body)))


def body_component(body: str, samples: Sequence[str]) -> dict[str, Any]:
    """Return the text as a component, with the samples the reviewers ask for."""
    names = gaps(body)
    part: dict[str, Any] = {"type": "BODY", "text": body}
    if not names:
        return part
    if all(name.isdigit() for name in names):
        return part | {"example": {"body_text": [list(samples[: len(names)])]}}
    named = [
        {"param_name": name, "example": sample}
        for name, sample in zip(names, samples, strict=False)
    ]
    return part | {"example": {"body_text_named_params": named}}


def is_named(body: str) -> bool:
    """Return whether the gaps have names instead of numbers."""
    return any(not name.isdigit() for name in gaps(body))
