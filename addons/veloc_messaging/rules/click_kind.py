"""Who followed a link: a person, or one of the machines that read mail before them.

Counting a scanner as a person makes every campaign look good and every experiment
wrong; so whoever cannot be told from a machine is none, and the reason is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

HUMAN, BOT, SCANNER, PREFETCH = "human", "bot", "scanner", "prefetch"
PROXY, STAFF = "proxy", "staff"

# Nobody reads and clicks within two seconds of the mail server's "taken".
TOO_FAST = 2.0
# That many links of one message within TOO_FAST seconds is no finger.
BURST = 3

_DATA = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_AGENTS = [(row["part"], row["kind"], row["reason"]) for row in _DATA["agents"]]
_NETWORKS = [
    (ipaddress.ip_network(row["cidr"]), row["reason"]) for row in _DATA["networks"]
]
# "Cubot" is a telephone, whatever it sounds like.
_ROBOT = re.compile(r"(?<!cu)bot\b|crawl|spider|scanner|monitoring|linkcheck|preview")
_PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_PREFETCH = re.compile(r"prefetch|prerender|preview")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a link or an image, as far as it tells who is behind it."""

    agent: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters
    ip: str = ""
    since_sent: float | None = None  # seconds; None when nobody knows
    links_at_once: int = 1  # links of the same message asked for within TOO_FAST
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who it was and what gave it away."""

    kind: str
    reason: str


def of_click(visit: Visit) -> Verdict:
    """Return who followed a link."""
    if visit.is_staff:
        return Verdict(STAFF, "logged_in")
    known = _by_agent(visit.agent) or _by_headers(visit.headers)
    if known:
        return known
    if not visit.headers.get("accept-language"):
        # Every browser sends it; scanners that pose as one forget to.
        return Verdict(SCANNER, "no_language")
    if visit.since_sent is not None and visit.since_sent < TOO_FAST:
        return Verdict(SCANNER, "too_fast")
    if visit.links_at_once >= BURST:
        return Verdict(SCANNER, "burst")
    if reason := _network(visit.ip):
        return Verdict(SCANNER, reason)
    return Verdict(HUMAN, "")


def of_open(visit: Visit) -> Verdict:
    """Return who loaded the image of an e-mail.

    A proxy loads it when its reader looks, but shows nothing of them; Apple's loads
    every image of every e-mail, read or not, and says no more than "Mozilla/5.0".
    """
    if visit.is_staff:
        return Verdict(STAFF, "logged_in")
    if visit.agent.strip() == "Mozilla/5.0":
        return Verdict(PREFETCH, "apple_mpp")
    known = _by_agent(visit.agent) or _by_headers(visit.headers)
    if known and known.reason != "microsoft_office":
        return known
    if visit.since_sent is not None and visit.since_sent < TOO_FAST:
        return Verdict(SCANNER, "too_fast")
    if reason := _network(visit.ip):
        return Verdict(SCANNER, reason)
    return Verdict(HUMAN, "")


def agent_class(agent: str) -> str:
    """Return the little that is kept of a user agent.

    >>> agent_class("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari")
    'phone'
    """
    text = agent.lower()
    if not text:
        return "none"
    if "ipad" in text or "tablet" in text:
        return "tablet"
    if "mobi" in text or "iphone" in text or "android" in text:
        return "phone"
    return "computer" if "mozilla/" in text else "program"


def visitor_net(ip: str) -> str:
    """Return the network of an address, too wide to point at a person; "" if none.

    >>> visitor_net("203.0.113.77"), visitor_net("2001:db8:aa:bb::1")
    ('203.0.113.0/24', '2001:db8:aa::/48')
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    size = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network(f"{address}/{size}", strict=False))


def visitor_mark(secret: bytes, ip: str, day: str) -> str:
    """Return what tells two visits of one day from one network apart from others.

    Without the secret nobody gets an address back, with it only a network of 256,
    and two days cannot be joined.
    """
    net = visitor_net(ip)
    if not net:
        return ""
    text = f"visitor\0{day}\0{net}".encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:12]


@lru_cache(maxsize=4096)
def _by_agent(agent: str) -> Verdict | None:
    text = agent.lower()
    if not text.strip():
        return Verdict(BOT, "no_agent")
    for part, kind, reason in _AGENTS:
        if part in text:
            return Verdict(kind, reason)
    return Verdict(BOT, "named_robot") if _ROBOT.search(text) else None


def _by_headers(headers: Mapping[str, str]) -> Verdict | None:
    for name in _PREFETCH_HEADERS:
        if _PREFETCH.search(headers.get(name, "").lower()):
            return Verdict(PREFETCH, "prefetch_header")
    return None


def _network(ip: str) -> str | None:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    return next((reason for net, reason in _NETWORKS if address in net), None)
