"""The shipped contact-hour table, asked like the gate asks it."""

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.veloc_compliance.const import CHANNELS
from odoo.addons.veloc_compliance.rules.br_zones import ZONES
from odoo.addons.veloc_compliance.rules.contact_hours import (
    HourRow,
    HourTable,
    Window,
    next_open,
)

DATA = (
    Path(__file__).parents[3]
    / "addons/veloc_compliance/data/veloc_contact_hours_data.xml"
)
STATES = sorted(ZONES)


def shipped_rows():
    """Return the rows of the data file as the model would hand them over."""
    for record in ElementTree.parse(DATA).iter("record"):
        values = {f.get("name"): f for f in record.iter("field")}
        state = values.get("state_id")
        yield HourRow(
            state.get("ref").removeprefix("base.state_br_").upper()
            if state is not None
            else None,
            values["channel"].text,
            Window(
                int(values["weekday_from"].text),
                int(values["weekday_to"].text),
                round(float(values["hour_from"].text) * 60),
                round(float(values["hour_to"].text) * 60),
                "on_holidays" in values,
            ),
        )


TABLE = HourTable(shipped_rows())


def opening(channel, uf, wall):
    """Return when contact opens in the state, as its wall time."""
    zone = ZoneInfo(ZONES[uf])
    now = datetime.fromisoformat(wall).replace(tzinfo=zone).astimezone(UTC)
    found = next_open(
        TABLE.windows(channel, uf), ZONES[uf], uf, now.replace(tzinfo=None)
    )
    return f"{found.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"


# 2026-03-11 is a Wednesday; 13 a Friday, 14 a Saturday, 15 a Sunday.
@pytest.mark.parametrize(
    ("channel", "uf", "wall", "expected"),
    [
        ("sms", "SP", "2026-03-11 08:59", "2026-03-11 09:00"),
        ("sms", "SP", "2026-03-11 20:59", "2026-03-11 20:59"),
        ("sms", "SP", "2026-03-14 21:00", "2026-03-16 09:00"),
        ("whatsapp", "AM", "2026-03-15 12:00", "2026-03-16 09:00"),
        ("push", "AC", "2026-03-11 07:00", "2026-03-11 09:00"),
        ("email", "SP", "2026-03-15 12:00", "2026-03-15 12:00"),
        ("email", "SP", "2026-03-11 07:59", "2026-03-11 08:00"),
        ("email", "SP", "2026-03-11 21:00", "2026-03-12 08:00"),
        ("email", "SP", "2026-12-25 10:00", "2026-12-25 10:00"),
        ("sms", "SP", "2026-12-25 10:00", "2026-12-26 09:00"),
        ("call", "MG", "2026-03-11 08:30", "2026-03-11 09:00"),
        ("call", "MG", "2026-03-11 18:00", "2026-03-12 09:00"),
        ("call", "RJ", "2026-03-11 08:30", "2026-03-11 08:30"),
        ("call", "RJ", "2026-03-11 18:00", "2026-03-12 08:00"),
        ("call", "ES", "2026-03-11 18:30", "2026-03-11 18:30"),
        ("call", "ES", "2026-03-11 19:00", "2026-03-12 08:00"),
        ("call", "RJ", "2026-03-14 10:00", "2026-03-16 08:00"),
        ("call", "SP", "2026-03-13 18:00", "2026-03-16 09:00"),
        # Saint George is a holiday in Rio, not in Minas.
        ("call", "RJ", "2026-04-23 10:00", "2026-04-24 08:00"),
        ("call", "MG", "2026-04-23 10:00", "2026-04-23 10:00"),
        # Friday the 1st of May, then a week-end.
        ("call", "SP", "2026-05-01 10:00", "2026-05-04 09:00"),
        ("sms", "SP", "2026-05-01 10:00", "2026-05-02 09:00"),
    ],
)
def test_when_the_shipped_table_opens(channel, uf, wall, expected):
    assert opening(channel, uf, wall) == expected


@pytest.mark.parametrize("channel", [code for code, _label in CHANNELS])
def test_every_channel_opens_in_every_state(channel):
    for uf in STATES:
        assert opening(channel, uf, "2026-03-11 12:00") == "2026-03-11 12:00"


@pytest.mark.parametrize("channel", [code for code, _label in CHANNELS])
@pytest.mark.parametrize("hour", ["00:00", "03:30", "06:59", "22:00", "23:59"])
def test_nobody_is_disturbed_at_night_anywhere(channel, hour):
    for uf in STATES:
        assert opening(channel, uf, f"2026-03-11 {hour}") != f"2026-03-11 {hour}"


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "push", "call"])
@pytest.mark.parametrize(
    "day", ["2026-03-15", "2026-12-25", "2026-01-01", "2026-09-07", "2026-11-20"]
)
def test_sundays_and_holidays_are_quiet_in_every_state(channel, day):
    for uf in STATES:
        assert opening(channel, uf, f"{day} 12:00")[:10] > day


def test_no_state_law_is_wider_than_it_says():
    widest = {"RJ": (480, 1080), "ES": (480, 1140)}
    for uf, (opens, closes) in widest.items():
        (window,) = TABLE.windows("call", uf)
        assert (window.opens, window.closes) == (opens, closes)
        assert (window.weekday_from, window.weekday_to) == (0, 4)
        assert not window.on_holidays
