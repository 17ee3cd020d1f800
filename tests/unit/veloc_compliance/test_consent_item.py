from datetime import UTC, datetime, timedelta, timezone

import pytest

from odoo.addons.veloc_compliance.rules.consent_item import (
    CLOCK_TOLERANCE,
    LIMITS,
    Fault,
    Item,
    read,
)

NOW = datetime(2026, 3, 11, 15, 0)


def raw(**changes):
    known = {
        "partner_id": 7,
        "purpose": "marketing",
        "channel": "sms",
        "granted": True,
        "source": "signup_form",
    }
    return {k: v for k, v in (known | changes).items() if v is not ...}


def test_a_plain_item_is_read_whole():
    assert read(raw(), NOW) == Item(
        7, "marketing", "sms", True, NOW, {"source": "signup_form"}
    )


def test_proof_comes_along():
    proof = {
        "language": "pt_BR",
        "ip": "203.0.113.9",
        "user_agent": "UA",
        "evidence": "x",
    }
    assert read(raw(**proof), NOW).texts == proof | {"source": "signup_form"}


@pytest.mark.parametrize("item", [None, 3, "x", [], [("partner_id", 7)]])
def test_what_is_no_object_is_refused(item):
    assert read(item, NOW) == Fault("not_an_object", "item")


@pytest.mark.parametrize(
    "name", ["partner_id", "purpose", "channel", "granted", "source"]
)
def test_a_missing_field_is_named(name):
    assert read(raw(**{name: ...}), NOW) == Fault("invalid", name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("partner_id", "7"),
        ("partner_id", 0),
        ("partner_id", -1),
        ("partner_id", True),
        ("partner_id", 7.0),
        ("partner_id", None),
        ("purpose", ""),
        ("purpose", 3),
        ("purpose", ["marketing"]),
        ("channel", "fax"),
        ("channel", "SMS"),
        ("channel", ["sms"]),
        ("channel", {}),
        ("granted", "true"),
        ("granted", 1),
        ("granted", None),
        ("source", ""),
        ("source", "  "),
        ("source", 5),
        ("language", 5),
        ("ip", ["203.0.113.9"]),
        ("user_agent", {}),
        ("evidence", 1.5),
        ("partner_id", 2**31),
        ("version", 0),
        ("version", "2"),
        ("version", True),
        ("version", 1.0),
    ],
)
def test_a_wrong_value_is_named(name, value):
    assert read(raw(**{name: value}), NOW) == Fault("invalid", name)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, NOW),
        ("2026-03-11T12:00:00-03:00", NOW),
        ("2026-03-11T15:00:00Z", NOW),
        ("2026-03-11 15:00:00", NOW),
        ("2026-03-11T15:00:00.999Z", NOW),
        ("2026-03-10", datetime(2026, 3, 10)),
        (NOW, NOW),
        (NOW.replace(tzinfo=UTC), NOW),
        (datetime(2026, 3, 11, 12, tzinfo=timezone(timedelta(hours=-3))), NOW),
    ],
)
def test_moments_become_utc_seconds(at, expected):
    assert read(raw(at=at), NOW).recorded_at == expected


@pytest.mark.parametrize(
    "at", ["yesterday", "", "2026-13-01", 1741705200, [], "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_moment_is_refused(at):
    assert read(raw(at=at), NOW) == Fault("invalid", "at")


def test_clocks_may_differ_a_little_and_then_it_was_said_now():
    at = NOW + CLOCK_TOLERANCE
    assert read(raw(at=at), NOW).recorded_at == NOW


def test_a_fast_clock_does_not_overrule_the_stop_of_the_next_minute():
    ahead = read(raw(at=NOW + timedelta(minutes=4)), NOW)
    stop = read(raw(granted=False), NOW + timedelta(minutes=1))
    assert stop.recorded_at > ahead.recorded_at


def test_a_word_from_the_future_would_overrule_every_later_one():
    at = NOW + CLOCK_TOLERANCE + timedelta(seconds=1)
    assert read(raw(at=at), NOW) == Fault("future", "at")


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_texts_are_cut_to_their_columns(name):
    long = "x" * (LIMITS[name] + 50)
    assert read(raw(**{name: long}), NOW).texts[name] == "x" * LIMITS[name]


@pytest.mark.parametrize("name", ["language", "ip", "user_agent", "evidence"])
def test_an_empty_text_is_no_text(name):
    assert name not in read(raw(**{name: ""}), NOW).texts


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_a_text_that_the_database_cannot_keep_is_one_bad_item(name, text):
    assert read(raw(**{name: text}), NOW) == Fault("invalid", name)


def test_the_version_that_was_shown_may_be_named():
    assert read(raw(version=2), NOW).version == 2
    assert read(raw(), NOW).version is None


def test_unknown_keys_are_left_alone():
    assert isinstance(read(raw(recorded_by=1, text_hash="forged"), NOW), Item)
