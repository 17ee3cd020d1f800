"""The number of a company in Brazil, in both its forms.

Twelve signs and two check digits. Until July 2026 all signs were digits; since then
new companies may get letters in the first twelve (IN RFB 2.229/2024). The sum is the
same: a sign counts its ASCII code less 48, so that digits count what they always did.
"""

from __future__ import annotations

import re

LENGTH = 14
_BODY = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
# The signs people write between; anything else makes it another text.
_BETWEEN = re.compile(r"[\s./-]")
_SEPARATOR = r"[ ./\-]{0,3}"
_FIRST = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_SECOND = (6, *_FIRST)


def read_cnpj(text: str) -> str | None:
    """Return the fourteen signs in capitals if the check digits are right.

    Fourteen equal digits pass the sum and are nobody's number. Spreadsheets drop
    leading zeros of the old form; up to two are put back.
    """
    number = _BETWEEN.sub("", text).upper()
    if re.fullmatch(r"[0-9]{12,13}", number):
        number = number.zfill(LENGTH)
    if not _BODY.fullmatch(number) or len(set(number)) == 1:
        return None
    return number if number[12:] == check_digits(number[:12]) else None


def looks_like_cnpj(text: str) -> bool:
    """Return whether this was meant to be one, whatever its check digits say."""
    number = _BETWEEN.sub("", text or "").upper()
    return bool(_BODY.fullmatch(number))


def check_digits(body: str) -> str:
    """Return the two digits that belong to the first twelve signs."""
    first = _digit(body, _FIRST)
    return first + _digit(body + first, _SECOND)


def format_cnpj(number: str) -> str:
    """Return the number as it is written: 12.ABC.345/01DE-35."""
    a, b, c, d, e = (
        number[start:end]
        for start, end in ((0, 2), (2, 5), (5, 8), (8, 12), (12, LENGTH))
    )
    return f"{a}.{b}.{c}/{d}-{e}"


def mask_cnpj(number: str) -> str:
    """Return the root's middle and the branch: **.345.678/0001-**."""
    return f"**.{number[2:5]}.{number[5:8]}/{number[8:12]}-**"


def cnpj_pattern(number: str) -> str:
    """Return a pattern for the number in any punctuation and case, in any text.

    Read by Python and by PostgreSQL alike, like those of ``erased_text``.
    """
    signs = (sign if sign.isdigit() else f"[{sign}{sign.lower()}]" for sign in number)
    return f"(?<![0-9A-Za-z]){_SEPARATOR.join(signs)}(?![0-9A-Za-z])"


def _digit(body, weights):
    total = sum((ord(s) - 48) * w for s, w in zip(body, weights, strict=True))
    rest = total % 11
    return str(0 if rest < 2 else 11 - rest)
