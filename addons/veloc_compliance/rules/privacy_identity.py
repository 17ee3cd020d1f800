"""Who says to be asking, and whether what they say points to exactly one person.

Names are never looked at: two people called Maria da Silva are two people.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

CODE_DIGITS = 8
MOST_ATTEMPTS = 5
KEYS = ("cpf", "email", "phone")
LONGEST = {"cpf": 20, "email": 254, "phone": 32}


@dataclass(frozen=True, slots=True)
class Identity:
    """What the person typed, trimmed; normalising is the job of the search."""

    cpf: str = ""
    email: str = ""
    phone: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing usable was typed."""
        return not (self.cpf or self.email or self.phone)

    def told(self) -> dict[str, str]:
        """Return what was typed, without what was not."""
        return {key: value for key in KEYS if (value := getattr(self, key))}


@dataclass(frozen=True, slots=True)
class Match:
    """``none``; ``one`` person (of one or more contacts); or ``desk``: a person of
    ours must decide. ``why`` says by what each contact was found."""

    outcome: str
    people: tuple[int, ...] = ()
    why: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def read(raw: Any) -> Identity:
    """Return the identity in a mapping (or a bare e-mail, CPF or phone number)."""
    if isinstance(raw, str):
        raw = {_kind_of(raw): raw}
    if not isinstance(raw, Mapping):
        return Identity()
    return Identity(**{key: _text(raw.get(key), LONGEST[key]) for key in KEYS})


def _kind_of(text: str) -> str:
    if "@" in text:
        return "email"
    return "phone" if text.strip().startswith("+") else "cpf"


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return text if text.isprintable() and len(text) <= longest else ""


def match(
    found: Mapping[str, Iterable[int]], cpf_of: Mapping[int, str], told_cpf: str = ""
) -> Match:
    """Return whom the exact hits point to.

    ``found``: contacts by what they were found by; ``cpf_of``: the CPF on file.
    Contacts of one CPF are one person. Everything else that is not one contact alone
    is for a person to decide: a family shares a phone, not its data.
    """
    why = _reasons(found)
    if not why:
        return Match("none")
    people = tuple(sorted(why))
    numbers = {cpf_of.get(person) or "" for person in people}
    if told_cpf:
        numbers.add(told_cpf)
        # A contact without a CPF beside one with it may be anybody.
        is_one = len(numbers - {""}) == 1 and (len(people) == 1 or "" not in numbers)
    else:
        is_one = len(people) == 1 or (len(numbers) == 1 and "" not in numbers)
    return Match("one" if is_one else "desk", people, why)


def _reasons(found: Mapping[str, Iterable[int]]) -> dict[int, tuple[str, ...]]:
    why: dict[int, tuple[str, ...]] = {}
    for kind in KEYS:
        for person in found.get(kind, ()):
            why[person] = (*why.get(person, ()), kind)
    return why


def code_from(random: bytes) -> str:
    """Return a code of digits that a person can read out, from random bytes."""
    return str(int.from_bytes(random, "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def code_hash(secret: bytes, number: str, code: str) -> str:
    """Return what is stored of a code: useless for another request."""
    message = f"{number}\0{''.join(code.split())}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def mask_cpf(cpf: str) -> str:
    """Return a CPF as it may stand on a screen: ``***.456.789-**``."""
    digits = "".join(char for char in cpf if char.isdigit())
    if len(digits) != 11:
        return "***"
    return f"***.{digits[3:6]}.{digits[6:9]}-**"


def mask_email(email: str) -> str:
    """Return an e-mail that its owner recognises: ``a***@example.com``."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***{at}{domain}" if at else "***"


def mask_phone(phone: str) -> str:
    """Return a phone number that its owner recognises: ``*** 4567``."""
    digits = "".join(char for char in phone if char.isdigit())
    return f"*** {digits[-4:]}" if len(digits) >= 8 else "***"


def shown(told: Mapping[str, str]) -> str:
    """Return what was typed as staff sees it: the CPF masked, one line each."""
    masks = {"cpf": mask_cpf}
    lines = [masks.get(key, str)(told[key]) for key in KEYS if told.get(key)]
    return "\n".join(lines)
