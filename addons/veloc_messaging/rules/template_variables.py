"""The variables a template may use, and how each is written for a reader.

A value that is not there is left out, so that a template must say what stands
in its place; nobody is ever greeted as "Olá False".
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import UnknownCurrencyError, format_currency, format_decimal
from markupsafe import Markup, escape

PERSON = "person"  # from the contact, never from the caller
HOUSE = "house"  # from the settings of the broker, never from the caller
EVENT = "event"  # from the event that caused the message

SAMPLE_ZONE = "America/Sao_Paulo"
_LINK = "https://veloc.example/"


class BadValueError(ValueError):
    """A value that cannot be written as what its variable promises."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Variable:
    """One name that templates may use.

    ``sample`` is what previews show, ``worst`` the longest value to count on. What
    stands in for a missing value is declared in ``absent``; without it, and without
    a ``default('…')`` in the text, the message is not made.
    """

    name: str
    source: str
    kind: str
    sample: str
    worst: str
    key: str = ""
    absent: Mapping[str, str] = field(default_factory=dict)  # by language, "pt" …

    def stand_in(self, lang: str) -> str:
        """Return the declared words for a missing value, "" where it blocks."""
        return self.absent.get(lang[:2]) or self.absent.get("pt", "")

    limit: int = 0

    @property
    def longest(self) -> int:
        """Return how many characters a text may have."""
        return self.limit or max(len(self.worst), len(self.sample))


def _text(
    name: str, source: str, sample: str, longest: int, absent: Mapping | None = None
) -> Variable:
    # One accent, as in João, is enough to turn an SMS into the dear encoding.
    worst = "m" * longest if source == HOUSE else "ã".ljust(longest, "m")
    return Variable(name, source, "text", sample, worst, absent=absent or {})


def _code(name: str, sample: str, longest: int) -> Variable:
    return Variable(name, EVENT, "text", sample, "8" * longest)


def _money(name: str, sample: str) -> Variable:
    return Variable(name, EVENT, "money", sample, "9999999.99")


def _moment(name: str, kind: str, key: str, sample: str) -> Variable:
    return Variable(name, EVENT, kind, sample, "2026-12-30T22:59:00Z", key)


def _link(name: str, source: str, longest: int) -> Variable:
    path = name.removesuffix("_url")
    return Variable(name, source, "url", _LINK + path, _LINK.ljust(longest, "x"))


_CLIENT = {"pt": "cliente", "en": "customer", "es": "cliente"}
_NOT_GIVEN = {"pt": "não informado", "en": "not given", "es": "no informado"}
_PLACE = {"pt": "local desconhecido", "en": "unknown place", "es": "lugar desconocido"}
_TEAM = {"pt": "nossa equipe", "en": "our team", "es": "nuestro equipo"}

VARIABLES: Mapping[str, Variable] = {
    variable.name: variable
    for variable in (
        _text("first_name", PERSON, "Mariana", 16, _CLIENT),
        _text("name", PERSON, "Mariana Souza", 40, _CLIENT),
        _link("preferences_url", PERSON, 140),
        _link("unsubscribe_url", PERSON, 140),
        _text("broker_name", HOUSE, "Veloc Broker", 20),
        _text("support_phone", HOUSE, "0800 123 4567", 16),
        _text("support_email", HOUSE, "ajuda@veloc.example", 32),
        _text("risk_notice", HOUSE, "", 0),  # its text depends on the language
        _link("site_url", HOUSE, 40),
        _link("login_url", HOUSE, 40),
        _link("deposit_url", HOUSE, 40),
        _link("support_url", HOUSE, 40),
        _money("amount", "1234.56"),
        _money("fee", "4.9"),
        _money("balance", "2500"),
        _money("bonus_amount", "100"),
        _moment("event_at", "datetime", "event_at", "2026-03-10T17:05:00Z"),
        _moment("event_date", "date", "event_at", "2026-03-10T17:05:00Z"),
        _moment("event_time", "time", "event_at", "2026-03-10T17:05:00Z"),
        _moment("expires_at", "datetime", "expires_at", "2026-03-17T23:59:00Z"),
        _code("reference", "DEP-48213", 24),
        _text("method", EVENT, "Pix", 20),
        _text("reason", EVENT, "documento ilegível", 80, _NOT_GIVEN),
        _text("device", EVENT, "Chrome, Windows", 32, _NOT_GIVEN),
        _text("city", EVENT, "São Paulo", 32, _PLACE),
        _code("instrument", "EUR/USD", 16),
        _text("tier_name", EVENT, "VIP", 20),
        _text("agent_name", EVENT, "Rafael", 24, _TEAM),
        _code("agent_phone", "11 4000-1234", 18),
        # What somebody wrote into Odoo's own SMS dialog.
        _text("sms_text", EVENT, "Seu documento chegou.", 400),
        Variable("days_since_signup", EVENT, "integer", "10", "9999"),
        # An agent's own words; how long they may be is checked as they are sent.
        Variable(
            "reply_text",
            EVENT,
            "lines",
            "Já conferi: seu saque foi aprovado.\nPrecisa de mais alguma coisa?",
            "ã".ljust(600, "m"),
            limit=4000,
        ),
        # A notice about a person's data: written by the house, for that person.
        _text("notice_subject", EVENT, "Seu pedido foi recebido", 160),
        Variable(
            "notice_text",
            EVENT,
            "letter",
            "Recebemos o seu pedido.\n\nVeja: https://veloc.example/privacy",
            "ã".ljust(600, "m"),
            limit=20000,
        ),
    )
}

RISK_NOTICES = {
    "pt_BR": "Negociar envolve risco de perda. Invista só o que pode perder.",
    "en_US": "Trading involves risk of loss. Only invest what you can afford to lose.",
    "es_ES": "Operar implica riesgo de pérdida. Invierta solo lo que pueda perder.",
}

_UNWRITABLE = (ValueError, OverflowError, InvalidOperation, UnknownCurrencyError)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
# A sentence's full stop after an address is not part of it.
_LINK_IN_TEXT = re.compile(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)])")
_ADDRESS = re.compile(r"https?:|www\.|\w\.\w{2,}|@|/", re.IGNORECASE)


def person_values(full_name: str | None) -> dict[str, str]:
    """Return the variables that come from the name of a person.

    A "name" that is an address, a number or a link is none: it is what people
    type to make our messages carry theirs.
    """
    name = " ".join(_CONTROL.sub(" ", full_name or "").split())
    if not name or _ADDRESS.search(name) or any(c.isdigit() for c in name):
        return {}
    if name.isupper() or name.islower():
        name = name.title()
    return {"first_name": name.split()[0], "name": name}


def event_values(variables: Mapping[str, object] | None) -> dict[str, object]:
    """Return what a caller may bring along; persons and the house are ours."""
    keys = {v.key or v.name for v in VARIABLES.values() if v.source == EVENT}
    return {
        key: value
        for key, value in (variables or {}).items()
        if key in keys or key == "currency"
    }


def risk_notice(lang: str) -> str:
    """Return the short risk notice in ``lang``, else in Portuguese."""
    return RISK_NOTICES.get(lang, RISK_NOTICES["pt_BR"])


def sample_values(lang: str, *, worst: bool = False) -> dict[str, str]:
    """Return raw values to preview a text with, or the longest to expect."""
    attribute = "worst" if worst else "sample"
    values = {
        variable.key or variable.name: getattr(variable, attribute)
        for variable in VARIABLES.values()
    }
    return values | {"risk_notice": risk_notice(lang), "currency": "BRL"}


def samples_for_people(lang: str) -> dict[str, str]:
    """Return every variable as a reader of ``lang`` would see its sample."""
    return written_values(VARIABLES, sample_values(lang), lang, SAMPLE_ZONE)


def written_values(
    names: Collection[str], raw: Mapping[str, object], lang: str, zone: str
) -> dict[str, str]:
    """Return the variables ``names`` as text; absent values are left out.

    :raise BadValueError: when a value is there but cannot be what it should be.
    """
    written = {}
    for name in names:
        variable = VARIABLES.get(name)
        value = raw.get(variable.key or name) if variable else None
        if value is None or value is False or value == "":
            continue
        try:
            written[name] = _WRITERS[variable.kind](
                variable, value, raw, _locale(lang), zone
            )
        except _UNWRITABLE as error:
            raise BadValueError(name) from error
    return {name: text for name, text in written.items() if text}


def stand_ins(names: Collection[str], lang: str) -> dict[str, str]:
    """Return the declared words for the values of ``names``, should they be missing."""
    found = {
        name: VARIABLES[name].stand_in(lang) for name in names if name in VARIABLES
    }
    return {name: words for name, words in found.items() if words}


@lru_cache(maxsize=64)
def _locale(lang: str) -> Locale:
    try:
        return Locale.parse(lang)
    except (UnknownLocaleError, ValueError):
        return Locale("pt", "BR")


def _plain_spaces(text: str) -> str:
    """Replace Babel's hard spaces, which would double the price of an SMS."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _write_text(variable, value, _raw, _locale, _zone) -> str:
    text = " ".join(_CONTROL.sub(" ", str(value)).split())
    return text if variable.source == HOUSE else text[: variable.longest]


def _write_lines(variable, value, _raw, _locale, _zone) -> str:
    lines = (" ".join(_CONTROL.sub(" ", line).split()) for line in _lines_of(value))
    return "\n".join(lines).strip()[: variable.longest]


def _lines_of(value) -> list[str]:
    return str(value).replace("\r\n", "\n").split("\n")


class Letter(str):
    """A text of several lines; in HTML its addresses can be followed."""

    __slots__ = ()

    def __html__(self) -> Markup:
        """Return it escaped, with links."""
        return Markup().join(
            Markup('<a href="{0}">{0}</a>').format(piece)
            if index % 2
            else escape(piece)
            for index, piece in enumerate(_LINK_IN_TEXT.split(str(self)))
        )


def _write_letter(variable, value, raw, locale, zone) -> Letter:
    return Letter(_write_lines(variable, value, raw, locale, zone))


def _write_url(_variable, value, _raw, _locale, _zone) -> str:
    text = str(value).strip()
    if not re.fullmatch(r"https?://[^\s<>\"']+", text):
        raise ValueError(text)
    return text


def _write_money(_variable, value, raw, locale, _zone) -> str:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError(value)
    currency = str(raw.get("currency") or "BRL")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(currency)
    return _plain_spaces(format_currency(amount, currency, locale=locale))


def _write_integer(_variable, value, _raw, locale, _zone) -> str:
    return _plain_spaces(format_decimal(int(str(value)), locale=locale))


def _moment_of(value, zone: str) -> datetime:
    moment = value if isinstance(value, datetime) else None
    if moment is None and not isinstance(value, date):
        moment = datetime.fromisoformat(str(value))
    if moment is None:
        raise ValueError(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(zone))


def _write_date(_variable, value, _raw, locale, zone) -> str:
    moment = _moment_of(value, zone)
    # 3/10/26 is October to one reader and March to the next.
    shape = "short" if locale.language == "pt" else "medium"
    return _plain_spaces(format_date(moment, shape, locale=locale))


def _write_time(_variable, value, _raw, locale, zone) -> str:
    moment = _moment_of(value, zone)
    return _plain_spaces(format_time(moment.timetz(), "short", locale=locale))


def _write_datetime(variable, value, raw, locale, zone) -> str:
    day = _write_date(variable, value, raw, locale, zone)
    return f"{day} {_write_time(variable, value, raw, locale, zone)}"


_WRITERS = {
    "text": _write_text,
    "lines": _write_lines,
    "letter": _write_letter,
    "url": _write_url,
    "money": _write_money,
    "integer": _write_integer,
    "date": _write_date,
    "time": _write_time,
    "datetime": _write_datetime,
}
