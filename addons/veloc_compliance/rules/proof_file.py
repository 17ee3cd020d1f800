"""Which files may prove an identity, and how they leave the house."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ = str  # marks texts for the translators

KINDS = [
    ("document", _("Identity document")),
    ("selfie", _("Photo of the person")),
    ("address", _("Proof of address")),
    ("income", _("Proof of income")),
    ("bank", _("Proof of bank account")),
    ("power", _("Power of attorney")),
    ("other", _("Other proof")),
]
LARGEST = 10 * 1024 * 1024
# What a file is, by its first bytes: the name says what its sender wants.
_STARTS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is accepted."""

    mimetype: str
    ending: str


def file_type(content: bytes) -> FileType | None:
    """Return what the bytes are, None if no such file is accepted."""
    for start, mimetype, ending in _STARTS:
        if content.startswith(start):
            return FileType(mimetype, ending)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileType("image/webp", "webp")
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return FileType("image/heic", "heic")
    return None


def tidy_name(name: str, ending: str) -> str:
    """Return a file name that no file system or header stumbles over."""
    stem = re.sub(r"[^\w .()-]", "_", name.rpartition("/")[2].rpartition("\\")[2])
    stem = stem.strip(" .")[:80] or "proof"
    return stem if stem.lower().endswith(f".{ending}") else f"{stem}.{ending}"
