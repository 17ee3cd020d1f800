"""New VIPs go to whoever looks after the fewest."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules.load import assign


def test_the_one_with_the_fewest_is_next():
    assert assign([1, 2, 3], [7, 8], {7: 2, 8: 1}) == [(1, 8), (2, 7), (3, 8)]


def test_who_is_full_gets_nobody_and_the_rest_waits():
    assert assign([1, 2, 3], [7, 8], {7: 4}, most=1) == [(1, 8)]
    assert assign([1], [], {}) == []


@given(
    st.lists(st.integers(), unique=True, max_size=40),
    st.dictionaries(st.integers(1, 5), st.integers(0, 9)),
)
def test_new_people_never_make_the_loads_more_uneven(waiting, loads):
    people = [1, 2, 3]
    after = {person: loads.get(person, 0) for person in people}
    before = max(after.values()) - min(after.values())
    for _one, person in assign(waiting, people, loads):
        after[person] += 1
    assert max(after.values()) - min(after.values()) <= max(before, 1)
