"""What a well-formed event is: one row of a batch, checked and made typed.

Every refusal has a code for programs and a sentence for people; the sentence is
translated by the model that answers.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

KNOWN_TYPES = frozenset(
    {
        "lead",
        "signup_started",
        "signup",
        "kyc_submitted",
        "kyc_approved",
        "kyc_rejected",
        "deposit_started",
        "deposit_approved",
        "deposit_failed",
        "withdrawal_requested",
        "withdrawal_processing",
        "withdrawal_paid",
        "withdrawal_rejected",
        "trade",
        "login",
        "login_suspicious",
        "password_changed",
        "limit_set",
        "self_excluded",
        "complaint_opened",
        "complaint_closed",
        "account_closed",
        "account_reopened",
        "reversal",
        "correction",
    }
)
# Who takes back or changes what an earlier event of the same source told, and where
# in ``data`` it says which.
AMENDING = {"reversal": "reverses", "correction": "corrects"}
# These may speak of somebody we have not met; all others need a known trader.
INTRODUCING = frozenset({"lead", "signup_started", "signup"})
MONEY_REQUIRED = frozenset(
    {
        "deposit_approved",
        "withdrawal_requested",
        "withdrawal_processing",
        "withdrawal_paid",
        "withdrawal_rejected",
    }
)
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1)  # naive UTC, as everywhere below
MAX_ID = 128
MAX_TYPE = 64
MAX_DATA = 16_384

# Who somebody is stands on the contact alone and never beside what they did.
PERSONAL_KEYS = frozenset(
    {"name", "first_name", "last_name", "email", "phone", "cpf", "birth_date"}
    | {"street", "zip"}
    | {"device_id"}  # kept as a keyed hash
)
# Of a sign-up, where the person lives; of a login, only where it came from.
HOME_KEYS = frozenset({"city"})
# Recorded as consent events, with their proof; no second copy.
ELSEWHERE_KEYS = frozenset({"consents"})
# What a consent may say besides; a word that cannot be kept must not pass unheard.
CONSENT_TEXTS = ("language", "ip", "user_agent")

_TRADING = frozenset({"trade", "correction"})
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode
TYPE = re.compile(r"[a-z][a-z0-9_.]*")
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,8})?")
SIGNED = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)"
)

_ = str  # marks texts for the translators; the model that answers translates

MAX_EVENTS = 5_000
MAX_SOURCE = 64

ENVELOPE_MESSAGES = {
    "invalid_source": _("The source must be a text of 1 to 64 printable characters."),
    "invalid_events": _("events must be a list."),
    "too_many_events": _("A batch holds at most 5000 events."),
}
MESSAGES = {
    "not_an_object": _("An event must be a JSON object."),
    "missing_id": _("The event has no id."),
    "invalid_id": _("The id must be a text of 1 to 128 printable characters."),
    "missing_type": _("The event has no type."),
    "invalid_type": _(
        "The type must be lower-case letters, digits, dots and underscores."
    ),
    "missing_trader": _("The event does not say which trader it is about."),
    "invalid_trader": _("The trader must be a text of 1 to 128 printable characters."),
    "missing_at": _("The event does not say when it happened."),
    "invalid_at": _(
        "The time must be RFC 3339 with a zone, as in 2026-11-22T14:03:00Z."
    ),
    "future_date": _("The event lies in the future."),
    "missing_amount": _("This type of event needs an amount."),
    "invalid_amount": _(
        'The amount must be a decimal text such as "123.45", not negative.'
    ),
    "invalid_currency": _("The currency must be an ISO 4217 code such as BRL."),
    "invalid_data": _("data must be a JSON object of at most 16 kB of plain text."),
    "invalid_volume": _('The volume must be a decimal text such as "1500.00".'),
    "invalid_result": _('The result must be a decimal text such as "-12.50".'),
    "invalid_consents": _(
        "Each consent needs a purpose, a channel and granted true or false."
    ),
    "staff_contact": _(
        "The contact is a colleague's: the event is stored, the contact stays as it is."
    ),
    "limit_not_recorded": _(
        "The limit was not recorded: it needs a kind (deposit, loss, time) and a "
        "period (day, week, month)."
    ),
    "consent_not_recorded": _(
        "The event is stored, but one of its consents could not be recorded."
    ),
    "invalid_until": _("The end of the exclusion must be an RFC 3339 time or a date."),
    "erased_person": _(
        "This person's data were erased; only their own new sign-up, with a consent, "
        "brings them back."
    ),
    "missing_reverses": _(
        "A reversal must say in data.reverses which event it takes back."
    ),
    "invalid_reverses": _("data.reverses must be the id of an event: a text."),
    "missing_corrects": _(
        "A correction must say in data.corrects which event it changes."
    ),
    "invalid_corrects": _("data.corrects must be the id of an event: a text."),
    "unknown_target": _(
        "This source has told no such event of this trader; the row is kept and can "
        "be replayed when the event has come."
    ),
    "not_reversible": _(
        "Only deposits, withdrawals, trades and logins can be reversed, and only "
        "deposits, withdrawals and trades corrected."
    ),
    "unknown_trader": _("No trader has this reference; send a lead or signup first."),
    "no_rate": _("There is no exchange rate for this currency on that day."),
    "unknown_purpose": _("A consent names a purpose or a channel that does not exist."),
}


class EnvelopeError(ValueError):
    """The whole batch is refused; ``code`` is a key of ``ENVELOPE_MESSAGES``."""

    def __init__(self, code: str):
        super().__init__(ENVELOPE_MESSAGES[code])
        self.code = code


class EventError(ValueError):
    """The row is refused; ``code`` is a key of ``MESSAGES``."""

    def __init__(self, code: str):
        super().__init__(MESSAGES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Event:
    """A checked event; ``at`` is naive UTC, money is Decimal."""

    index: int
    id: str
    type: str
    trader: str
    at: datetime
    amount: Decimal | None = None
    currency: str | None = None
    volume: Decimal = Decimal(0)
    result: Decimal = Decimal(0)
    data: Mapping = field(default_factory=dict)
    stored_data: str | None = None

    @property
    def is_known(self) -> bool:
        return self.type in KNOWN_TYPES

    @property
    def target(self) -> str | None:
        """Return the source's id of the event that this one takes back or changes."""
        key = AMENDING.get(self.type)
        return self.data[key] if key else None


def check_envelope(source, events):
    """Refuse a batch that is not a named list of at most ``MAX_EVENTS``."""
    named = isinstance(source, str) and source.isprintable() and source.strip()
    if not named or len(source) > MAX_SOURCE:
        raise EnvelopeError("invalid_source")
    if not isinstance(events, list):
        raise EnvelopeError("invalid_events")
    if len(events) > MAX_EVENTS:
        raise EnvelopeError("too_many_events")


def parse_event(raw, index: int, now: datetime) -> Event:
    """Return the typed event; raise ``EventError`` with the first thing wrong."""
    if not isinstance(raw, dict):
        raise EventError("not_an_object")
    kind = _text(raw, "type", MAX_TYPE)
    if not TYPE.fullmatch(kind):
        raise EventError("invalid_type")
    data = raw.get("data")
    if data is None:
        data = {}
    elif not isinstance(data, dict):
        raise EventError("invalid_data")
    return Event(
        index=index,
        id=_text(raw, "id", MAX_ID),
        type=kind,
        trader=_text(raw, "trader", MAX_ID),
        at=_past_time(raw.get("at"), now),
        amount=_amount(raw.get("amount"), kind),
        currency=_currency(raw.get("currency")),
        volume=_number(data, "volume", AMOUNT) if kind in _TRADING else Decimal(0),
        result=_number(data, "result", SIGNED) if kind in _TRADING else Decimal(0),
        data=_checked(data, kind) if data or kind in AMENDING else data,
        stored_data=_stored(data, kind) if data else None,
    )


def readable_id(raw) -> str | None:
    """Return the id that the sender can find its row by, whatever else is wrong."""
    value = raw.get("id") if isinstance(raw, dict) else None
    return value if isinstance(value, str) and len(value) <= MAX_ID else None


def parse_time(text) -> datetime | None:
    """Return an RFC 3339 time as naive UTC, or None if it is not one."""
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        aware = datetime.fromisoformat(f"{day}T{clock}{(fraction or '')[:7]}{zone}")
        return aware.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _text(raw, key, limit):
    value = raw.get(key)
    if value is None or value == "":
        raise EventError(f"missing_{key}")
    if not isinstance(value, str) or len(value) > limit or not value.isprintable():
        raise EventError(f"invalid_{key}")
    return value


def _past_time(text, now):
    if text is None or text == "":
        raise EventError("missing_at")
    at = parse_time(text)
    if at is None or at < EARLIEST:
        raise EventError("invalid_at")
    if at > now + CLOCK_SKEW:
        raise EventError("future_date")
    return at


def _amount(text, kind):
    if text is None:
        if kind in MONEY_REQUIRED:
            raise EventError("missing_amount")
        return None
    if not isinstance(text, str) or not AMOUNT.fullmatch(text):
        raise EventError("invalid_amount")
    return Decimal(text)


def _currency(code):
    if code is None or (isinstance(code, str) and _CURRENCY.fullmatch(code)):
        return code
    raise EventError("invalid_currency")


def _number(data, key, pattern):
    text = data.get(key)
    if text is None:
        return Decimal(0)
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise EventError(f"invalid_{key}")
    return Decimal(text)


def _checked(data, kind):
    """Return ``data``; what other parts will act on must be well-formed now."""
    consents = data.get("consents")
    if consents is not None and not _are_consents(consents):
        raise EventError("invalid_consents")
    if kind in AMENDING:
        _text(data, AMENDING[kind], MAX_ID)
    if kind == "self_excluded" and data.get("until") is not None:
        parse_until(data["until"])
    return data


def _stored(data, kind):
    """Return ``data`` as JSON text that PostgreSQL takes, without personal keys."""
    left_out = PERSONAL_KEYS | ELSEWHERE_KEYS
    if kind in INTRODUCING:
        left_out |= HOME_KEYS
    kept = {key: value for key, value in data.items() if key not in left_out}
    if not kept:
        return None
    try:
        text = _encode(kept)
        size = len(text.encode())
    except (ValueError, TypeError, RecursionError) as error:
        raise EventError("invalid_data") from error
    if size > MAX_DATA or "\\u0000" in text:
        raise EventError("invalid_data")
    return text


def parse_until(text) -> datetime:
    """Return the end of an exclusion: a time, or the end of a date (UTC)."""
    moment = parse_time(text)
    if moment is None and isinstance(text, str) and len(text) == 10:
        moment = parse_time(f"{text}T23:59:59Z")
    if moment is None:
        raise EventError("invalid_until")
    return moment


def _are_consents(consents):
    return isinstance(consents, list) and all(
        isinstance(item, dict)
        and _is_name(item.get("purpose"))
        and _is_name(item.get("channel"))
        and isinstance(item.get("granted"), bool)
        and all(item.get(key) is None or _is_name(item[key]) for key in CONSENT_TEXTS)
        and _is_name(str(item.get("text_version")))
        for item in consents
    )


def _is_name(value):
    """Printable: neither NUL nor half a surrogate pair reaches the database."""
    return isinstance(value, str) and value.isprintable()
