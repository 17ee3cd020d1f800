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

_HASHES = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_valid(
    secrets: Iterable[str],
    url: str,
    signature: str | None,
    *,
    params: Iterable[tuple[str, str]] | None = None,
    body: bytes | None = None,
    algorithm: str = "HMAC_SHA1",
) -> bool:
    """Return whether ``signature`` is right for the request under one of ``secrets``.

    ``algorithm`` is as named in the settings of the signature (see ``settings``); an
    unknown one is never right.

    ``url`` is the address as the provider called it, query undecoded. A form post
    gives its decoded pairs as ``params``; any other post gives its raw ``body``, which
    must then be covered by ``bodySHA256`` in the query.
    """
    if not signature or not url or algorithm not in _HASHES:
        return False
    if params is None and body and not _body_matches(url, body):
        return False
    candidates = [_text(form, params or ()) for form in _spellings(url)]
    found = False
    for secret in filter(None, secrets):
        for text in candidates:
            found |= hmac.compare_digest(
                sign(secret, text, algorithm).encode(),
                signature.encode("utf-8", "replace"),
            )
    return found


def settings(header: str | None) -> tuple[str, str]:
    """Return key id and algorithm of ``X-Twilio-Webhooks-Signature-Settings``.

    Without the header: no key, which means the auth token, and HMAC_SHA1.

    >>> settings("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256")
    ('webhooks_sharedkey_1', 'HMAC_SHA256')
    """
    pairs = (part.partition("=") for part in (header or "").split(","))
    named = {name.strip(): value.strip() for name, _equals, value in pairs}
    return named.get("key", ""), named.get("algorithm", "HMAC_SHA1").upper()


def sign(secret: str, text: str, algorithm: str = "HMAC_SHA1") -> str:
    """Return the base64 signature of a string already put together."""
    # A lone half of a surrogate pair cannot be encoded, and was never signed.
    data = text.encode("utf-8", "replace")
    digest = hmac.new(secret.encode(), data, _HASHES[algorithm]).digest()
    return base64.b64encode(digest).decode()


def signature_of(
    secret: str,
    url: str,
    params: Iterable[tuple[str, str]] = (),
    algorithm: str = "HMAC_SHA1",
) -> str:
    """Return what the provider would send in ``X-Twilio-Signature``."""
    return sign(secret, _text(url.partition("#")[0], params), algorithm)


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
