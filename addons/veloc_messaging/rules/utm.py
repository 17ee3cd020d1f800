"""Campaign names in the address of a link, for the broker's own analytics."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit


def with_utm(url: str, values: Mapping[str, str]) -> str:
    """Return ``url`` with utm values; those it brings along stay as they are.

    The rest of the address keeps its spelling, byte for byte.

    >>> with_utm("https://x.y/?utm_source=ad#top", {"source": "veloc", "medium": "sms"})
    'https://x.y/?utm_source=ad&utm_medium=sms#top'
    """
    parts = urlsplit(url)
    known = {
        name.lower() for name, _value in parse_qsl(parts.query, keep_blank_values=True)
    }
    missing = {
        f"utm_{name}": value
        for name, value in values.items()
        if value and f"utm_{name}" not in known
    }
    if not missing:
        return url
    before, hash_, fragment = url.partition("#")
    glue = "?" if "?" not in before else "" if before[-1] in "?&" else "&"
    return f"{before}{glue}{urlencode(missing)}{hash_}{fragment}"
