"""Check a consent receipt without Odoo: the signature, and the hash of each text.

    python verify_receipt.py receipt.json keys.json

``keys.json`` is what the broker publishes at /veloc/receipt/keys (or a .pem file of
the ZIP). Needs Python 3.11 and the library ``cryptography``, nothing else.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)


def canonical(receipt):
    """Return the bytes that were signed."""
    unsigned = {name: receipt[name] for name in receipt if name != "signature"}
    return json.dumps(
        unsigned, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def read_keys(path):
    """Return {key id: public key} of a PEM file or of the published list."""
    text = Path(path).read_text()
    pems = [text] if "BEGIN PUBLIC KEY" in text[:40] else json.loads(text).values()
    keys = (load_pem_public_key(pem.encode()) for pem in pems)
    return {_key_id(key): key for key in keys}


def _key_id(key):
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def faults(receipt, keys):
    """Return what is wrong with the receipt, one line each; nothing if it is sound."""
    seal = receipt.get("signature") or {}
    key = keys.get(seal.get("keyId"))
    if key is None:
        return [f"unknown key {seal.get('keyId')}"]
    found = []
    try:
        key.verify(base64.urlsafe_b64decode(seal["value"]), canonical(receipt))
    except (InvalidSignature, ValueError):
        found.append("the signature does not belong to this receipt")
    for service in receipt["services"]:
        for purpose in service["purposes"]:
            found += _wrong_texts(purpose)
    return found


def _wrong_texts(purpose):
    for name in ("text", "notice"):
        digest = hashlib.sha256(purpose[name].encode()).hexdigest()
        if purpose[f"{name}Sha256"] != (digest if purpose[name] else ""):
            yield f"{purpose['purposeCode']}: the {name} does not carry its hash"


def main(arguments):
    """Print what was said and whether it is sound; return the exit code."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    receipt = json.loads(Path(arguments[0]).read_text())
    wrong = faults(receipt, read_keys(arguments[1]))
    for line in wrong:
        print(f"NOT VALID: {line}")
    if not wrong:
        print(f"valid: {receipt['consentReceiptID']} of {receipt['consentTimestamp']}")
        for purpose in receipt["services"][0]["purposes"]:
            channels = ", ".join(purpose["channels"])
            print(f"  {purpose['event']}: {purpose['purpose']} ({channels})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
