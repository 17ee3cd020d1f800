import pytest

from odoo.addons.veloc_compliance.rules.preference_form import (
    ALL_CHANNELS,
    PAGE_CHANNELS,
    Change,
    Choice,
    changes,
    channels,
    read,
    stop_everything,
)

NOTHING = {(3, channel): False for channel in PAGE_CHANNELS}
SHOWN = {3: 31}


def test_a_form_says_what_was_shown_and_what_was_ticked():
    form = {
        "shown": ["3:31", "4:41"],
        "allow": ["3:sms", "4:email"],
        "action": ["save"],
    }
    assert read(form) == Choice({3: 31, 4: 41}, frozenset({(3, "sms"), (4, "email")}))


def test_the_stop_button_is_heard():
    assert read({"action": ["stop"]}).stop
    assert not read({"action": ["save"]}).stop
    assert not read({}).stop


@pytest.mark.parametrize(
    "value",
    [
        *("", ":", "3", "3:", ":31", "x:31", "3:x", "-3:31", "3:31:1", "³:31", "3 :31"),
        *("9" * 10 + ":31", "3:" + "9" * 40, "0x3:31", "3.0:31", "\u0663:31"),
    ],
)
def test_rubbish_in_what_was_shown_is_not_there(value):
    assert read({"shown": [value]}).shown == {}


@pytest.mark.parametrize(
    "value", ["", "sms", "3:", "3:fax", "3:push", "x:sms", "3:SMS", "3:sms:", ":sms"]
)
def test_rubbish_in_the_boxes_is_not_there(value):
    assert read({"allow": [value]}).ticked == frozenset()


def test_one_bad_field_does_not_lose_the_good_ones():
    form = {"shown": ["x", "3:31"], "allow": ["3:fax", "3:sms"]}
    assert read(form) == Choice({3: 31}, frozenset({(3, "sms")}))


def test_a_ticked_box_is_a_yes_to_the_version_that_was_shown():
    choice = Choice(SHOWN, frozenset({(3, "sms")}))
    assert changes(NOTHING, choice) == [Change(3, "sms", True, 31)]


def test_an_emptied_box_is_a_no():
    current = NOTHING | {(3, "sms"): True}
    assert changes(current, Choice(SHOWN, frozenset())) == [Change(3, "sms", False, 31)]


def test_what_did_not_change_is_not_recorded_again():
    current = NOTHING | {(3, "sms"): True}
    assert changes(current, Choice(SHOWN, frozenset({(3, "sms")}))) == []


def test_what_was_not_shown_does_not_move():
    current = {(4, "sms"): True, (3, "sms"): True}
    choice = Choice(SHOWN, frozenset({(3, "sms"), (4, "email")}))
    assert changes(current, choice) == []


def test_an_empty_form_changes_nothing():
    current = {(3, "sms"): True}
    assert changes(current, read({})) == []


def test_a_box_the_page_does_not_have_cannot_be_ticked():
    choice = Choice({99: 1}, frozenset({(99, "sms")}))
    assert changes(NOTHING, choice) == []


def test_each_channel_moves_alone():
    current = NOTHING | {(3, "email"): True}
    choice = Choice(SHOWN, frozenset({(3, "email"), (3, "call")}))
    assert changes(current, choice) == [Change(3, "call", True, 31)]


def test_the_channels_of_a_choice_are_those_of_boxes_that_were_shown():
    choice = Choice(SHOWN, frozenset({(3, "sms"), (4, "email")}))
    assert channels(choice) == {"sms"}


def test_stop_closes_every_purpose_on_every_channel():
    stops = stop_everything([3, 4], set())
    assert len(stops) == 2 * len(ALL_CHANNELS)
    assert {s.granted for s in stops} == {False}
    assert {s.version_id for s in stops} == {None}


def test_stop_reaches_channels_the_page_does_not_show():
    assert {s.channel for s in stop_everything([3], set())} == set(ALL_CHANNELS)


def test_stop_pressed_again_adds_nothing():
    revoked = {(s.purpose_id, s.channel) for s in stop_everything([3, 4], set())}
    assert stop_everything([3, 4], revoked) == []


def test_stop_leaves_out_what_is_revoked_already():
    stops = stop_everything([3], {(3, "sms")})
    assert "sms" not in {s.channel for s in stops}
    assert len(stops) == len(ALL_CHANNELS) - 1
