"""Findings: one per trouble, the gravest first, and a flood is one trouble."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.finding import (
    SEVERITIES,
    Finding,
    fold,
    graver,
    one_per_key,
    urgency,
)

NOON = datetime(2026, 3, 11, 15, 0)


def test_two_findings_of_one_trouble_are_one():
    old, new = (
        Finding("a", "old", at=NOON),
        Finding("a", "new", at=NOON.replace(hour=16)),
    )
    assert one_per_key([new, old, Finding("b")]) == [new, Finding("b")]
    assert (
        one_per_key([Finding("a", "first"), Finding("a", "last")])[0].detail == "last"
    )


def test_a_flood_is_one_trouble_more():
    findings = [Finding(str(n)) for n in range(60)]
    assert fold(findings, 50) == (findings[:50], 10)
    assert fold(findings[:3], 50) == (findings[:3], 0)


def test_severities_have_an_order():
    assert graver("critical", "warning")
    assert graver("warning", "info")
    assert not graver("warning", "warning")


def test_what_nobody_has_seen_stands_above_what_somebody_looks_at():
    order = [("open", "critical"), ("open", "warning"), ("open", "info")]
    order += [("acknowledged", "critical"), ("acknowledged", "info")]
    weights = [urgency(state, severity) for state, severity in order]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == len(weights)


@given(st.sampled_from(["resolved", "false_alarm"]), st.sampled_from(SEVERITIES))
def test_what_is_over_stands_last(state, severity):
    assert urgency(state, severity) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), max_size=20))
def test_the_newest_event_of_each_trouble_is_kept(events):
    findings = [Finding(key, at=NOON + timedelta(minutes=n)) for key, n in events]
    newest = {key: max(n for k, n in events if k == key) for key, _n in events}
    kept = {f.key: f.at for f in one_per_key(findings)}
    assert kept == {key: NOON + timedelta(minutes=n) for key, n in newest.items()}
