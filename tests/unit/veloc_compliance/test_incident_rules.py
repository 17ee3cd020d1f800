"""Assessment, steps, letters and people of an incident."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import (
    incident_letter,
    incident_people,
    incident_risk,
    incident_state,
)

ANSWERS = incident_risk.IMPACTS + incident_risk.CRITERIA + incident_risk.MITIGATIONS
answers = st.dictionaries(st.sampled_from(ANSWERS), st.booleans())

# === RISK === #


@given(answers)
def test_it_is_communicated_when_people_and_data_both_meet_the_criteria(given_answers):
    yes = {code for code, answer in given_answers.items() if answer}
    found = incident_risk.assess(given_answers)
    hurts, weighs = (
        bool(yes & set(codes))
        for codes in (incident_risk.IMPACTS, incident_risk.CRITERIA)
    )
    assert found.must_notify == (hurts and weighs)
    assert set(found.impacts + found.criteria + found.mitigations) == yes


@pytest.mark.parametrize(
    ("yes", "must", "reason"),
    [
        ((), False, "neither"),
        (("fraud",), False, "no_criterion"),
        (("financial", "large_scale"), False, "no_impact"),
        (("fraud", "financial"), True, "both"),
        # What lowers the risk never decides alone: a person does, with reasons.
        (("fraud", "financial", "unreadable"), True, "both"),
        (("unreadable", "contained"), False, "neither"),
    ],
)
def test_the_answer_names_its_reason(yes, must, reason):
    found = incident_risk.assess(dict.fromkeys(yes, True))
    assert (found.must_notify, found.reason) == (must, reason)


@pytest.mark.parametrize("criterion", incident_risk.CRITERIA)
def test_each_criterion_of_article_5_is_enough(criterion):
    assert incident_risk.assess({criterion: True, "moral_damage": True}).must_notify


# === STEPS === #

STATES = tuple(incident_state.MOVES)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("target", STATES)
def test_every_step_says_what_it_needs(state, target):
    exists = incident_state.can_move(state, target)
    assert exists == ((state, target) in incident_state.NEEDS)
    assert not incident_state.can_move("elsewhere", target)


def test_a_step_lists_what_is_missing_in_the_order_of_the_form():
    facts = {"data_affected": "Names", "decision": "notify"}
    missing = incident_state.missing("registered", "assessed", facts)
    assert missing == ["nature", "decision_reason"]


def test_nobody_communicates_before_the_list_is_frozen():
    facts = {"notify": True, "affected_known_at": date(2026, 3, 1)}
    missing = incident_state.missing("assessed", "communicating", facts)
    assert missing == ["list_frozen"]


def test_an_incident_that_is_not_communicated_still_closes_with_its_reasons():
    missing = incident_state.missing("assessed", "closed", {"not_notify": True})
    assert missing == ["root_cause", "measures_after", "tasks_done"]


@pytest.mark.parametrize(
    ("due", "told", "late"), [(5, 6, True), (5, 5, False), (5, None, False)]
)
def test_who_is_late_says_why(due, told, late):
    facts = {"due_at": due, "authority_told_at": told}
    assert incident_state.needs_delay_reason(facts) is late


def test_only_a_closed_incident_is_not_open():
    assert set(STATES) - incident_state.OPEN == {"closed"}


# === LETTERS === #

WHOLE = " ".join(f"{{{item}}}" for item in incident_letter.ITEMS)


def test_the_six_items_of_article_9_are_wanted_and_the_reason_of_a_delay():
    assert incident_letter.missing(WHOLE) == []
    assert incident_letter.missing(WHOLE, is_late=True) == ["delay"]
    assert incident_letter.missing("Dear {name}: {data}")[0] == "measures"


def test_a_placeholder_that_means_nothing_is_found():
    assert incident_letter.unknown("{name} {naem} {name} {cpf}") == ["naem", "cpf"]
    assert not incident_letter.unknown(WHOLE + " {delay}")


def test_what_is_empty_leaves_no_gap():
    text = "Dear {name},\n\n{delay}\n\nWhat: {data}  \n"
    filled = incident_letter.fill(text, {"name": "Ana", "data": "E-mail"})
    assert filled == "Dear Ana,\n\nWhat: E-mail"


@given(st.text())
def test_a_text_without_placeholders_keeps_its_words(text):
    words = text.replace("{", "").split()
    assert incident_letter.fill(text.replace("{", ""), {}).split() == words


def test_a_name_is_never_read_as_a_placeholder():
    assert incident_letter.fill("{name}", {"name": "{cpf}"}) == "{cpf}"


# === PEOPLE === #

DAY = date(2026, 3, 11)


@pytest.mark.parametrize(
    ("born", "group"),
    [
        (None, "unknown"),
        (date(2027, 1, 1), "unknown"),
        (date(2014, 3, 12), "child"),
        (date(2014, 3, 11), "adolescent"),
        (date(2008, 3, 12), "adolescent"),
        (date(2008, 3, 11), "adult"),
        (date(1966, 3, 12), "adult"),
        (date(1966, 3, 11), "elderly"),
    ],
)
def test_ages_that_the_law_counts_apart(born, group):
    assert incident_people.age_group(born, DAY) == group


def test_a_list_holds_ids_and_addresses_and_names_its_bad_lines():
    text = "\ufeffid;email\n12;x\n;Ana@Example.com\n\nnobody\n12\nrui@example.com;7\n"
    found = incident_people.read_people(text)
    assert found.ids == (12,)
    assert found.emails == ("ana@example.com", "rui@example.com")
    assert found.bad_lines == (5,)


def test_a_number_too_long_for_an_id_is_none():
    found = incident_people.read_people("heading\n12345678901\n²\n")
    assert found.bad_lines == (2, 3)


@given(st.text())
def test_no_text_breaks_the_reading(text):
    found = incident_people.read_people(text.replace("\0", ""))
    assert all(id_ >= 0 for id_ in found.ids)
