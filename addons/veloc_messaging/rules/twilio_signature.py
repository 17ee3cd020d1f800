"""Whether a request was signed by the owner of a Twilio auth token.

Own code, because the official validator raises on a missing signature or on a JSON
body without hash, and accepts an unsigned body when it is not a form.
Source of the rules: Twilio's "Validating requests" and the test suites of its seven
client libraries (see ``tests/vectors/twilio_signatures.json``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qs, urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_valid(
    secrets: Iterable[str],
    url: str,
    signature: str | None,
    *,
    params: Iterable[tuple[str, str]] | None = None,
    body: bytes | None = None,
) -> bool:
    """Return whether ``signature`` is right for the request under one of ``secrets``.

    ``url`` is the address as the provider called it, query undecoded. A form post
    gives its decoded pairs as ``params``; any other post gives its raw ``body``, which
    must then be covered by ``bodySHA256`` in the query.
    """
    if not signature or not url:
        return False
    if params is None and body and not _body_matches(url, body):
        return False
    candidates = [_text(form, params or ()) for form in _spellings(url)]
    found = False
    for secret in filter(None, secrets):
        for text in candidates:
            found |= hmac.compare_digest(
                sign(secret, text).encode(), signature.encode("utf-8", "replace")
            )
    return found


def sign(secret: str, text: str) -> str:
    """Return the base64 signature of a string already put together."""
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signature_of(secret: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """Return what the provider would send in ``X-Twilio-Signature``."""
    return sign(secret, _text(url.partition("#")[0], params))


def _text(url: str, params: Iterable[tuple[str, str]]) -> str:
    # A repeated name counts once per different value; names sort by code point.
    return url + "".join(name + value for name, value in sorted(set(params)))


def _body_matches(url: str, body: bytes) -> bool:
    expected = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
    actual = hashlib.sha256(body).hexdigest()
    return hmac.compare_digest(actual.encode(), expected.encode())


def _spellings(url: str) -> set[str]:
    """The address as it came, without a port and with the default port.

    Twilio's own services do not agree on it, so its libraries accept all of them.
    """
    url = url.partition("#")[0]
    parts = urlsplit(url)
    host, port = _host_and_port(parts)
    default = _DEFAULT_PORTS.get(parts.scheme.lower(), 443)
    credentials = parts.netloc.rpartition("@")[0]
    prefix = f"{credentials}@" if credentials else ""
    bare, ported = f"{prefix}{host}", f"{prefix}{host}:{port or default}"
    return {url, _with_netloc(url, parts, bare), _with_netloc(url, parts, ported)}


def _host_and_port(parts: SplitResult) -> tuple[str, str]:
    address = parts.netloc.rpartition("@")[2]
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or host.count("[") != host.count("]"):
        return address, ""
    return host, port


def _with_netloc(url: str, parts: SplitResult, netloc: str) -> str:
    # Plain replacement: urlunsplit would tidy the rest, which was signed untidied.
    return url.replace(f"//{parts.netloc}", f"//{netloc}", 1)
