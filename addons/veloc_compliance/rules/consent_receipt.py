"""A consent receipt: what a person said, which words they read, signed.

Fields of ISO/IEC TS 27560:2023 and of the Kantara consent receipt 1.1. The receipt
says nothing that its holder does not know, and names the person by a pseudonym: it
may travel.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from .privacy_notice import Controller

SCHEMA = "ISO/IEC TS 27560:2023"
KANTARA = "KI-CR-v1.1.0"
ALGORITHM = "Ed25519"
# A receipt is a few kilobytes; what is far larger is none.
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Word:
    """What was said about one purpose: yes or no, on which channels, to which text."""

    purpose: str
    code: str
    version: int
    kind: str
    legal_basis: str
    granted: bool
    channels: tuple[str, ...]
    events: tuple[int, ...]
    text: str
    notice: str = ""
    duration: str = ""
    sharing: str = ""
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a receipt is made from; all of it never changes."""

    receipt_id: str
    given_at: datetime
    method: str
    language: str
    principal: str
    controller: Controller
    policy_url: str
    words: Sequence[Word] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a receipt says; ``code`` is valid or what is wrong."""

    code: str
    detail: str = ""

    @property
    def is_valid(self) -> bool:
        """Return whether every byte is as it was signed."""
        return self.code == "valid"


def build(facts: Facts) -> dict[str, Any]:
    """Return the receipt without its signature."""
    return {
        "schema": SCHEMA,
        "version": KANTARA,
        "jurisdiction": "BR",
        "law": "Lei nº 13.709/2018 (LGPD)",
        "consentReceiptID": facts.receipt_id,
        "consentTimestamp": facts.given_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "collectionMethod": facts.method,
        "language": facts.language.replace("_", "-"),
        "piiPrincipalId": facts.principal,
        "piiControllers": [_controller(facts.controller)],
        "policyUrl": facts.policy_url,
        "services": [
            {
                "service": facts.controller.name,
                "purposes": [_purpose(word) for word in facts.words],
            }
        ],
        "sensitive": any(word.is_sensitive for word in facts.words),
        "spiCat": [],
    }


def _controller(controller: Controller) -> dict[str, Any]:
    own = asdict(controller)
    return {
        "piiController": own["name"],
        "onBehalf": False,
        "taxId": own["tax_id"],
        "address": own["address"],
        "email": own["email"],
        "phone": own["phone"],
        "piiControllerUrl": own["website"],
        "contact": own["dpo_name"],
        "contactEmail": own["dpo_email"],
        "contactPhone": own["dpo_phone"],
    }


def _purpose(word: Word) -> dict[str, Any]:
    return {
        "purpose": word.purpose,
        "purposeCode": word.code,
        "purposeVersion": word.version,
        "purposeCategory": [word.kind],
        "legalBasis": word.legal_basis,
        "consentType": "EXPLICIT",
        "event": _event(word),
        "channels": list(word.channels),
        "piiCategory": ["contact"],
        "primaryPurpose": word.kind == "service",
        "termination": word.duration,
        "thirdPartyDisclosure": bool(word.sharing),
        "thirdPartyName": word.sharing,
        "text": word.text,
        "textSha256": _digest(word.text),
        "notice": word.notice,
        "noticeSha256": _digest(word.notice),
        "eventIds": list(word.events),
    }


def _event(word: Word) -> str:
    if word.granted:
        return "granted"
    return "revoked" if word.legal_basis == "consent" else "opposed"


def sign(receipt: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return the receipt with its signature, in JSON's own types."""
    signature = key.sign(canonical(receipt))
    return {
        **receipt,
        "signature": {
            "algorithm": ALGORITHM,
            "keyId": key_id(key.public_key()),
            "value": base64.urlsafe_b64encode(signature).decode(),
        },
    }


def canonical(receipt: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed: sorted keys, no spaces, no signature."""
    unsigned = {name: receipt[name] for name in receipt if name != "signature"}
    text = json.dumps(
        unsigned, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def key_id(key: Ed25519PublicKey) -> str:
    """Return the short name of a public key."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def read(content: bytes | str) -> dict[str, Any] | None:
    """Return the receipt in a file or a pasted text, None if it is none."""
    if len(content) > LONGEST:
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_receipt = isinstance(found, dict) and found.get("schema") == SCHEMA
    return found if is_receipt else None


def check(receipt: Mapping[str, Any], pems: Mapping[str, str]) -> Finding:
    """Return whether the receipt is as it was signed, by one of these keys.

    ``pems``: public keys by their id. The hashes of the texts are signed as well, but
    a reader wants to hear that these very words carry them.
    """
    seal = receipt.get("signature")
    if not isinstance(seal, Mapping) or seal.get("algorithm") != ALGORITHM:
        return Finding("unsigned")
    pem = pems.get(str(seal.get("keyId")))
    if pem is None:
        return Finding("unknown_key", str(seal.get("keyId"))[:64])
    try:
        value = base64.b64decode(str(seal.get("value")), b"-_", validate=True)
        load_pem_public_key(pem.encode()).verify(value, canonical(receipt))
        wrong = _wrong_text(receipt)
    except (InvalidSignature, ValueError):
        return Finding("altered")
    except (TypeError, KeyError, AttributeError):
        return Finding("unreadable")
    return Finding("altered", wrong) if wrong else Finding("valid")


def _wrong_text(receipt: Mapping[str, Any]) -> str:
    for service in receipt["services"]:
        for purpose in service["purposes"]:
            for name in ("text", "notice"):
                if purpose[f"{name}Sha256"] != _digest(purpose[name]):
                    return f"{purpose['purposeCode']}.{name}"
    return ""


def _digest(text: str) -> str:
    # Where no text is known there is no hash either.
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
