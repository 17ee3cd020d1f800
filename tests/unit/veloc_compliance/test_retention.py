"""Terms of law: property tests against the plainest reading of each."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import retention
from odoo.addons.veloc_compliance.rules.retention import Regime, Subject

# Machines that are busy must not fail a law.
few = settings(max_examples=40, deadline=None)

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
regimes = st.builds(
    Regime,
    start=st.sampled_from(retention.STARTS),
    value=st.integers(0, 30),
    unit=st.sampled_from(retention.UNITS),
    from_new_year=st.booleans(),
    is_minimum=st.booleans(),
    action=st.sampled_from(retention.ACTIONS),
    population=st.sampled_from(retention.POPULATIONS),
)
subjects = st.builds(
    Subject,
    starts=st.fixed_dictionaries({name: st.none() | days for name in retention.STARTS}),
    is_client=st.booleans(),
)


def years(value, **more):
    return Regime("relationship_end", value, "years", **more)


class TestTheEndOfATerm:
    def test_five_years_end_on_the_same_day_of_the_fifth_year(self):
        assert retention.last_day(years(5), date(2020, 3, 17)) == date(2025, 3, 17)

    def test_bcb_3978_counts_ten_years_from_the_first_of_january_after_the_end(self):
        regime = years(10, from_new_year=True)
        for start in (date(2020, 1, 1), date(2020, 12, 31)):
            assert retention.last_day(regime, start) == date(2031, 1, 1)

    @pytest.mark.parametrize(
        ("start", "value", "unit", "end"),
        [
            (date(2024, 2, 29), 5, "years", date(2029, 3, 1)),
            (date(2024, 2, 29), 4, "years", date(2028, 2, 29)),
            (date(2025, 1, 31), 1, "months", date(2025, 3, 1)),
            (date(2025, 10, 31), 1, "months", date(2025, 12, 1)),
            (date(2025, 11, 30), 3, "months", date(2026, 3, 1)),
            (date(2025, 12, 31), 12, "months", date(2026, 12, 31)),
            (date(2025, 1, 1), 180, "days", date(2025, 6, 30)),
            (date(2025, 1, 1), 0, "days", date(2025, 1, 1)),
        ],
    )
    def test_where_the_month_has_no_such_day_the_next_one_counts(
        self, start, value, unit, end
    ):
        regime = Regime("event_date", value, unit)
        assert retention.last_day(regime, start) == end

    def test_the_last_day_itself_still_belongs_to_the_term(self):
        end = date(2025, 3, 17)
        assert not retention.is_over(years(5), date(2020, 3, 17), end)
        assert retention.is_over(years(5), date(2020, 3, 17), end + timedelta(1))

    def test_a_term_that_never_began_is_not_over(self):
        assert not retention.is_over(years(0), None, date(2090, 1, 1))

    @few
    @given(regimes, days, days)
    def test_who_started_later_is_never_free_earlier(self, regime, one, other):
        first, second = sorted((one, other))
        assert retention.last_day(regime, first) <= retention.last_day(regime, second)


class TestOneComparisonForEveryRow:
    @few
    @given(regimes, days, days)
    def test_the_cutoff_says_for_all_what_the_term_says_for_one(
        self, regime, start, today
    ):
        limit = retention.cutoff(regime, today)
        assert (limit is not None and start <= limit) == retention.is_over(
            regime, start, today
        )

    @few
    @given(
        regimes,
        # Thirty years after summer time ended in Brazil: three hours behind.
        st.dates(date(2060, 1, 1), date(2090, 1, 1)),
        st.integers(-3000, 3000),
    )
    def test_also_around_the_very_day(self, regime, today, minutes):
        moment = retention.cutoff_moment(regime, today, "America/Sao_Paulo")
        start = moment + timedelta(minutes=minutes)
        local = start - timedelta(hours=3)
        assert (start < moment) == retention.is_over(regime, local.date(), today)

    def test_midnight_is_that_of_the_house_not_of_greenwich(self):
        regime = Regime("event_date", 1, "days")
        moment = retention.cutoff_moment(regime, date(2026, 3, 11), "America/Sao_Paulo")
        assert moment == datetime(2026, 3, 10, 3, 0)

    def test_nothing_is_old_enough_for_a_hundred_years(self):
        assert retention.cutoff(years(100), date(50, 1, 1)) is None


def oracle(rules, subject, today):
    """Say it the long way: day by day, one person, one rule after the other."""
    bound = [
        r
        for r in rules
        if r.population == "all" or (r.population == "clients") == subject.is_client
    ]
    ends = {}
    for index, rule in enumerate(bound):
        start = subject.starts[rule.start]
        ends[index] = retention.last_day(rule, start) if start else None
    duties = [ends[i] for i, r in enumerate(bound) if r.is_minimum]
    limits = [ends[i] for i, r in enumerate(bound) if not r.is_minimum]
    if not bound or None in duties:
        return False
    latest = max(duties, default=date.min)
    earliest = min((end for end in limits if end), default=None)
    if limits and earliest is None:
        return False
    return max(latest, earliest or date.min) < today


class TestSeveralRegimes:
    @few
    @given(st.lists(regimes, max_size=6), subjects, days)
    def test_the_longest_duty_wins_and_then_the_shortest_limit(
        self, rules, subject, today
    ):
        assert retention.is_due(rules, subject, today) == oracle(rules, subject, today)

    @few
    @given(st.lists(regimes, max_size=6), regimes, subjects, days)
    def test_one_more_duty_never_frees_anything(self, rules, more, subject, today):
        duty = Regime(**{**_fields(more), "is_minimum": True})
        if rules and any(r.binds(subject.is_client) for r in rules):
            after = retention.is_due([*rules, duty], subject, today)
            assert not after or retention.is_due(rules, subject, today)

    @few
    @given(st.lists(regimes, max_size=6), subjects, days)
    def test_what_is_due_is_kept_by_no_duty(self, rules, subject, today):
        if retention.is_due(rules, subject, today):
            assert retention.kept_until(rules, subject, today) is None

    def test_anti_money_laundering_outlasts_the_securities_commission(self):
        both = [years(5), years(10, from_new_year=True)]
        subject = Subject({"relationship_end": date(2020, 6, 1)}, is_client=True)
        assert retention.kept_until(both, subject, date(2026, 6, 2)) == date(2031, 1, 1)
        assert not retention.is_due(both, subject, date(2031, 1, 1))
        assert retention.is_due(both, subject, date(2031, 1, 2))

    def test_a_duty_on_clients_says_nothing_about_a_lead(self):
        rules = [years(10, population="clients")]
        lead = Subject({"relationship_end": None})
        assert retention.kept_until(rules, lead, date(2026, 1, 1)) is None

    def test_a_relationship_that_goes_on_keeps_the_data(self):
        client = Subject({"relationship_end": None}, is_client=True)
        assert retention.kept_until([years(5)], client, date(2026, 1, 1)) == date.max

    def test_marketing_ends_with_the_revocation_or_with_silence(self):
        revoked = Regime("revocation", 0, "days", is_minimum=False)
        silent = Regime("last_activity", 24, "months", is_minimum=False)
        today = date(2026, 3, 11)
        fresh = {"last_activity": date(2026, 1, 1), "revocation": None}
        gone = {**fresh, "last_activity": date(2023, 1, 1)}
        said_no = {**fresh, "revocation": date(2026, 3, 10)}
        due = [
            retention.is_due([revoked, silent], Subject(starts), today)
            for starts in (fresh, gone, said_no)
        ]
        assert due == [False, True, True]

    def test_no_rule_is_no_leave(self):
        assert not retention.is_due([], Subject({}), date(2026, 1, 1))

    def test_the_strongest_deed_is_done_when_all_are_over(self):
        mixed = [years(5, action="pseudonymise"), years(10, action="destroy_key")]
        assert retention.strongest(mixed) == "destroy_key"


class TestASecondPerson:
    def test_is_not_asked_to_keep_longer(self):
        assert not retention.loosens(years(5), years(10))
        assert not retention.loosens(years(5), years(5, from_new_year=True))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (years(10), years(5)),
            (years(5, from_new_year=True), years(5)),
            (years(5), Regime("last_activity", 5)),
            (years(5), Regime("relationship_end", 60, "months")),
            (years(5, action="pseudonymise"), years(5, action="delete")),
            (years(5), years(5, population="clients")),
            (years(5), years(5, is_minimum=False)),
            (years(5), None),
            (None, years(5)),
            (None, years(5, is_minimum=False)),
            (years(5, is_minimum=False), None),
        ],
    )
    def test_is_asked_whenever_something_could_go_earlier(self, old, new):
        assert retention.loosens(old, new)

    @few
    @given(st.lists(regimes, max_size=3), regimes, regimes, subjects, days)
    def test_what_one_person_may_do_frees_nothing(
        self, others, old, new, subject, today
    ):
        if not retention.loosens(old, new):
            before = retention.is_due([*others, old], subject, today)
            assert before or not retention.is_due([*others, new], subject, today)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "birthday"},
        {"unit": "weeks"},
        {"value": -1},
        {"value": 101},
        {"action": "sell"},
        {"population": "vip"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="no such"):
        Regime(**{"start": "event_date", "value": 1, **wrong})


def _fields(regime):
    return {name: getattr(regime, name) for name in Regime.__slots__}
