"""The broker simulator tells a story that the events API can take."""

import random
from collections import Counter
from datetime import UTC, datetime

import requests

from tools.sandbox import broker
from tools.sandbox.story import MOST_TRADERS, Story

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


def events(count=600, seed=7):
    story = Story(random.Random(seed))
    return [story.next_event(NOW) for _n in range(count)]


def test_everybody_signs_up_before_doing_anything_else():
    known = set()
    for event in events():
        if event["type"] == "signup":
            known.add(event["trader"])
        assert event["trader"] in known


def test_the_opening_makes_a_stranger_and_then_alarms_them():
    story = Story(random.Random(4))
    signup, alarm = story.opening(NOW)
    assert (signup["type"], alarm["type"]) == ("signup", "login_suspicious")
    assert signup["trader"] == alarm["trader"]


def test_the_number_of_traders_is_bounded():
    kinds = Counter(event["type"] for event in events(2000))
    assert kinds["signup"] == MOST_TRADERS
    assert {"trade", "deposit_approved", "withdrawal_paid", "login"} < set(kinds)


def test_nobody_withdraws_before_a_deposit():
    deposited = set()
    for event in events():
        if event["type"] == "deposit_approved":
            deposited.add(event["trader"])
        if event["type"].startswith("withdrawal"):
            assert event["trader"] in deposited


def test_money_always_has_a_currency_and_events_never_share_an_id():
    told = events()
    assert len({event["id"] for event in told}) == len(told)
    assert all(("amount" in event) == ("currency" in event) for event in told)


def test_phones_are_mobiles_and_all_different():
    phones = [e["data"]["phone"] for e in events(2000) if e["type"] == "signup"]
    assert len(set(phones)) == len(phones)
    assert {len(phone) for phone in phones} == {14}


def test_without_a_key_the_simulator_does_not_start():
    assert broker.main([], {}) == 1


def test_a_house_that_is_down_does_not_end_the_simulator(ear):
    ear.answers.extend([503, 503])
    naps = []
    arguments = ["--url", ear.url, "--rounds", "2", "--every", "5", "--seed", "1"]
    assert broker.main(arguments, {"VELOC_API_KEY": "k"}, naps.append) == 0
    assert naps == [5, 5]
    path, headers, _form = ear.heard[0]
    assert path == "/veloc/api/v1/events"
    assert headers["Authorization"] == "Bearer k"


def test_the_answer_of_the_house_is_passed_on(sandbox):
    options = broker.options_from(["--url", f"{sandbox.url}/nowhere"])
    assert broker.post(options, "k", []) is None
    assert requests.get(f"{sandbox.url}/sandbox/health", timeout=5).ok
