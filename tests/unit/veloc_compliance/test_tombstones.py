"""Nobody comes back from a list, a late event or a backup; only by their own word."""

import dataclasses
import hashlib
import hmac
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import comeback, erasure_state
from odoo.addons.veloc_compliance.rules import tombstone_journal as journal

few = settings(max_examples=60, deadline=None)
ERASED = datetime(2026, 3, 11, 15, 0)
YES = {"purpose": "marketing", "channel": "sms", "granted": True}
NO = {**YES, "granted": False}
ENTRY = journal.Entry(
    "a1", journal.DESTROYED, "2026-03-11T15:00:00", 7, (("cpf", "ff00"),)
)


def mac(data, key=b"k"):
    return hmac.digest(key, data, hashlib.sha256)


class TestTheJournal:
    def test_a_line_comes_back_as_it_went(self):
        assert journal.read(journal.write(ENTRY, mac), mac) == ENTRY

    @few
    @given(
        st.builds(
            journal.Entry,
            reference=st.text(max_size=20),
            deed=st.sampled_from(sorted(journal.DEEDS)),
            at=st.text(max_size=20),
            partner_id=st.integers(1),
            marks=st.lists(st.tuples(st.text(), st.text())).map(tuple),
            care=st.lists(st.tuples(st.text(), st.none() | st.text())).map(tuple),
            reason=st.text(max_size=20),
        )
    )
    def test_whatever_it_says_it_stays_on_one_line(self, entry):
        line = journal.write(entry, mac)
        assert len(line.splitlines()) == 1
        assert journal.read(line, mac) == entry

    @pytest.mark.parametrize("old", ["destroyed", "ff00", '"partner_id":7', "a1"])
    def test_a_changed_line_is_refused(self, old):
        line = journal.write(ENTRY, mac)
        changed = line.replace(old, old[:-1] + "8")
        assert changed != line
        with pytest.raises(journal.BadLineError):
            journal.read(changed, mac)

    def test_a_line_of_another_key_is_refused(self):
        line = journal.write(ENTRY, lambda data: mac(data, b"other"))
        with pytest.raises(journal.BadLineError, match="changed"):
            journal.read(line, mac)

    @pytest.mark.parametrize("line", ["[]", "{}", "nonsense", '{"entry": 1}', "1"])
    def test_what_is_no_line_is_refused(self, line):
        with pytest.raises(journal.BadLineError):
            journal.read(line, mac)

    def test_a_line_that_a_crash_cut_off_loses_no_other(self):
        whole = journal.write(ENTRY, mac)
        entries, bad = journal.read_all([whole, "", whole[:40], whole], mac)
        assert (entries, bad) == ([ENTRY, ENTRY], [3])


class TestComingBack:
    def test_a_fresh_signup_with_a_yes_is_a_new_beginning(self):
        later = ERASED + timedelta(seconds=1)
        assert comeback.is_fresh_signup(True, later, [NO, YES], ERASED)

    @pytest.mark.parametrize(
        ("is_signup", "days", "consents"),
        [
            (False, 1, [YES]),
            (True, -1, [YES]),
            (True, 0, [YES]),
            (True, 1, []),
            (True, 1, [NO]),
            (True, 1, [{"granted": "true"}]),
        ],
    )
    def test_nothing_less_brings_anybody_back(self, is_signup, days, consents):
        at = ERASED + timedelta(days=days)
        assert not comeback.is_fresh_signup(is_signup, at, consents, ERASED)

    def test_who_excluded_themselves_stays_excluded(self):
        now = ERASED + timedelta(days=30)
        marks = [
            comeback.Mark(
                1,
                ERASED,
                (("self_exclusion", None), ("cooling_off", ERASED), ("opt_out", None)),
            ),
            comeback.Mark(2, ERASED, (("self_exclusion", None), ("minor", None))),
        ]
        assert list(comeback.care_to_renew(marks, now)) == [
            ("self_exclusion", None),
            ("minor", None),
        ]


class TestTheRoad:
    def test_leads_from_the_request_to_the_destroyed_key(self):
        road = [erasure_state.REQUESTED]
        while state := erasure_state.next_state(road[-1], is_held=False):
            road.append(state)
        assert tuple(road) == erasure_state.ORDER

    def test_a_hold_keeps_the_sealed_copy_and_nothing_else(self):
        road = [erasure_state.REQUESTED]
        while state := erasure_state.next_state(road[-1], is_held=True):
            road.append(state)
        assert road[-1] == erasure_state.PSEUDONYMISED

    @pytest.mark.parametrize("source", erasure_state.ORDER)
    @pytest.mark.parametrize("target", erasure_state.ORDER)
    def test_knows_one_step_and_no_way_back(self, source, target):
        step = erasure_state.ORDER.index(target) - erasure_state.ORDER.index(source)
        assert erasure_state.can_move(source, target) == (step == 1)


def test_an_entry_holds_nothing_but_what_it_names():
    assert {f.name for f in dataclasses.fields(journal.Entry)} == {
        "reference",
        "deed",
        "at",
        "partner_id",
        "marks",
        "care",
        "reason",
    }
