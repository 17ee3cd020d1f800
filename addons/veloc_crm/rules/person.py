"""Personal data as brokers send it, made clean: Brazilian rules first.

What cannot be read is left out and named; a sign-up is never lost over a bad phone.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import phonenumbers
from stdnum.br import cpf as stdnum_cpf
from stdnum.exceptions import ValidationError as StdnumError

from .address import read_cep, read_street, uf_of_cep
from .names import read_name

ADULT_AGE = 18
MAX_AGE = 120

UFS = frozenset(
    re.findall("..", "ACALAMAPBACEDFESGOMAMGMSMTPAPBPEPIPRRJRNRORRRSSCSESPTO")
)
LANGUAGES = {"pt": "pt_BR", "en": "en_US"}
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
# What is counted when it is written better than it was told.
TIDIED = frozenset({"name", "email", "phone", "street", "zip", "city"})
UTM_KEYS = ("utm_source", "utm_medium", "utm_campaign")

_ = str  # marks texts for the translators; the model that answers translates

MESSAGES = {
    "invalid_name": _("The name could not be read and was left out."),
    "invalid_email": _("The e-mail address could not be read and was left out."),
    "invalid_phone": _("The phone number could not be read and was left out."),
    "invalid_cpf": _("The CPF's check digits are wrong."),
    "invalid_birth_date": _("The birth date could not be read and was left out."),
    "invalid_state": _("The state is not one of Brazil's and was left out."),
    "invalid_zone": _("The time zone is unknown and was left out."),
    "invalid_street": _("The street could not be read and was left out."),
    "invalid_zip": _("The CEP is no state's and was left out."),
    "invalid_city": _("The city could not be read and was left out."),
}


@dataclass(frozen=True, slots=True)
class Person:
    """What could be read of a person; ``problems`` names the rest."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    cpf: str | None = field(default=None, repr=False)
    birth_date: date | None = None
    uf: str | None = None
    street: str | None = None
    zip: str | None = None
    city: str | None = None
    zone: str | None = None
    language: str | None = None
    utm: dict = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    # Keys whose text is written better here than it was told.
    tidied: frozenset[str] = frozenset()


def read_person(data, today: date) -> Person:
    """Return the person that ``data`` of a lead or sign-up describes."""
    values, problems, tidied = {}, [], set()
    for key, attribute, parse in _FIELDS:
        raw = data.get(key)
        if raw is None or raw == "":
            continue
        value = parse(raw, today) if isinstance(raw, str) else None
        if value is None:
            problems.append(f"invalid_{key}")
        else:
            values[attribute] = value
            if key in TIDIED and value != raw:
                tidied.add(key)
    if "uf" not in values and (uf := uf_of_cep(values.get("zip", ""))):
        values["uf"] = uf
    utm = {key: text for key in UTM_KEYS if (text := _short(data.get(key)))}
    language = read_language(data.get("language"))
    return Person(
        utm=utm,
        language=language,
        problems=tuple(problems),
        tidied=frozenset(tidied),
        **values,
    )


def read_email(text: str) -> str | None:
    """Return the address in lower case, or None; a domain with accents as ASCII."""
    text = unicodedata.normalize("NFC", text).strip().removeprefix("mailto:")
    local, _at, domain = text.rpartition("@")
    try:
        text = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    if len(text) > 254 or ".." in text or not _EMAIL.fullmatch(text):
        return None
    return text.lower()


def read_phone(text: str, region: str = "BR") -> str | None:
    """Return the number in E.164; Brazilian mobiles get their ninth digit.

    The trunk zero and a carrier code (``021 11 96123-4567``) go; a number without
    area code is refused, since nobody can know where it rings.
    """
    if "@" in text:
        return None
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("00"):
        text = "+" + digits[2:]
    elif region == "BR" and not text.strip().startswith("+"):
        text = _national_br(digits)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    number = _with_ninth_digit(number)
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _national_br(digits):
    """Strip country code, trunk zero and carrier code from bare digits."""
    if digits.startswith("55") and len(digits) in (12, 13):
        return "+" + digits
    if digits.startswith("0") and len(digits) in (13, 14):
        digits = digits[3:]  # 0 + carrier (2) + area + number
    return "+55" + digits.lstrip("0")


def _with_ninth_digit(number):
    """Old mobiles had eight digits, beginning with 6 to 9; all have nine today."""
    national = str(number.national_number)
    if number.country_code == 55 and len(national) == 10 and national[2] in "6789":
        text = f"+55{national[:2]}9{national[2:]}"
        return phonenumbers.parse(text, None)
    return number


def read_cpf(text: str) -> str | None:
    """Return the eleven digits if the check digits are right.

    Eleven equal digits pass the sum and are nobody's number.
    """
    try:
        digits = stdnum_cpf.validate(text)
    except StdnumError:
        return None
    return digits if len(set(digits)) > 1 else None


def read_birth_date(text: str, today: date) -> date | None:
    """Return the date (ISO, or day first as Brazilians write it) of somebody alive."""
    text = text.strip()[:10]
    if match := re.fullmatch(r"(\d\d)[/.-](\d\d)[/.-](\d{4})", text):
        text = "-".join(reversed(match.groups()))
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return None
    return born if born <= today and today.year - born.year <= MAX_AGE else None


def adult_on(born: date) -> date:
    """Return the eighteenth birthday; those of 29 February wait for 1 March."""
    try:
        return born.replace(year=born.year + ADULT_AGE)
    except ValueError:
        return date(born.year + ADULT_AGE, 3, 1)


def read_uf(text: str) -> str | None:
    """Return a state's two letters, from ``SP`` or ``BR-SP``."""
    code = text.strip().upper().removeprefix("BR-")
    return code if code in UFS else None


def read_zone(text: str) -> str | None:
    """Return the IANA zone if there is one of that name."""
    try:
        return ZoneInfo(text.strip()).key
    except (KeyError, ValueError, OSError):
        return None


def read_language(text) -> str | None:
    """Return the language we would write in: ``pt_BR`` or ``en_US``."""
    return LANGUAGES.get(text[:2].lower()) if isinstance(text, str) else None


def _short(text):
    """Return a tidy campaign label, or None."""
    text = " ".join(text.split()) if isinstance(text, str) else ""
    return text[:64] if text.isprintable() and text else None


# key in the event, attribute of Person, how it is read
_FIELDS = (
    ("name", "name", lambda text, today: read_name(text)),
    ("email", "email", lambda text, today: read_email(text)),
    ("phone", "phone", lambda text, today: read_phone(text)),
    ("cpf", "cpf", lambda text, today: read_cpf(text)),
    ("birth_date", "birth_date", read_birth_date),
    ("state", "uf", lambda text, today: read_uf(text)),
    ("zone", "zone", lambda text, today: read_zone(text)),
    ("street", "street", lambda text, today: read_street(text)),
    ("zip", "zip", lambda text, today: read_cep(text)),
    ("city", "city", lambda text, today: read_name(text)),
)
