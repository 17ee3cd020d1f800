"""What a page got from us before it may send a form: form, variant, when, once.

Signed, so that nobody chooses their own variant, skips the reading of the text or
keeps a form for later; nothing is stored until it comes back.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(hours=2)
# Nobody reads, types an address and ticks a box faster; programs do.
FASTEST = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A page view that may become a submission; ``at`` is naive UTC."""

    form: str
    variant: int
    nonce: str
    at: datetime


def issue(ticket: Ticket, key: bytes) -> str:
    """Return the ticket as text with its signature."""
    said = [ticket.form, ticket.variant, ticket.nonce, _seconds(ticket.at)]
    body = _encode(json.dumps(said, separators=(",", ":")).encode())
    return f"{body}.{_signature(body, key)}"


def read(text, form: str, key: bytes, now: datetime) -> tuple[Ticket | None, str]:
    """Return the ticket and "", or None or it with what is wrong with it.

    ``bad_ticket``: not ours or of another form; ``expired_ticket``: too old;
    ``too_fast``: no person was that quick.
    """
    ticket = _open(text, key)
    if ticket is None or ticket.form != form:
        return None, "bad_ticket"
    age = now - ticket.at
    if age > LIFETIME or age < timedelta(0):
        return ticket, "expired_ticket"
    return ticket, "too_fast" if age < FASTEST else ""


def proof_of_trader(ref: str, key: bytes) -> str:
    """Return what the broker's server puts beside a trader's reference."""
    return hmac.new(key, ref.encode(), hashlib.sha256).hexdigest()


def is_proven(ref: str, proof, key: bytes) -> bool:
    """Return whether the broker itself named this trader on its page."""
    return isinstance(proof, str) and hmac.compare_digest(
        proof_of_trader(ref, key).encode(), proof.encode()
    )


def _open(text, key):
    if not isinstance(text, str) or len(text) > 1024 or text.count(".") != 1:
        return None
    body, signature = text.split(".")
    if not hmac.compare_digest(_signature(body, key).encode(), signature.encode()):
        return None
    # Signed by us, hence well-formed.
    form, variant, nonce, seconds = json.loads(_decode(body))
    at = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return Ticket(form, variant, nonce, at)


def _seconds(moment):
    return moment.replace(tzinfo=UTC).timestamp()


def _signature(body, key):
    return _encode(hmac.new(key, body.encode(), hashlib.sha256).digest()[:24])


def _encode(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
