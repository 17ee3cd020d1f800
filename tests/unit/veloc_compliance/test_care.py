"""Terms, limits and loosening: tightening at once, loosening late and by two."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.const import SUPPRESSION_KINDS
from odoo.addons.veloc_compliance.rules import care_limit, care_terms, loosening
from odoo.addons.veloc_compliance.rules.gate import ADULT_AGE, age_on
from odoo.addons.veloc_compliance.rules.suppression import BINDING

NOW = datetime(2026, 3, 11, 15)
DELAY = timedelta(hours=48)
KINDS = [kind for kind, _label in SUPPRESSION_KINDS]
amounts = st.one_of(st.none(), st.decimals(0, 10**6, places=2))
delays = st.timedeltas(timedelta(-9), timedelta(400))

# === TERMS === #


@pytest.mark.parametrize(
    ("term", "end"),
    [
        ("24h", datetime(2026, 3, 12, 15)),
        ("1m", datetime(2026, 4, 11, 15)),
        ("3m", datetime(2026, 6, 11, 15)),
        ("6m", datetime(2026, 9, 11, 15)),
        ("12m", datetime(2027, 3, 11, 15)),
        ("indefinite", None),
    ],
)
def test_a_term_ends_when_it_says(term, end):
    assert care_terms.ends_at(term, NOW) == end


def test_the_shortest_term_is_a_cooling_off_and_all_bind():
    kinds = {term: care_terms.kind_of(term) for term in care_terms.TERMS}
    assert kinds.pop("24h") == "cooling_off"
    assert set(kinds.values()) == {"self_exclusion"}
    assert {"cooling_off", "self_exclusion"} == BINDING


def test_a_month_from_the_last_day_ends_on_a_last_day():
    assert care_terms.ends_at("1m", datetime(2026, 1, 31)) == datetime(2026, 2, 28)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(-400, 400))
def test_nobody_is_marked_or_released_against_the_gates_own_reckoning(day, off):
    border = care_terms.youngest_adult(day)
    born = border + timedelta(days=off)
    assert (born <= border) == (age_on(day, born) >= ADULT_AGE)


# === LIMITS === #


@given(amounts, amounts, delays)
def test_a_lower_limit_holds_at_once_and_a_higher_one_waits(current, wished, delay):
    wish = care_limit.judge(current, wished, NOW, delay)
    if current == wished:
        assert wish.effect == care_limit.KEEP
    elif wished is not None and (current is None or wished < current):
        assert wish == care_limit.Wish(care_limit.TIGHTEN, NOW)
    else:
        assert wish.effect == care_limit.WAIT
        waits = wish.effective_at - NOW
        assert timedelta(hours=24) <= waits <= timedelta(days=7)


def test_taking_a_limit_away_is_raising_it():
    wish = care_limit.judge(Decimal(100), None, NOW, DELAY)
    assert wish == care_limit.Wish(care_limit.WAIT, NOW + DELAY)


def test_nobody_sets_the_delay_to_nothing():
    assert care_limit.clamp(timedelta(0)) == timedelta(hours=24)
    assert care_limit.clamp(timedelta(days=99)) == timedelta(days=7)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", (2026, 3, 11), (2026, 3, 12)),
        ("week", (2026, 3, 9), (2026, 3, 16)),
        ("month", (2026, 3, 1), (2026, 4, 1)),
    ],
)
def test_a_period_begins_and_ends_by_the_calendar(period, start, end):
    assert care_limit.period_start(period, NOW) == datetime(*start)
    assert care_limit.period_end(period, NOW) == datetime(*end)


@given(
    st.sampled_from(care_limit.PERIODS),
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),
)
def test_every_moment_lies_in_its_period(period, naive):
    moment = naive.replace(tzinfo=UTC).astimezone(ZoneInfo("America/Sao_Paulo"))
    start = care_limit.period_start(period, moment)
    end = care_limit.period_end(period, moment)
    assert start <= moment < end
    assert care_limit.period_start(period, end) == end


# === LOOSENING === #


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("house", [None, timedelta(0), timedelta(hours=30)])
def test_every_loosening_waits_at_least_a_day(kind, house):
    waits = loosening.delay(kind, house)
    assert waits >= max(timedelta(hours=24), house or timedelta(0))


@pytest.mark.parametrize("kind", sorted(BINDING))
def test_who_shut_themselves_out_thinks_it_over_for_a_week(kind):
    assert loosening.delay(kind, timedelta(hours=1)) == timedelta(days=7)


@given(st.sampled_from(KINDS), delays)
def test_the_house_can_lengthen_and_never_shorten(kind, house):
    assert loosening.delay(kind) <= loosening.delay(kind, house)
    assert loosening.delay(kind, house) <= timedelta(days=30)


@pytest.mark.parametrize("kind", sorted(BINDING))
@pytest.mark.parametrize("by_officer", [True, False])
def test_a_term_that_runs_cannot_even_be_asked_away(kind, by_officer):
    until = NOW + timedelta(seconds=1)
    assert loosening.refusal(kind, until, NOW, by_officer) == "runs_until"


def test_the_second_person_is_another_person():
    assert loosening.approval_refusal(7, 7) == "same_person"
    assert loosening.approval_refusal(7, 8) is None


def test_what_is_over_never_moves_again():
    for state in ("done", "refused", "cancelled"):
        assert not any(
            loosening.can_move(state, target)
            for target in (*loosening.OPEN, "done", "refused", "cancelled")
        )


def test_nothing_takes_effect_without_the_second_person():
    assert not loosening.can_move("requested", "done")
    assert loosening.can_move("approved", "done")


# === THE PAGE === #


@pytest.mark.parametrize(
    ("form", "wish"),
    [
        ({}, (None, False)),
        ({"action": ["save"], "term": ["1m"]}, (None, False)),
        ({"action": ["pause"], "term": ["1m"]}, ("1m", False)),
        ({"action": ["pause"], "term": ["1m"], "confirm": ["yes"]}, ("1m", True)),
        ({"action": ["pause"], "term": ["2w"], "confirm": ["yes"]}, (None, True)),
    ],
)
def test_a_pause_needs_a_term_of_ours_and_a_confirmation(form, wish):
    assert care_terms.read_wish(form) == wish
