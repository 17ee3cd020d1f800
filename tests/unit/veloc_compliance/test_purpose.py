import pytest

from odoo.addons.veloc_compliance.rules.purpose import (
    Version,
    covers_from,
    publish_fault,
)


def version(number=2, **facts):
    known = {"state": "draft", "legal_basis": "consent", "notice": "We write to you."}
    return Version(number, **known | facts)


def test_a_complete_draft_can_be_published():
    assert publish_fault(version()) is None


@pytest.mark.parametrize("state", ["published", "retired"])
def test_only_a_draft_can_be_published(state):
    assert publish_fault(version(state=state)) == "not_a_draft"


@pytest.mark.parametrize("notice", ["", "  \n\t "])
def test_nobody_can_agree_to_an_empty_text(notice):
    assert publish_fault(version(notice=notice)) == "no_notice"


@pytest.mark.parametrize("note", ["", "   "])
def test_legitimate_interest_needs_its_balancing(note):
    draft = version(legal_basis="legitimate_interest", balancing_note=note)
    assert publish_fault(draft) == "no_balancing_note"


def test_balanced_legitimate_interest_can_be_published():
    draft = version(legal_basis="legitimate_interest", balancing_note="Weighed.")
    assert publish_fault(draft) is None


@pytest.mark.parametrize("basis", ["consent", "contract", "legal_obligation"])
def test_other_bases_need_no_balancing(basis):
    assert publish_fault(version(legal_basis=basis)) is None


def test_a_first_version_covers_itself():
    assert covers_from(version(1, keeps_consents=True), None) == 1


def test_a_changed_purpose_asks_everybody_again():
    previous = version(1, state="published", covers_from=1)
    assert covers_from(version(2), previous) == 2


def test_a_corrected_text_keeps_the_consents_of_the_one_before():
    previous = version(1, state="published", covers_from=1)
    assert covers_from(version(2, keeps_consents=True), previous) == 1


def test_a_chain_of_corrections_reaches_back_to_the_last_change():
    changed = version(3, state="published", covers_from=3)
    fourth = version(4, keeps_consents=True)
    fifth = version(5, keeps_consents=True)
    kept = covers_from(fourth, changed)
    assert kept == 3
    published = version(4, state="published", covers_from=kept)
    assert covers_from(fifth, published) == 3


@pytest.mark.parametrize("basis", ["legitimate_interest", "contract"])
def test_words_under_another_basis_never_become_consents(basis):
    previous = version(1, state="published", legal_basis=basis, covers_from=1)
    assert covers_from(version(2, keeps_consents=True), previous) == 2
