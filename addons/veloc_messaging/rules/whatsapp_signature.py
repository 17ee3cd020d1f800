"""Whether a webhook call was signed by the owner of Meta's app secret.

Meta signs the raw bytes, so nothing may be decoded or tidied before this is asked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "sha256="


def is_valid(secrets: Iterable[str], header: str | None, body: bytes) -> bool:
    """Return whether ``header`` (X-Hub-Signature-256) is right under one secret.

    Every secret is tried, so the time says nothing about which one fits.
    """
    claimed = (header or "").strip().encode("utf-8", "replace")
    found = False
    for secret in filter(None, secrets):
        found |= hmac.compare_digest(sign(secret, body).encode(), claimed)
    return found


def sign(secret: str, body: bytes) -> str:
    """Return the header that Meta would send with these bytes."""
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
