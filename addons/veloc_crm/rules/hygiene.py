"""What is wrong with a person's data, how bad that is, and what would be right."""

import re
from dataclasses import dataclass
from datetime import date

from stdnum.br import cnpj as stdnum_cnpj

from . import mail_domains
from .address import uf_of_cep
from .names import looks_like_a_test, read_name
from .person import adult_on, read_email, read_phone

LOW, MEDIUM, HIGH = "1", "2", "3"
# More people than this on one phone: an office's, a reseller's, or made up.
MOST_ON_A_PHONE = 3
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is looked at; about numbers of identity only whether they are there."""

    name: str = ""
    reference: str = ""
    email: str = ""
    phone: str = ""
    is_client: bool = False
    has_cpf: bool = False
    cpf_sharers: int = 0
    phone_sharers: int = 0
    birth_date: date | None = None
    has_zone: bool = True
    is_bouncing: bool = False
    zip: str = ""
    uf: str = ""
    is_company: bool = False
    has_cnpj: bool = False
    cnpj_sharers: int = 0
    tax_id: str = ""  # of no country in particular, in clear


def findings(facts: Facts, today: date) -> dict[str, str]:
    """Return ``{kind: severity}`` of everything that is wrong."""
    return {
        kind: severity for kind, severity, is_wrong in _CHECKS if is_wrong(facts, today)
    }


def suggestion(kind: str, name: str, email: str) -> str | None:
    """Return the value that is probably meant, where there is one."""
    if kind == "email_typo":
        return mail_domains.suggestion(email or "")
    if kind == "name_spelling":
        return read_name(name or "")
    return None


def _is_misspelt(facts):
    tidy = read_name(facts.name)
    return bool(tidy) and tidy != facts.name


def _is_wrong_cnpj(text):
    """Fourteen signs as of a CNPJ, in either of its forms, that do not add up."""
    number = re.sub(r"[\s./-]", "", text).upper()
    return bool(_CNPJ.fullmatch(number)) and not stdnum_cnpj.is_valid(number)


_CHECKS = (
    ("name_missing", MEDIUM, lambda f, _: not f.name or f.name == f.reference),
    ("name_test", MEDIUM, lambda f, _: looks_like_a_test(f.name)),
    ("name_spelling", LOW, lambda f, _: _is_misspelt(f)),
    ("no_channel", HIGH, lambda f, _: not f.email and not f.phone),
    ("email_invalid", HIGH, lambda f, _: f.email and not read_email(f.email)),
    ("email_typo", MEDIUM, lambda f, _: mail_domains.suggestion(f.email)),
    ("email_disposable", MEDIUM, lambda f, _: mail_domains.is_disposable(f.email)),
    ("email_undeliverable", HIGH, lambda f, _: f.email and f.is_bouncing),
    ("phone_invalid", HIGH, lambda f, _: f.phone and not read_phone(f.phone)),
    ("phone_shared", MEDIUM, lambda f, _: f.phone_sharers > MOST_ON_A_PHONE),
    (
        "cpf_missing",
        HIGH,
        lambda f, _: f.is_client and not f.is_company and not f.has_cpf,
    ),
    ("cpf_shared", HIGH, lambda f, _: f.cpf_sharers > 1),
    (
        "cnpj_missing",
        HIGH,
        lambda f, _: f.is_client and f.is_company and not f.has_cnpj,
    ),
    ("cnpj_shared", HIGH, lambda f, _: f.is_company and f.cnpj_sharers > 1),
    ("cnpj_invalid", HIGH, lambda f, _: _is_wrong_cnpj(f.tax_id)),
    (
        "under_age",
        HIGH,
        lambda f, today: f.birth_date and adult_on(f.birth_date) > today,
    ),
    ("zone_missing", LOW, lambda f, _: not f.has_zone),
    (
        "cep_state",
        LOW,
        lambda f, _: f.uf and uf_of_cep(f.zip) not in (None, f.uf),
    ),
)
KINDS = tuple(kind for kind, _severity, _check in _CHECKS)
