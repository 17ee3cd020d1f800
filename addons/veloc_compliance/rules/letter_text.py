"""Letters with gaps: ``{{ name }}`` is filled from a fixed list, nothing is run."""

from __future__ import annotations

import re
from collections.abc import Mapping

GAP = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# What a letter about a request may say.
GAPS = frozenset(
    {
        "first_name",
        "number",
        "kind",
        "article",
        "received_on",
        "due_on",
        "outcome",
        "reason",
        "ground",
        "details",
        "link",
        "expires_on",
        "company",
        "officer",
        "code",
        "minutes",
    }
)


def unknown_gaps(text: str) -> list[str]:
    """Return the gaps of a text that nobody would fill."""
    return sorted(set(GAP.findall(text)) - GAPS)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its gaps filled; a missing value leaves nothing.

    Values are put in as they are: what a person wrote cannot open a gap of its own.
    """
    filled = GAP.sub(lambda gap: values.get(gap[1]) or "", text)
    # An empty gap that stood alone leaves a hole in the page.
    return re.sub(r"\n{3,}", "\n\n", filled).strip()
