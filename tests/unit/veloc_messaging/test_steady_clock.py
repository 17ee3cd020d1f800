"""Whether the wall clock can be trusted."""

from odoo.addons.veloc_messaging.rules.steady_clock import SteadyClock

HOUR = 3600.0


def test_a_clock_that_runs_evenly_is_trusted_from_the_beginning():
    clock = SteadyClock(wall=5000.0, own=10.0)

    assert clock.steady_for(wall=5060.0, own=70.0) == 60.0
    assert clock.steady_for(wall=5120.0, own=130.0) == 120.0


def test_a_jump_forward_counts_from_when_it_is_seen():
    clock = SteadyClock(wall=5000.0, own=10.0)

    assert clock.steady_for(wall=5060.0 + HOUR, own=70.0) == 0.0
    assert clock.steady_for(wall=5090.0 + HOUR, own=100.0) == 30.0


def test_a_jump_back_counts_as_well():
    clock = SteadyClock(wall=5000.0, own=10.0)

    assert clock.steady_for(wall=5060.0 - HOUR, own=70.0) == 0.0


def test_a_clock_that_is_adjusted_little_by_little_stays_trusted():
    clock = SteadyClock(wall=0.0, own=0.0)

    steady = [clock.steady_for(n * 60.5, n * 60.0) for n in range(1, 100)]

    assert steady[-1] == 99 * 60.0
