from datetime import date, timedelta

import pytest

from odoo.addons.veloc_compliance.rules.balancing import (
    QUESTIONS,
    Assessment,
    faults,
    review_due,
    standing,
)

TODAY = date(2026, 3, 11)
ANSWERS = dict.fromkeys(QUESTIONS, "An answer in words.")


def test(**facts):
    known = {
        "answers": ANSWERS,
        "is_lawful": True,
        "has_opt_out": True,
        "outcome": "passes",
        "review_on": TODAY + timedelta(365),
        "expires_on": TODAY + timedelta(400),
    }
    return Assessment(**known | facts)


test.__test__ = False


def test_a_complete_test_has_nothing_to_repair():
    assert faults(test(), TODAY) == []


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("answer", ["", "  ", "Yes.", "ok ok"])
def test_every_question_is_answered_in_words(question, answer):
    assert faults(test(answers=ANSWERS | {question: answer}), TODAY) == [
        f"no_{question}"
    ]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"is_sensitive": True}, "is_sensitive"),
        ({"concerns_minors": True}, "concerns_minors"),
        ({"is_lawful": False}, "not_lawful"),
        ({"has_less_intrusive": True}, "less_intrusive"),
        ({"has_opt_out": False}, "no_opt_out"),
        ({"outcome": ""}, "no_outcome"),
        ({"outcome": "fails"}, "outcome_fails"),
        ({"review_on": TODAY}, "no_review"),
        ({"expires_on": TODAY + timedelta(100)}, "no_expiry"),
        ({"expires_on": None}, "no_expiry"),
    ],
)
def test_what_the_law_decides_is_not_left_to_the_person(facts, code):
    assert faults(test(**facts), TODAY) == [code]


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [
        ("draft", 9, "not_approved"),
        ("withdrawn", 9, "not_approved"),
        ("approved", 1, "valid"),
        ("approved", 0, "expired"),
        ("approved", -1, "expired"),
    ],
)
def test_a_purpose_stands_on_an_approved_test_until_it_expires(state, days, expected):
    assert (
        standing(test(state=state, expires_on=TODAY + timedelta(days)), TODAY)
        == expected
    )
    assert standing(None, TODAY) == "missing"


@pytest.mark.parametrize(
    ("state", "days", "is_due"),
    [("approved", 30, True), ("approved", 31, False), ("draft", 1, False)],
)
def test_the_review_is_called_for_a_month_ahead(state, days, is_due):
    found = review_due(test(state=state, review_on=TODAY + timedelta(days)), TODAY)
    assert found == is_due
