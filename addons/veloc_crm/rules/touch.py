"""Where a visitor came from: campaign labels and click ids, made clean.

A touch is what one visit's address said. Nothing of it names the person; the page is
kept without its query, the referrer as a host alone.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from .event_schema import parse_time

UTM_KEYS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
# Which advertiser's click: the first one present wins, the rarer ones come first.
CLICK_KINDS = ("wbraid", "gbraid", "gclid", "fbclid", "ttclid", "msclkid")
KEPT = timedelta(days=396)  # 13 months, as the storage in the browser
MAX_LABEL, MAX_CLICK, MAX_PAGE = 64, 512, 256

_CLICK = re.compile(r"[A-Za-z0-9_.\-]{8,512}")
_HOST = re.compile(r"[a-z0-9.\-]{1,253}(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Touch:
    """One visit; ``at`` is naive UTC."""

    at: datetime
    utm: tuple[tuple[str, str], ...] = ()
    click_kind: str | None = None
    click_id: str | None = None
    page: str | None = None
    referrer: str | None = None

    @property
    def labels(self) -> dict[str, str]:
        """Return the campaign labels by their key."""
        return dict(self.utm)


def read_touch(raw, now: datetime) -> Touch | None:
    """Return the visit that a browser told of, or None if it says nothing to keep."""
    if not isinstance(raw, dict):
        return None
    at = parse_time(raw.get("at")) or now
    if at <= now - KEPT:
        return None
    utm = tuple((key, text) for key in UTM_KEYS if (text := read_label(raw.get(key))))
    kind, click = _read_click(raw)
    referrer = _read_host(raw.get("referrer"))
    if not (utm or click or referrer):
        return None
    # A browser's clock may be ahead; nobody came tomorrow.
    return Touch(min(at, now), utm, kind, click, read_page(raw.get("page")), referrer)


def read_label(text) -> str | None:
    """Return a tidy campaign label, or None."""
    text = " ".join(text.split())[:MAX_LABEL] if isinstance(text, str) else ""
    return text if text and text.isprintable() else None


def read_page(text) -> str | None:
    """Return host and path of an address: what its query says stays outside."""
    host, path = _split(text)
    return (host + path)[:MAX_PAGE] if host and path.isprintable() else None


def read_pair(raw, now: datetime) -> dict[str, Touch]:
    """Return ``{"first": …, "last": …}`` of those that could be read."""
    if not isinstance(raw, dict):
        return {}
    found = {place: read_touch(raw.get(place), now) for place in ("first", "last")}
    return {place: touch for place, touch in found.items() if touch}


def as_json(touches: dict[str, Touch]) -> dict:
    """Return touches as JSON can carry them; ``read_pair`` reads them again."""
    return {
        place: {
            "at": f"{touch.at.isoformat(timespec='seconds')}Z",
            **touch.labels,
            **({touch.click_kind: touch.click_id} if touch.click_kind else {}),
            "page": touch.page and f"https://{touch.page}",
            "referrer": touch.referrer and f"https://{touch.referrer}/",
        }
        for place, touch in touches.items()
    }


def _read_click(raw):
    for kind in CLICK_KINDS:
        text = raw.get(kind)
        if isinstance(text, str) and _CLICK.fullmatch(text):
            return kind, text
    return None, None


def _read_host(text):
    host, _path = _split(text)
    return host or None


def _split(text):
    if not isinstance(text, str) or len(text) > 4096:
        return "", ""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return "", ""
    host = parts.netloc.lower()
    is_web = parts.scheme in ("http", "https") and _HOST.fullmatch(host)
    return (host, parts.path or "/") if is_web else ("", "")
