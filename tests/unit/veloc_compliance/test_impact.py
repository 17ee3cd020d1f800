import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import impact

SCALE = st.integers(1, 5)
LONG = "Words enough to be a chapter."
WHOLE = dict.fromkeys(impact.CHAPTERS, LONG)
SMALL = impact.Risk(2, 2, 1, 1)
GRAVE = impact.Risk(5, 5, 2, 3, "Limits and two people.")


@given(SCALE, SCALE)
def test_a_risk_never_falls_when_one_of_its_numbers_rises(likelihood, grave):
    weight = impact.LEVELS.index
    here = weight(impact.level(likelihood, grave))
    assert weight(impact.level(min(likelihood + 1, 5), grave)) >= here
    assert weight(impact.level(likelihood, min(grave + 1, 5))) >= here


@given(SCALE)
def test_what_ruins_somebody_is_never_a_low_risk(likelihood):
    assert impact.level(likelihood, 5) != "low"


@pytest.mark.parametrize("numbers", [(0, 3), (3, 6), (-1, 1)])
def test_a_number_off_the_scale_is_an_error(numbers):
    with pytest.raises(ValueError, match="scale"):
        impact.level(*numbers)


def test_the_highest_of_no_levels_is_low():
    assert impact.highest([]) == "low"
    assert impact.highest(["low", "high", "medium"]) == "high"


def test_a_whole_report_with_answered_risks_may_be_approved():
    assert impact.approval_faults(WHOLE, [SMALL, GRAVE]) == []


@pytest.mark.parametrize("chapter", impact.CHAPTERS)
def test_every_chapter_of_article_38_is_needed(chapter):
    assert impact.approval_faults(WHOLE | {chapter: " short "}, [SMALL]) == [chapter]


def test_a_report_without_risks_is_none():
    assert impact.approval_faults(WHOLE, []) == ["no_risks"]


def test_a_grave_risk_without_measures_keeps_the_report_open():
    bare = impact.Risk(5, 5, 2, 2, "  ")
    assert impact.approval_faults(WHOLE, [bare]) == ["no_measures"]


def test_a_high_risk_that_is_left_cannot_be_approved():
    left = impact.Risk(5, 5, 5, 5, LONG)
    assert impact.approval_faults(WHOLE, [left]) == ["residual_high"]
