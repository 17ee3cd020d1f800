from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from odoo.addons.veloc_compliance.rules.moments import read

NOON = datetime(2026, 3, 11, 15, 0)
BRT = timezone(timedelta(hours=-3))


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-11T15:00:00Z",
        "2026-03-11T12:00:00-03:00",
        "2026-03-11T15:00:00.999999+00:00",
        "2026-03-11T15:00:00",
        "2026-03-11 15:00:00",
        "2026-03-11T15:00",
        NOON,
        NOON.replace(microsecond=5),
        NOON.replace(tzinfo=UTC),
        datetime(2026, 3, 11, 12, tzinfo=BRT),
    ],
    ids=str,
)
def test_every_way_to_write_noon_is_noon(value):
    assert read(value) == NOON


def test_a_day_is_its_first_second():
    assert read("2026-03-11") == datetime(2026, 3, 11)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "soon",
            "2026-13-01",
            "11/03/2026",
            "2026-03-11T25:00:00Z",
            None,
            0,
            1741705200,
        ),
        *([], {}, True, date(2026, 3, 11), "0001-01-01T00:00:00+14:00", "9999-99-99"),
    ],
    ids=repr,
)
def test_what_is_no_moment_is_none(value):
    assert read(value) is None
