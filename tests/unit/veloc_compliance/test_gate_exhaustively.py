"""Every combination of facts, against the promises written another way."""

from dataclasses import replace
from datetime import date, datetime
from itertools import product

import pytest

from odoo.addons.veloc_compliance.const import CHANNEL_SUPPRESSIONS, SUPPRESSION_KINDS
from odoo.addons.veloc_compliance.rules.contact_hours import Window
from odoo.addons.veloc_compliance.rules.gate import (
    Case,
    Consent,
    Person,
    Purpose,
    decide,
)

NOON = datetime(2026, 3, 11, 15, 0)
NIGHT = datetime(2026, 3, 12, 2, 0)
HOURS = (Window(0, 5, 9 * 60, 21 * 60),)
ADULT = Person(7, has_email=True, has_phone=True, birth_date=date(1990, 5, 1))
PEOPLE = {
    "adult": ADULT,
    "minor": replace(ADULT, birth_date=date(2012, 1, 1)),
    "no phone": replace(ADULT, has_phone=False),
    "archived": replace(ADULT, active=False),
    "listed": replace(ADULT, listed=frozenset({"sms"})),
}
PURPOSES = [
    Purpose(1, "x", kind, 11, 2, basis, 2)
    for kind in ("service", "marketing", "bonus", "tournament", "winback")
    for basis in ("consent", "legitimate_interest", "contract", "legal_obligation")
]
WORDS = {
    "silence": None,
    "yes": Consent(5, True, 2, datetime(2026, 1, 1)),
    "old yes": Consent(5, True, 1, datetime(2025, 1, 1)),
    "no": Consent(5, False, 2, datetime(2026, 1, 1)),
}
BLOCKS = [frozenset()] + [
    frozenset({(kind, channel)})
    for kind, _label in SUPPRESSION_KINDS
    for channel in (("sms", "email") if kind in CHANNEL_SUPPRESSIONS else (None,))
]
EVERYTHING = list(product(PEOPLE, PURPOSES, WORDS, BLOCKS, (NOON, NIGHT)))


@pytest.fixture(scope="module")
def answers():
    """Return every combination with its verdict, on the SMS channel."""
    return [
        (
            facts,
            decide(
                Case(
                    PEOPLE[facts[0]],
                    facts[1],
                    "sms",
                    facts[4],
                    WORDS[facts[2]],
                    facts[3],
                    HOURS,
                )
            ),
        )
        for facts in EVERYTHING
    ]


def allowed(answers):
    return [facts for facts, verdict in answers if verdict.allowed]


def test_there_is_something_of_everything(answers):
    outcomes = [verdict.outcome for _facts, verdict in answers]
    assert len(outcomes) == len(EVERYTHING) > 5_000
    assert {"allowed", "deferred", "refused"} == set(outcomes)


def test_nothing_leaves_on_consent_without_a_standing_yes(answers):
    for _who, purpose, word, _blocks, _now in allowed(answers):
        assert purpose.basis != "consent" or word == "yes"


def test_a_no_is_heard_wherever_the_person_has_a_say(answers):
    for _who, purpose, word, _blocks, _now in allowed(answers):
        assert word != "no" or purpose.basis in ("contract", "legal_obligation")


def test_promotion_reaches_nobody_whom_anything_holds(answers):
    harmless = {("opt_out", "email"), ("channel_blocked", "email")}
    for who, purpose, _word, blocks, now in allowed(answers):
        if purpose.kind != "service":
            assert who == "adult"
            assert blocks <= harmless
            assert now == NOON


def test_nothing_reaches_the_dead_the_archived_or_a_blocked_channel(answers):
    for who, _purpose, _word, blocks, _now in allowed(answers):
        assert who not in ("archived", "no phone")
        assert not blocks & {("deceased", None), ("channel_blocked", "sms")}


def test_service_on_contract_is_held_by_nothing_else(answers):
    for facts, verdict in answers:
        who, purpose, _word, blocks, _now = facts
        total = {("deceased", None), ("channel_blocked", "sms")}
        if purpose.kind == "service" and purpose.basis == "contract":
            is_held = who in ("archived", "no phone") or bool(blocks & total)
            assert verdict.allowed is not is_held


def test_only_the_clock_defers_and_only_promotion(answers):
    for (_who, purpose, _word, _blocks, now), verdict in answers:
        if verdict.outcome == "deferred":
            assert (now, verdict.reason) == (NIGHT, "quiet_hours")
            assert purpose.kind != "service"
            assert verdict.until > now
        else:
            assert verdict.until is None


def test_what_is_deferred_would_be_allowed_at_its_time(answers):
    for (who, purpose, word, blocks, _now), verdict in answers:
        if verdict.outcome == "deferred":
            later = Case(
                PEOPLE[who], purpose, "sms", verdict.until, WORDS[word], blocks, HOURS
            )
            assert decide(later).allowed


def test_an_allowance_on_consent_names_it_and_no_other_does(answers):
    for (_who, purpose, _word, _blocks, _now), verdict in answers:
        names_it = verdict.consent_id is not None
        assert names_it is (verdict.allowed and purpose.basis == "consent")


def test_more_blocks_never_allow_more(answers):
    freed = {
        (who, purpose, word, now)
        for (who, purpose, word, blocks, now), verdict in answers
        if verdict.allowed and blocks
    }
    unblocked = {
        (who, purpose, word, now)
        for (who, purpose, word, blocks, now), verdict in answers
        if verdict.allowed and not blocks
    }
    assert freed <= unblocked


def test_every_answer_names_its_rule_its_reason_and_the_version(answers):
    for _facts, verdict in answers:
        assert verdict.rule
        assert verdict.reason
        assert verdict.purpose_version_id == 11
