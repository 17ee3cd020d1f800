"""Find one person's identifiers in any text, however they are written there.

The patterns are read by Python and by PostgreSQL alike: no feature that only one of
them has. Digits are matched with or without their punctuation, and never inside a
longer number; names only whole and only where they are long enough to be somebody.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

ERASED = "[erased]"
# In JSON a number may stand bare, and must stay one.
ERASED_DIGITS = "0"
SEPARATOR = r"[ ().\-]{0,3}"
# A single word is a name that many bear.
LEAST_WORDS = 2
LEAST_DIGITS = 8
# Joana's address ends like Ana's, and example.com.br is not example.com.
_BEFORE = r"(?:(?<![a-z0-9._+\-])|(?<=%[0-9a-f]{2}))"
_AFTER = r"(?![a-z0-9\-]|\.[a-z0-9])"
_SPECIAL = re.compile(r"([.^$*+?()\[\]{}\\|\-])")


def quote(text: str) -> str:
    """Return the text as a pattern that means just it, in both dialects."""
    return _SPECIAL.sub(r"\\\1", text)


def digits_pattern(number: str, country: str = "") -> str | None:
    """Return a pattern for a number in any punctuation; None if it is too short."""
    digits = re.sub(r"\D", "", number)
    if country and digits.startswith(country):
        digits = digits[len(country) :]
    if len(digits) < LEAST_DIGITS:
        return None
    prefix = f"(?:{SEPARATOR.join(country)}{SEPARATOR})?" if country else ""
    return rf"(?<![0-9]){prefix}{SEPARATOR.join(digits)}(?![0-9])"


def phone_pattern(number: str) -> str | None:
    """Return a pattern for a phone number; a Brazilian one also without +55."""
    return digits_pattern(number, "55" if number.startswith("+55") else "")


def email_pattern(address: str) -> str | None:
    """Return a pattern for an address, also where its @ is written as in a link."""
    name, at, domain = address.strip().partition("@")
    if not at or not name or "." not in domain:
        return None
    return f"{_BEFORE}{quote(name)}(?:@|%40|&#64;){quote(domain)}{_AFTER}"


def name_patterns(name: str) -> list[str]:
    """Return patterns for a full name: as written, without accents, in HTML."""
    words = name.split()
    if len(words) < LEAST_WORDS:
        return []
    spellings = dict.fromkeys(
        form(" ".join(words)) for form in (str, plain_letters, html.escape)
    )
    return [
        r"(?<![[:alnum:]])" + r"\s+".join(map(quote, text.split())) + r"(?![[:alnum:]])"
        for text in spellings
    ]


def plain_letters(text: str) -> str:
    """Return the text without accents, as short messages carry it."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def any_of(patterns: Iterable[str | None]) -> str | None:
    """Return one pattern for all, None for nothing to look for."""
    found = sorted({pattern for pattern in patterns if pattern})
    return "|".join(found) or None


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern for Python, which knows no POSIX classes."""
    return re.compile(pattern.replace("[[:alnum:]]", r"[^\W_]"), re.IGNORECASE)


def redact(pattern: re.Pattern[str], text: str) -> str:
    """Return the text without what the pattern finds."""
    return pattern.sub(ERASED, text)


def redact_bytes(pattern: re.Pattern[str], raw: bytes) -> bytes:
    """Return a text file without what the pattern finds, in the encoding it has."""
    try:
        encoding, text = "utf-8", raw.decode("utf-8")
    except UnicodeDecodeError:
        encoding, text = "latin-1", raw.decode("latin-1")
    cleaned = redact(pattern, text)
    return raw if cleaned == text else cleaned.encode(encoding)
