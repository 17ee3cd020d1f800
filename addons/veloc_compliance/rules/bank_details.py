"""Bank branches, accounts and PIX keys: read from what people type, shown masked."""

from __future__ import annotations

import re

from .cnpj import read_cnpj
from .identity_number import mask_cpf, mask_end, read_cpf

_ = str  # marks texts for the translators

PIX_KINDS = [
    ("cpf", _("CPF")),
    ("cnpj", _("CNPJ")),
    ("email", _("E-mail")),
    ("phone", _("Phone")),
    ("random", _("Random key")),
]
ACCOUNT_KINDS = [
    ("checking", _("Checking account")),
    ("savings", _("Savings account")),
    ("payment", _("Payment account")),
]
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_ACCOUNT = re.compile(r"[0-9]{1,20}[0-9X]")
_BRANCH = re.compile(r"[0-9]{1,5}")
_BANK = re.compile(r"[0-9]{3}|[0-9]{8}")


def read_bank_code(text: str) -> str | None:
    """Return a COMPE code (three digits) or an ISPB (eight)."""
    code = text.strip()
    code = code.zfill(3) if code.isdigit() and len(code) < 3 else code
    return code if _BANK.fullmatch(code) else None


def read_branch(text: str) -> str | None:
    """Return the branch's digits; its check digit, after a hyphen, is dropped."""
    digits = re.sub(r"[\s.]", "", text).partition("-")[0]
    return digits.zfill(4) if _BRANCH.fullmatch(digits) else None


def read_account(text: str) -> str | None:
    """Return the account with its check digit (0-9 or X), without signs."""
    account = re.sub(r"[\s.-]", "", text).upper()
    return account if _ACCOUNT.fullmatch(account) else None


def read_pix(text: str) -> str | None:
    """Return a PIX key as the directory of the Central Bank keeps it."""
    kind = pix_kind(text)
    return _CLEAN[kind](text.strip()) if kind else None


def pix_kind(text: str) -> str | None:
    """Return which kind of PIX key this is, None if it is none.

    Eleven digits that are a CPF are taken for one; a phone number carries its ``+``.
    """
    text = text.strip()
    for kind, fits in _FITS.items():
        if fits(text):
            return kind
    return None


def mask_pix(key: str) -> str:
    """Return what may be seen of a PIX key."""
    kind = pix_kind(key)
    if kind == "cpf":
        return mask_cpf(key)
    if kind == "email":
        name, _at, domain = key.partition("@")
        return f"{name[0]}•••@{domain}"
    return mask_end(key)


def _read_phone(text):
    return re.sub(r"[\s().-]", "", text)


_FITS = {
    "random": lambda text: _RANDOM.fullmatch(text.lower()),
    "email": _EMAIL.fullmatch,
    "phone": lambda text: _PHONE.fullmatch(_read_phone(text)),
    "cpf": read_cpf,
    "cnpj": read_cnpj,
}
_CLEAN = {
    "random": str.lower,
    "email": str.lower,
    "phone": _read_phone,
    "cpf": read_cpf,
    "cnpj": read_cnpj,
}
