from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.letter_text import GAPS, fill, unknown_gaps


def test_gaps_are_filled_and_empty_ones_leave_no_hole():
    text = "Hello {{ first_name }},\n\n{{details}}\n\n{{ reason }}\n\nBye"
    filled = fill(text, {"first_name": "Ana", "details": "All of it."})
    assert filled == "Hello Ana,\n\nAll of it.\n\nBye"


@given(st.text())
def test_what_a_person_wrote_cannot_open_a_gap(value):
    secret = "s3cret"
    filled = fill(
        "x{{ details }}x", {"details": f"{value}{{{{ link }}}}", "link": secret}
    )
    assert secret not in filled or secret in value


def test_a_gap_that_nobody_fills_is_named():
    assert unknown_gaps("{{ first_name }} {{ pasword }} {{ x }}") == ["pasword", "x"]
    assert not unknown_gaps(" ".join(f"{{{{ {gap} }}}}" for gap in GAPS))
