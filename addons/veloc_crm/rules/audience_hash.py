"""How a person is written for an advertising platform: normalised, hashed, or plain.

Meta: https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences
Google: https://developers.google.com/data-manager/api/devguides/concepts/formatting
TikTok: https://ads.tiktok.com/help/article/how-to-create-a-custom-audience-with-a-customer-file
Each platform compares hashes, so one wrong space is one person not found.
"""

import csv
import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_GMAIL = frozenset({"gmail.com", "googlemail.com"})
# Characters a spreadsheet takes for a formula; hashes never begin so, plain texts may.
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Identity:
    """What may be handed over of one person: empty where it may not or is not known."""

    email: str = ""
    phone: str = ""  # E.164
    first_name: str = ""
    last_name: str = ""
    city: str = ""
    state: str = ""  # two letters
    zip_code: str = ""
    country: str = ""  # two letters
    born: date | None = None
    reference: str = ""

    @property
    def is_findable(self) -> bool:
        """Return whether a platform could find the person at all."""
        return bool(self.email or self.phone)


@dataclass(frozen=True, slots=True)
class Format:
    """One platform's file: columns, and how each is written."""

    headers: tuple[str, ...]
    writers: tuple


def sha256(text: str) -> str:
    """Return the hash in hexadecimal, empty for what is empty."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def split_name(name: str) -> tuple[str, str]:
    """Return first and last name; a single word is a first name."""
    words = (name or "").split()
    return (words[0], words[-1] if len(words) > 1 else "") if words else ("", "")


# === META === #


def meta_email(text: str) -> str:
    return text.strip().lower()


def meta_phone(text: str) -> str:
    """Return digits with the country code, without sign and leading zeros."""
    return re.sub(r"\D", "", text).lstrip("0")


def meta_name(text: str) -> str:
    """Return lower case without punctuation; letters of any script stay."""
    return "".join(c for c in text.strip().lower() if not _is_punctuation(c))


def meta_place(text: str) -> str:
    """Return a city or state: a to z only, accents and spaces gone."""
    return re.sub(r"[^a-z]", "", _without_accents(text.lower()))


def meta_zip(text: str) -> str:
    """Return lower case without spaces and hyphens."""
    return re.sub(r"[\s-]", "", text.lower())


# === GOOGLE === #


def google_email(text: str) -> str:
    """Return lower case without spaces; Gmail ignores dots and what follows a plus."""
    text = re.sub(r"\s", "", text).lower()
    local, at, domain = text.rpartition("@")
    if at and domain in _GMAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}{at}{domain}"


def google_phone(text: str) -> str:
    """Return E.164 with the plus."""
    digits = re.sub(r"\D", "", text)
    return f"+{digits}" if digits else ""


def google_name(text: str) -> str:
    """Return lower case without punctuation and spaces around."""
    return "".join(c for c in text.lower() if not _is_punctuation(c, " -")).strip()


# === TIKTOK === #


def tiktok_email(text: str) -> str:
    """Return lower case without any space."""
    return re.sub(r"\s", "", text).lower()


def tiktok_phone(text: str) -> str:
    """Return E.164 with the plus: what is recommended, though both ways are matched."""
    digits = re.sub(r"\D", "", text).lstrip("0")
    return f"+{digits}" if digits else ""


# === FILES === #

META = Format(
    (
        "email",
        "phone",
        "fn",
        "ln",
        "ct",
        "st",
        "zip",
        "country",
        "dob",
        "extern_id",
    ),
    (
        lambda p: sha256(meta_email(p.email)),
        lambda p: sha256(meta_phone(p.phone)),
        lambda p: sha256(meta_name(p.first_name)),
        lambda p: sha256(meta_name(p.last_name)),
        lambda p: sha256(meta_place(p.city)),
        lambda p: sha256(meta_place(p.state)),
        lambda p: sha256(meta_zip(p.zip_code)),
        lambda p: sha256(p.country.lower()),
        lambda p: sha256(f"{p.born:%Y%m%d}" if p.born else ""),
        lambda p: sha256(p.reference),
    ),
)
GOOGLE = Format(
    ("Email", "Phone", "First Name", "Last Name", "Country", "Zip"),
    (
        lambda p: sha256(google_email(p.email)),
        lambda p: sha256(google_phone(p.phone)),
        lambda p: sha256(google_name(p.first_name)),
        lambda p: sha256(google_name(p.last_name)),
        # Google asks for these two in clear.
        lambda p: _safe(p.country.upper()),
        lambda p: _safe(p.zip_code.strip()),
    ),
)
# TikTok knows people by address, number and advertising id; we keep no such ids.
TIKTOK = Format(
    ("Email_SHA256", "Phone_SHA256"),
    (
        lambda p: sha256(tiktok_email(p.email)),
        lambda p: sha256(tiktok_phone(p.phone)),
    ),
)
FORMATS = {"meta": META, "google": GOOGLE, "tiktok": TIKTOK}
# How a text for people must name a platform that their data go to.
NAMES = {"meta": "Meta", "google": "Google", "tiktok": "TikTok"}
# TikTok refuses a file of fewer entries; a short list points at its people anyway.
SMALLEST = {"meta": 100, "google": 100, "tiktok": 1000}


def is_named(platform: str, texts) -> bool:
    """Return whether every one of the texts names the platform."""
    name = re.compile(rf"\b{NAMES[platform]}\b", re.IGNORECASE)
    return all(name.search(text or "") for text in texts)


def row(person: Identity, platform: str) -> tuple[str, ...]:
    """Return one person's row as the platform wants it."""
    return tuple(write(person) for write in FORMATS[platform].writers)


def as_csv(rows, platform: str) -> bytes:
    """Return the file; rows are sorted, so that their order tells nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FORMATS[platform].headers)
    writer.writerows(sorted(rows))
    return text.getvalue().encode()


def changes(before: dict, now: dict) -> tuple[dict, dict]:
    """Return what to add and what to remove: ``{person: row}`` of both.

    ``before`` and ``now`` are ``{person: row}``. Whose row has changed is removed
    under the old one and added under the new.
    """
    added = {key: row for key, row in now.items() if before.get(key) != row}
    removed = {key: row for key, row in before.items() if now.get(key) != row}
    # A row that somebody else of the list still has must not be taken away.
    kept = set(now.values())
    return added, {key: row for key, row in removed.items() if row not in kept}


def _is_punctuation(char, but=""):
    return char not in but and (
        char.isspace() or unicodedata.category(char)[0] in "PSC"
    )


def _without_accents(text):
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char))


def _safe(text):
    return f"'{text}" if text.startswith(_FORMULA) else text
