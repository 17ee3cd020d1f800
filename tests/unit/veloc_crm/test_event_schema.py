"""One event: what is taken, and by which name each fault is refused."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from odoo.addons.veloc_crm.rules.event_schema import (
    AMENDING,
    ENVELOPE_MESSAGES,
    KNOWN_TYPES,
    MAX_EVENTS,
    MESSAGES,
    EnvelopeError,
    EventError,
    check_envelope,
    parse_event,
    parse_time,
    parse_until,
    readable_id,
)

NOW = datetime(2026, 11, 22, 12, 0)


def raw(**values):
    event = {
        "id": "e-1",
        "type": "deposit_approved",
        "trader": "T-1",
        "at": "2026-11-22T11:00:00Z",
        "amount": "123.45",
        "currency": "BRL",
    }
    return {key: value for key, value in {**event, **values}.items() if value != "DEL"}


def code_of(**values):
    with pytest.raises(EventError) as caught:
        parse_event(raw(**values), 0, NOW)
    return caught.value.code


def test_a_good_event_becomes_typed():
    event = parse_event(raw(), 7, NOW)
    assert (event.index, event.id, event.trader) == (7, "e-1", "T-1")
    assert event.at == datetime(2026, 11, 22, 11, 0)
    assert event.amount == Decimal("123.45")
    assert event.is_known


@pytest.mark.parametrize("kind", sorted(KNOWN_TYPES))
def test_every_type_of_the_contract_is_known(kind):
    data = dict.fromkeys(AMENDING.values(), "e-1")
    assert parse_event(raw(type=kind, data=data), 0, NOW).is_known


def test_an_unknown_type_is_taken_and_marked():
    assert not parse_event(raw(type="page.viewed"), 0, NOW).is_known


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_only_objects_are_events(value):
    with pytest.raises(EventError, match="JSON object"):
        parse_event(value, 0, NOW)


@pytest.mark.parametrize("key", ["id", "type", "trader", "at"])
@pytest.mark.parametrize("value", ["DEL", None, ""])
def test_what_is_needed_and_missing_is_named(key, value):
    assert code_of(**{key: value}) == f"missing_{key}"


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("id", 12, "invalid_id"),
        ("id", "x" * 129, "invalid_id"),
        ("id", "a\nb", "invalid_id"),
        ("id", "\ud800", "invalid_id"),
        ("trader", 5, "invalid_trader"),
        ("trader", "x" * 129, "invalid_trader"),
        ("type", "Deposit", "invalid_type"),
        ("type", "a b", "invalid_type"),
        ("type", "x" * 65, "invalid_type"),
        ("amount", 10, "invalid_amount"),
        ("amount", 10.5, "invalid_amount"),
        ("amount", "-1", "invalid_amount"),
        ("amount", "1,50", "invalid_amount"),
        ("amount", "1e3", "invalid_amount"),
        ("amount", "NaN", "invalid_amount"),
        ("amount", "", "invalid_amount"),
        ("amount", "1.123456789", "invalid_amount"),
        ("amount", "1" * 13, "invalid_amount"),
        ("amount", " 1", "invalid_amount"),
        ("amount", "\u0661", "invalid_amount"),
        ("amount", "DEL", "missing_amount"),
        ("currency", "brl", "invalid_currency"),
        ("currency", "REAL", "invalid_currency"),
        ("currency", 1, "invalid_currency"),
        ("data", [], "invalid_data"),
        ("data", "x", "invalid_data"),
        ("data", {"k": "x" * 17_000}, "invalid_data"),
        ("data", {"k": "a\x00b"}, "invalid_data"),
        ("data", {"k": "\ud800"}, "invalid_data"),
        ("data", {"k": float("nan")}, "invalid_data"),
        ("data", {"consents": {}}, "invalid_consents"),
        ("data", {"consents": [{"purpose": "marketing"}]}, "invalid_consents"),
        ("at", 1700000000, "invalid_at"),
        ("at", "2026-11-22", "invalid_at"),
        ("at", "2026-11-22T11:00:00", "invalid_at"),
        ("at", "2026-13-01T00:00:00Z", "invalid_at"),
        ("at", "1969-12-31T23:59:59Z", "invalid_at"),
        ("at", "0001-01-01T00:00:00+14:00", "invalid_at"),
    ],
)
def test_each_fault_has_its_name(key, value, code):
    assert code_of(**{key: value}) == code


def test_a_consent_needs_a_plain_yes_or_no():
    consent = {"purpose": "marketing", "channel": "sms", "granted": "true"}
    assert code_of(data={"consents": [consent]}) == "invalid_consents"


@pytest.mark.parametrize("key", ["purpose", "channel", "language", "ip", "user_agent"])
@pytest.mark.parametrize("text", ["a\x00b", "\ud800", 7])
def test_what_the_database_cannot_keep_refuses_the_row_and_not_the_batch(key, text):
    consent = {"purpose": "marketing", "channel": "sms", "granted": False, key: text}
    assert code_of(data={"consents": [consent]}) == "invalid_consents"


def test_the_version_of_a_text_may_be_a_number():
    consent = {"purpose": "p", "channel": "sms", "granted": True, "text_version": 3}
    assert parse_event(raw(data={"consents": [consent]}), 0, NOW).data["consents"]


def test_zero_is_an_amount():
    assert parse_event(raw(amount="0.00"), 0, NOW).amount == 0


def test_a_login_needs_no_amount():
    assert parse_event(raw(type="login", amount="DEL"), 0, NOW).amount is None


@pytest.mark.parametrize(("ahead", "passes"), [(5, True), (6, False)])
def test_clocks_may_be_five_minutes_apart(ahead, passes):
    at = (NOW + timedelta(minutes=ahead)).isoformat() + "Z"
    if passes:
        assert parse_event(raw(at=at), 0, NOW).at > NOW
    else:
        assert code_of(at=at) == "future_date"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T08:00:00-03:00", datetime(2026, 11, 22, 11)),
        ("2026-11-22t11:00:00z", datetime(2026, 11, 22, 11)),
        ("2026-11-22 11:00:00Z", datetime(2026, 11, 22, 11)),
        ("2026-11-22T11:00:00.123456789Z", datetime(2026, 11, 22, 11, 0, 0, 123456)),
        ("2024-02-29T23:00:00-05:00", datetime(2024, 3, 1, 4)),
        ("2025-02-29T23:00:00Z", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_are_read_as_utc(text, expected):
    assert parse_time(text) == expected


def test_trades_carry_volume_and_a_signed_result():
    data = {"volume": "1500.50", "result": "-12.30", "instrument": "EURUSD"}
    event = parse_event(raw(type="trade", amount="DEL", data=data), 0, NOW)
    assert (event.volume, event.result) == (Decimal("1500.50"), Decimal("-12.30"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"volume": "-1"}, "invalid_volume"),
        ({"volume": 100}, "invalid_volume"),
        ({"result": "lost"}, "invalid_result"),
        ({"result": 1.5}, "invalid_result"),
    ],
)
def test_a_trade_with_wrong_numbers_is_refused(data, code):
    assert code_of(type="trade", data=data) == code


def test_personal_keys_and_consents_are_not_stored():
    data = {
        "name": "Ana",
        "first_name": "Ana",
        "email": "a@b.c",
        "phone": "1",
        "cpf": "1",
        "birth_date": "1",
        "consents": [],
        "city": "Santos",
    }
    assert parse_event(raw(data=data), 0, NOW).stored_data == '{"city":"Santos"}'


def test_where_somebody_lives_is_not_stored_and_where_a_login_came_from_is():
    data = {"city": "Santos"}
    assert parse_event(raw(type="signup", data=data), 0, NOW).stored_data is None
    assert parse_event(raw(type="login_suspicious", data=data), 0, NOW).stored_data


def test_nothing_left_to_store_is_nothing():
    assert parse_event(raw(data={"name": "Ana"}), 0, NOW).stored_data is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-31", datetime(2026, 12, 31, 23, 59, 59)),
        ("2026-12-31T12:00:00-03:00", datetime(2026, 12, 31, 15)),
    ],
)
def test_an_exclusion_ends_at_a_time_or_with_a_day(text, expected):
    assert parse_until(text) == expected


def test_an_exclusion_with_an_unreadable_end_is_refused():
    assert code_of(type="self_excluded", data={"until": "soon"}) == "invalid_until"


@pytest.mark.parametrize(
    ("source", "events", "code"),
    [
        ("", [], "invalid_source"),
        (None, [], "invalid_source"),
        ("  ", [], "invalid_source"),
        ("x" * 65, [], "invalid_source"),
        ("a\n", [], "invalid_source"),
        ("b", None, "invalid_events"),
        ("b", {}, "invalid_events"),
        ("b", [0] * (MAX_EVENTS + 1), "too_many_events"),
    ],
)
def test_what_is_no_batch_is_refused(source, events, code):
    with pytest.raises(EnvelopeError) as caught:
        check_envelope(source, events)
    assert caught.value.code == code
    assert str(caught.value) == ENVELOPE_MESSAGES[code]


def test_a_full_batch_and_an_empty_one_pass():
    check_envelope("broker", [])
    check_envelope("broker", [0] * MAX_EVENTS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"id": "a"}, "a"), ({"id": 5}, None), ([], None), ({"id": "x" * 129}, None)],
)
def test_a_refused_row_is_found_by_its_id_if_it_has_one(value, expected):
    assert readable_id(value) == expected


def test_every_code_has_a_sentence():
    assert all(message.endswith(".") for message in MESSAGES.values())
