from zoneinfo import ZoneInfo

import pytest

from odoo.addons.veloc_compliance.rules.br_zones import (
    AREA_CODES,
    DEFAULT_ZONE,
    STATE_OF_AREA,
    ZONES,
    is_zone,
    state_of,
    state_of_phone,
    zone_of,
)


def test_every_state_and_the_federal_district_has_a_zone_that_exists():
    assert len(ZONES) == 27
    for zone in ZONES.values():
        assert ZoneInfo(zone)


def test_every_state_has_area_codes_and_no_code_has_two_states():
    assert set(AREA_CODES) == set(ZONES)
    assert len(STATE_OF_AREA) == sum(len(c.split()) for c in AREA_CODES.values())


def test_brazil_has_sixty_seven_area_codes():
    assert len(STATE_OF_AREA) == 67


@pytest.mark.parametrize(
    ("phone", "uf"),
    [
        ("+5511961234567", "SP"),
        ("+551133334444", "SP"),
        ("+5521961234567", "RJ"),
        ("+5592961234567", "AM"),
        ("+5568961234567", "AC"),
        ("+5520961234567", None),  # 20 is no area code
        ("+5500961234567", None),
        ("+351961234567", None),
        ("+551196123", None),
        ("11961234567", None),
        ("+5511961234567x", None),
        ("", None),
        (None, None),
    ],
)
def test_the_area_code_names_the_state(phone, uf):
    assert state_of_phone(phone) == uf


@pytest.mark.parametrize(
    ("uf", "phone", "expected"),
    [
        ("BA", "+5511961234567", "BA"),
        (None, "+5511961234567", "SP"),
        ("", "+5592961234567", "AM"),
        ("XX", "+5592961234567", "AM"),
        (None, None, None),
        ("TX", None, None),
    ],
)
def test_the_written_state_beats_the_phone(uf, phone, expected):
    assert state_of(uf, phone) == expected


@pytest.mark.parametrize(
    ("zone", "uf", "phone", "expected"),
    [
        ("Europe/Lisbon", "SP", "+5592961234567", "Europe/Lisbon"),
        ("America/Noronha", "PE", None, "America/Noronha"),
        (None, "AC", "+5511961234567", "America/Rio_Branco"),
        ("", "MT", None, "America/Cuiaba"),
        (None, None, "+5592961234567", "America/Manaus"),
        ("Nowhere/Land", "AM", None, "America/Manaus"),
        ("../../etc/passwd", None, None, DEFAULT_ZONE),
        (None, None, "+351961234567", DEFAULT_ZONE),
        (None, None, None, DEFAULT_ZONE),
    ],
)
def test_the_most_specific_thing_known_gives_the_zone(zone, uf, phone, expected):
    assert zone_of(zone, uf, phone) == expected


@pytest.mark.parametrize("name", ["", None, "Mars/Olympus", "/etc/localtime", "a\0b"])
def test_what_is_no_zone_is_no_zone(name):
    assert not is_zone(name)


def test_a_zone_is_a_zone():
    assert is_zone("America/Sao_Paulo")
