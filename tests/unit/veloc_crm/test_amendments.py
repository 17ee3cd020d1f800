"""What a reversal or a correction may name, and what then holds."""

from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_crm.rules.amendments import Target, changes, judge
from odoo.addons.veloc_crm.rules.event_schema import Event
from odoo.addons.veloc_crm.rules.lifecycle import (
    Happening,
    Standing,
    advance,
    stand_anew,
)

NOW = datetime(2026, 11, 22, 12)


def day(number):
    return NOW - timedelta(days=number)


def reversal(of="d", id="r", at=NOW):
    return Event(0, id, "reversal", "T", at, data={"reverses": of})


def correction(of="d", id="c", at=NOW):
    return Event(0, id, "correction", "T", at, data={"corrects": of})


@pytest.mark.parametrize(
    ("event", "target", "code"),
    [
        (reversal(), Target("T", "deposit_approved", NOW), None),
        (reversal(), Target("T", "login", NOW), None),
        (correction(), Target("T", "trade", NOW), None),
        (reversal(), None, "unknown_target"),
        (reversal(), Target("U", "trade", NOW), "unknown_target"),
        (reversal(), Target("T", "signup", NOW), "not_reversible"),
        (reversal(), Target("T", "reversal", NOW), "not_reversible"),
        (reversal(), Target("T", "page_viewed", NOW), "not_reversible"),
        (correction(), Target("T", "login", NOW), "not_reversible"),
        (reversal(), Target("T", "trade", NOW, is_reversed=True), "repeated"),
        (correction(), Target("T", "trade", NOW, is_reversed=True), None),
    ],
)
def test_what_may_be_taken_back_or_corrected(event, target, code):
    assert judge(event, target) == code


def test_a_reversal_holds_and_of_corrections_the_latest():
    events = [
        correction(id="new", at=day(1)),
        reversal(at=day(3)),
        correction(id="old", at=day(2)),
        correction("e", id="other", at=day(2)),
    ]
    found = changes(events, {"new": 1, "old": 2, "other": 3})
    assert found["d"] == {
        "is_reversed": True,
        "corrected_at": day(1),
        "corrected_by": 1,
        "event": events[0],
    }
    assert not found["e"]["is_reversed"]


HISTORY = [Happening(day(20), "signup"), Happening(day(9), "deposit_approved")]


def test_what_is_left_stands_as_if_the_rest_had_never_been():
    gone = Happening(day(5), "deposit_approved")
    known, _ = advance(Standing(), [*HISTORY, gone], NOW)
    assert known.stage == "active"
    found, _ = stand_anew(known, HISTORY, [gone.at], NOW)
    assert found == advance(Standing(), HISTORY, NOW)[0]


def test_without_its_deposit_a_trader_falls_back():
    known, _ = advance(Standing(), HISTORY, NOW)
    found, _ = stand_anew(known, HISTORY[:1], [day(9)], NOW)
    assert (found.stage, found.since) == ("signup", day(20))
    assert "first_deposit" not in found.reached
    assert found.last_activity_at is None


def test_milestones_older_than_the_log_hold():
    known, _ = advance(Standing(), HISTORY, NOW)
    found, _ = stand_anew(known, [Happening(day(2), "trade")], [day(1)], NOW)
    assert found.reached == known.reached
    assert found.stage == "active"
