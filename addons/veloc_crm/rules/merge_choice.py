"""Which of two records should stay, and whose value is the better one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from . import mail_domains
from .names import fold, looks_like_a_test
from .person import read_email, read_phone

# From the weightiest: what makes a record the one to keep.
CRITERIA = ("has_login", "kyc_approved", "has_cpf", "has_deposits", "is_older")


@dataclass(frozen=True, slots=True)
class Side:
    """What is known about one of two records."""

    id: int
    has_login: bool = False
    kyc_approved: bool = False
    has_cpf: bool = False
    has_deposits: bool = False
    created_at: datetime | None = None


def survivor(a: Side, b: Side) -> tuple[int, str]:
    """Return the id of the record to keep, and the code of what decided."""
    for name in CRITERIA[:-1]:
        one, other = getattr(a, name), getattr(b, name)
        if one != other:
            return (a.id if one else b.id), name
    older = min((a, b), key=lambda side: (side.created_at or datetime.max, side.id))
    return older.id, "is_older"


def choose(field: str, kept, gone) -> tuple[str, str]:
    """Return whose value to take, ``kept`` or ``gone``, and the code of why."""
    if not gone or kept == gone:
        return "kept", "same" if kept == gone else "only_one"
    if not kept:
        return "gone", "only_one"
    judge = _JUDGES.get(field)
    if judge and (difference := judge(gone) - judge(kept)):
        return ("gone" if difference > 0 else "kept"), f"better_{field}"
    return "kept", "stays"


def stricter_states(kept: Mapping, gone: Mapping) -> tuple[dict, bool]:
    """Return (what to take from the other by key, whether the two differed).

    Keys are (purpose, channel), values say whether it is granted. No beats yes; a
    word that only one of them gave is the person's word.
    """
    taken = {
        key: granted
        for key, granted in gone.items()
        if key not in kept or (kept[key] and not granted)
    }
    differed = any(key in kept and kept[key] != gone[key] for key in gone)
    return taken, differed


def _name(text):
    """A whole name beats a short one, letters with accents those without."""
    if looks_like_a_test(text):
        return -1
    accents = sum(sign not in fold(sign) for sign in text.casefold() if sign.isalpha())
    return len(fold(text).split()) * 10 + min(accents, 5)


def _email(text):
    if not read_email(text):
        return 0
    doubtful = mail_domains.suggestion(text) or mail_domains.is_disposable(text)
    return 1 if doubtful else 2


def _phone(text):
    number = read_phone(text)
    if not number:
        return 0
    return 2 if number.startswith("+55") and len(number) == len("+5511961234567") else 1


_JUDGES = {"name": _name, "email": _email, "phone": _phone}
