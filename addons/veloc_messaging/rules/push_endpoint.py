"""Which addresses a browser's push subscription may name. All others are refused.

The address comes from outside and our server posts to it: without this list anybody
with a personal link could make us call machines inside our own network.
"""

from __future__ import annotations

import re

# The push services of Chrome, Firefox, Safari and Edge; "*." stands for one or more
# labels in front.
SERVICES = (
    "fcm.googleapis.com",
    "android.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
LONGEST = 1024
# Narrower than any URL parser, so that no two of them can read it differently: no
# user, no backslash, no blank, no fragment.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)",
    re.ASCII,
)


def is_allowed(endpoint: str, own: str = "") -> bool:
    """Return whether we may post to this address.

    ``own`` is the base address of a sandbox, set by the administrator; addresses on
    it are allowed as well.

    >>> is_allowed("https://fcm.googleapis.com/fcm/send/abc")
    True
    >>> is_allowed("https://fcm.googleapis.com.evil.example/x")
    False
    """
    found = _match(endpoint)
    if not found:
        return False
    if own and origin(endpoint) == origin(own.rstrip("/") + "/"):
        return True
    is_plain = found["scheme"] == "https" and found["port"] in (None, "443")
    return is_plain and any(_fits(found["host"], service) for service in SERVICES)


def origin(endpoint: str) -> str:
    """Return scheme, host and port, "" for what is no address."""
    found = _match(endpoint)
    if not found:
        return ""
    port = f":{found['port']}" if found["port"] else ""
    return f"{found['scheme']}://{found['host']}{port}"


def host(endpoint: str) -> str:
    """Return the host alone, to show which service it is."""
    found = _match(endpoint)
    return found["host"] if found else ""


def moved(endpoint: str, base: str) -> str:
    """Return the same path on another server: a sandbox instead of the real one."""
    if not base:
        return endpoint
    return base.rstrip("/") + _ADDRESS.fullmatch(endpoint)["path"]


def _match(endpoint):
    if len(endpoint) > LONGEST:
        return None
    return _ADDRESS.fullmatch(endpoint)


def _fits(name, service):
    if service.startswith("*."):
        return name.endswith(service[1:]) and name != service[1:]
    return name == service
