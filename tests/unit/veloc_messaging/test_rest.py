from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_messaging.rules import retry

NOW = datetime(2026, 3, 11, 15, 0)


def test_a_provider_that_is_down_is_asked_ever_less():
    rests = [retry.rest("retry", failures) for failures in range(8)]

    assert rests == sorted(rests)
    assert (rests[0], rests[-1]) == (30, retry.LONGEST_REST)
    # An hour of outage costs a handful of attempts.
    assert sum(rests[:7]) > 1800


def test_what_the_provider_asks_for_goes_first():
    assert retry.rest("slow", 9, 40.0) == 40.0
    assert retry.rest("slow", 0) == 2.0
    assert retry.rest("slow", 0, 1e9) == retry.LONGEST_REST


@pytest.mark.parametrize(("resends", "hours"), [(0, 1), (1, 4), (2, 12)])
def test_what_was_given_up_is_sent_again_hours_later(resends, hours):
    assert retry.resend_at(resends, NOW) == NOW + timedelta(hours=hours)


def test_it_is_not_sent_again_for_ever_nor_when_it_is_of_no_use():
    assert retry.resend_at(3, NOW) is None
    assert retry.resend_at(0, NOW, NOW + timedelta(minutes=59)) is None
    assert retry.resend_at(0, NOW, NOW + timedelta(minutes=60))
