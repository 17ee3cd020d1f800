"""How many are reached: exact for all, an honest interval for a sample."""

import random

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules.segment_list import read_list
from odoo.addons.veloc_crm.rules.segment_reach import Estimate, estimate


def test_who_was_asked_whole_has_no_interval():
    assert estimate(7, 10, 10) == Estimate(7, 7, 7)


def test_nobody_asked_says_nothing():
    assert estimate(0, 0, 50) == Estimate(0, 0, 50)


@given(st.integers(1, 2_000), st.data())
def test_the_interval_holds_the_count_and_what_was_seen(asked, data):
    people = data.draw(st.integers(asked, 1_000_000))
    hits = data.draw(st.integers(0, asked))
    found = estimate(hits, asked, people)
    assert hits <= found.low <= found.count <= found.high <= people - (asked - hits)


def test_nineteen_of_twenty_intervals_hold_the_truth():
    dice = random.Random(5)
    people, reached = 50_000, 3_000
    held = 0
    for _n in range(400):
        hits = sum(index < reached for index in dice.sample(range(people), 2_000))
        found = estimate(hits, 2_000, people)
        held += found.low <= reached <= found.high
    assert 0.92 <= held / 400 <= 0.985


def test_the_first_cell_of_each_line_names_somebody():
    text = "\ufeffE-mail;Nome\nana@example.com;Ana\n\n;T-7;x\n"
    found = [(one.line, one.text) for one in read_list(text)]
    assert found == [(2, "ana@example.com"), (4, "T-7")]
