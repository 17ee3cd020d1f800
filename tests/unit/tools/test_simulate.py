"""What docs/COMPLIANCE.md says the anomaly rules find, on a part of the simulation."""

import pytest

from tools.simulate import measure, staff


@pytest.fixture(scope="module")
def result():
    return measure.run(firms=2)


def test_every_planted_theft_is_counted(result):
    assert {kind: len(delays) for kind, delays in result.delays.items()} == (
        dict.fromkeys(staff.CLASSES, 30)
    )
    assert result.worker_days == 2 * 40 * 15


@pytest.mark.parametrize("kind", ["bulk", "night"])
def test_harvests_and_nights_are_found_within_fifteen_minutes(result, kind):
    assert result.share_in_time(kind) >= 0.95


def test_most_single_bursts_are_found_within_fifteen_minutes(result):
    assert result.share_in_time("burst") >= 0.7


def test_slow_exfiltration_is_found_late_as_the_documentation_admits(result):
    assert result.share_found("slow") >= 0.85
    assert result.share_in_time("slow") < 0.2
    assert result.median_delay("slow") <= 90


def test_fewer_than_five_of_a_hundred_alerts_are_false(result):
    assert result.false_share < 0.05


def test_the_simulation_runs_the_rule_that_watches():
    assert measure.anomaly.__file__.endswith("veloc_compliance/rules/anomaly.py")
