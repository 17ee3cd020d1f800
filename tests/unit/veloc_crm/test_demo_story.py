"""The demo's story: always the same, always whole, never in the future."""

from datetime import datetime

from stdnum.br import cpf

from odoo.addons.veloc_crm.demo import people, story

NOW = datetime(2026, 3, 11, 15, 0)
EVENTS = story.tell(NOW)


def test_the_same_moment_gives_the_same_story():
    assert story.tell(NOW) == EVENTS


def test_nothing_happens_in_the_future_and_everything_in_order():
    times = [event["at"] for event in EVENTS]
    assert times == sorted(times)
    assert times[-1] <= NOW


def test_every_event_has_its_own_id():
    assert len({event["id"] for event in EVENTS}) == len(EVENTS)


def test_everybody_is_introduced_before_anything_else_happens_to_them():
    met = set()
    for event in EVENTS:
        is_introduction = event["type"] in ("lead", "signup_started", "signup")
        assert is_introduction or event["trader"] in met
        met.add(event["trader"])
    assert len(met) == len(people.PEOPLE)


def test_the_numbers_of_the_people_are_valid_and_their_own():
    signups = [event["data"] for event in EVENTS if "cpf" in event["data"]]
    by_person = {data["name"]: data for data in signups}
    assert all(cpf.is_valid(data["cpf"]) for data in by_person.values())
    for key in ("cpf", "phone", "email"):
        assert len({data[key] for data in by_person.values()}) == len(by_person)


def test_money_comes_as_decimal_text_with_its_currency():
    for event in EVENTS:
        if "amount" in event:
            assert event["amount"].endswith(".00")
            assert event["currency"] == "BRL"
