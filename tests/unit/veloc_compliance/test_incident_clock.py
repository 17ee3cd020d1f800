from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.incident_clock import (
    Known,
    Terms,
    kept_until,
    phase,
    public_until,
    terms,
)

# Friday, 13 March 2026, 18:00 in São Paulo.
FRIDAY = datetime(2026, 3, 13, 21)
NOW = datetime(2026, 3, 16, 12)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1))


def test_the_internal_clock_runs_from_the_first_sign():
    assert terms(Known(FRIDAY)) == Terms(internal=FRIDAY + timedelta(hours=24))


def test_the_laws_clock_runs_from_the_knowledge_that_data_were_affected():
    found = terms(Known(FRIDAY - timedelta(days=9), FRIDAY))
    assert found.notify == datetime(2026, 3, 19, 2, 59, 59)


def test_the_proof_is_due_three_business_days_after_the_subjects_term():
    found = terms(Known(FRIDAY, FRIDAY))
    assert found.proof == datetime(2026, 3, 24, 2, 59, 59)


def test_additions_run_from_the_communication_to_the_authority():
    told = datetime(2026, 3, 18, 15)
    found = terms(Known(FRIDAY, FRIDAY, told))
    assert found.additions == datetime(2026, 4, 17, 2, 59, 59)
    assert terms(Known(FRIDAY, FRIDAY)).additions is None


def test_a_small_agent_has_double_terms_but_not_for_the_proof():
    told = datetime(2026, 3, 18, 15)
    small = terms(Known(FRIDAY, FRIDAY, told, is_small=True))
    assert small.notify == datetime(2026, 3, 24, 2, 59, 59)
    assert small.additions == datetime(2026, 5, 19, 2, 59, 59)
    assert small.proof == datetime(2026, 3, 27, 2, 59, 59)
    assert small.internal == FRIDAY + timedelta(hours=24)


def test_carnival_moves_the_term_only_where_it_is_counted_so():
    friday = datetime(2026, 2, 13, 21)
    known = Known(friday, friday)
    assert terms(known).notify == datetime(2026, 2, 21, 2, 59, 59)
    assert terms(known, with_carnival=False).notify == datetime(2026, 2, 19, 2, 59, 59)


@pytest.mark.parametrize(
    ("due", "done", "expected"),
    [
        (None, None, "none"),
        (None, NOW, "none"),
        (NOW + timedelta(days=2), None, "running"),
        (NOW + timedelta(hours=12), None, "soon"),
        (NOW, None, "soon"),
        (NOW - timedelta(seconds=1), None, "overdue"),
        (NOW, NOW, "done"),
        (NOW, NOW + timedelta(seconds=1), "done_late"),
        (NOW - timedelta(days=3), NOW - timedelta(days=4), "done"),
    ],
)
def test_how_a_clock_stands(due, done, expected):
    assert phase(due, done, NOW) == expected


@given(moments)
def test_the_register_is_kept_five_years(registered):
    kept = kept_until(registered)
    assert kept.year == registered.year + 5
    assert kept - registered >= timedelta(days=5 * 365)


@given(moments)
def test_a_public_notice_stays_ninety_days_and_three_months(published):
    stays = public_until(published) - published
    assert timedelta(days=90) <= stays <= timedelta(days=92)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_the_proof_never_comes_before_the_notice(known, later):
    found = terms(Known(known, known + later))
    assert found.internal <= found.internal + later
    assert known < found.notify < found.proof
