"""Where a link of ours may lead: the broker's own hosts and those on the list.

Everything else that can be read two ways is refused: browsers, mail programs and
Python do not agree on what the host of an odd address is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_LENGTH = 2048
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
# Browsers read a backslash as a slash and leave out tabs and line ends.
_ODD = re.compile(r"[\x00-\x20\x7f\\<>\"'`{}|^]")
_PORTS = {None, 80, 443}


@dataclass(frozen=True, slots=True)
class Host:
    """A host that links may lead to; ``subdomains``: those below it as well."""

    name: str
    subdomains: bool = False


def clean_host(text: str) -> str | None:
    """Return a host name in its one spelling, None for anything that is none.

    An internationalised name is written as ``xn--…`` in the list, on purpose: nobody
    tells a Cyrillic "o" from ours by looking.

    >>> clean_host(" WWW.Veloc.example "), clean_host("veloc.example/x")
    ('www.veloc.example', None)
    """
    name = (text or "").strip().lower()
    return name if len(name) <= 253 and _HOST.fullmatch(name) else None


def host_of(url: str) -> str | None:
    """Return the host of a web address, None unless everybody reads the same one."""
    if len(url) > MAX_LENGTH or _ODD.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not url[len(parts.scheme) :].startswith(
        "://"
    ):
        return None
    # user@host is how a false link looks like a true one.
    if "@" in parts.netloc or "%" in parts.netloc or port not in _PORTS:
        return None
    name = clean_host(parts.hostname or "")
    return name if name and parts.netloc.lower().split(":")[0] == name else None


def is_allowed(url: str, hosts: Iterable[Host]) -> bool:
    """Return whether a link of ours may lead to ``url``.

    >>> ours = [Host("veloc.example"), Host("veloc.app", subdomains=True)]
    >>> is_allowed("https://veloc.example/deposit", ours)
    True
    >>> is_allowed("https://www.veloc.example/", ours)
    False
    >>> is_allowed("https://eu.veloc.app/", ours)
    True
    """
    name = host_of(url)
    return name is not None and any(
        name == host.name or (host.subdomains and name.endswith(f".{host.name}"))
        for host in hosts
    )
