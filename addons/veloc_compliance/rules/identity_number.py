"""Numbers that name a person: read from what people type, shown masked."""

from __future__ import annotations

import re

from stdnum.br import cpf as stdnum_cpf
from stdnum.exceptions import ValidationError as StdnumError

CPF_DIGITS = 11
_ = str  # marks texts for the translators

KINDS = [
    ("rg", _("RG (identity card)")),
    ("cnh", _("CNH (driving licence)")),
    ("rne", _("RNM/CRNM (foreigners' card)")),
    ("passport", _("Passport")),
]
_DOCUMENT = re.compile(r"[0-9A-Z]{4,20}")
_CNH = re.compile(r"[0-9]{11}")
# Eleven digits, with or without the usual signs, that touch no other digit.
_CPF_IN_TEXT = re.compile(
    r"(?<![0-9])[0-9]{3}[.\s]?[0-9]{3}[.\s]?[0-9]{3}[-./\s]?[0-9]{2}(?![0-9])"
)


def read_cpf(text: str) -> str | None:
    """Return the eleven digits if the check digits are right.

    Eleven equal digits pass the sum and are nobody's number. Spreadsheets drop
    leading zeros; up to two are put back.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]{9,10}", text):
        text = text.zfill(CPF_DIGITS)
    try:
        digits = stdnum_cpf.validate(text)
    except StdnumError:
        return None
    return digits if len(set(digits)) > 1 else None


def format_cpf(digits: str) -> str:
    """Return the number as it is written: 529.982.247-25."""
    return stdnum_cpf.format(digits)


def mask_cpf(digits: str) -> str:
    """Return the six digits in the middle: ***.982.247-**."""
    return f"***.{digits[3:6]}.{digits[6:9]}-**"


def read_document(text: str) -> str | None:
    """Return a document's number without signs, None if it cannot be one."""
    number = re.sub(r"[\s./-]", "", text).upper()
    return number if _DOCUMENT.fullmatch(number) else None


def document_fits(kind: str, number: str) -> bool:
    """Return whether a number can be of that kind; only the CNH can be checked."""
    return kind != "cnh" or bool(_CNH.fullmatch(number) and _cnh_checks(number))


def _cnh_checks(number):
    """The two check digits: weights 9 to 1, then 1 to 9; 10 counts as 0.

    If the first one was 10, the second is less by two.
    """
    digits = [int(digit) for digit in number]
    if len(set(digits)) == 1:
        return False
    body = digits[:9]
    first = sum(d * w for d, w in zip(body, range(9, 0, -1), strict=True)) % 11
    second = sum(d * w for d, w in zip(body, range(1, 10), strict=True)) % 11
    if first > 9:
        first, second = 0, second - 2 if second >= 2 else second + 9
    return digits[9:] == [first, 0 if second > 9 else second]


def mask_end(text: str) -> str:
    """Return the last three signs, fewer of a short text: ••••789."""
    shown = text[-3:] if len(text) > 5 else text[-1:]
    return "••••" + shown


def read_name(text: str) -> str | None:
    """Return a name with single blanks, None if there is no letter in it."""
    name = " ".join(text.split())
    return name if any(map(str.isalpha, name)) and len(name) <= 200 else None


def mask_name(name: str) -> str:
    """Return the initials: M••• S•••."""
    return " ".join(f"{word[0]}•••" for word in name.split() if word[0].isupper()) or (
        f"{name[0]}•••"
    )


def find_cpfs(text: str) -> list[str]:
    """Return the CPF numbers in a text, by their check digits, each once."""
    found = (_cpf_of(match) for match in _CPF_IN_TEXT.finditer(text))
    return list(dict.fromkeys(number for number in found if number))


def hide_cpfs(text: str) -> str:
    """Return the text with every CPF number masked."""

    def hide(match):
        number = _cpf_of(match)
        return mask_cpf(number) if number else match[0]

    return _CPF_IN_TEXT.sub(hide, text)


def _cpf_of(match):
    return read_cpf(re.sub(r"[^0-9]", "", match[0]))
