import pytest

from odoo.addons.veloc_compliance.rules.purpose import (
    WRITTEN_ITEMS,
    Version,
    covers_from,
    is_generic,
    publish_fault,
)

ITEMS = dict.fromkeys(WRITTEN_ITEMS, "Said in words.")


def version(number=2, **facts):
    known = {
        "state": "draft",
        "legal_basis": "consent",
        "notice": "We write to you.",
        "items": ITEMS,
    }
    return Version(number, **known | facts)


def test_a_complete_draft_can_be_published():
    assert publish_fault(version()) is None


@pytest.mark.parametrize("state", ["published", "retired"])
def test_only_a_draft_can_be_published(state):
    assert publish_fault(version(state=state)) == "not_a_draft"


@pytest.mark.parametrize("notice", ["", "  \n\t "])
def test_nobody_can_agree_to_an_empty_text(notice):
    assert publish_fault(version(notice=notice)) == "no_notice"


@pytest.mark.parametrize("standing", ["missing", "not_approved", "expired"])
def test_legitimate_interest_needs_its_balancing(standing):
    draft = version(legal_basis="legitimate_interest", balancing=standing)
    assert publish_fault(draft) == f"balancing_{standing}"


def test_balanced_legitimate_interest_can_be_published():
    draft = version(legal_basis="legitimate_interest", balancing="valid")
    assert publish_fault(draft) is None


@pytest.mark.parametrize("item", WRITTEN_ITEMS)
def test_a_notice_without_one_of_its_items_is_not_published(item):
    assert publish_fault(version(items=ITEMS | {item: "  "})) == f"no_{item}"


@pytest.mark.parametrize(
    "text",
    [
        "Usaremos os seus dados para quaisquer finalidades.",
        "Autorizo o uso para todas as finalidades da empresa.",
        "Para marketing e outros fins.",
        "Finalidades diversas.",
        "We use your data for any purpose.",
        "For marketing and other purposes.",
        "For all lawful purposes.",
    ],
)
def test_a_text_that_asks_for_everything_is_void(text):
    assert is_generic(text)
    assert publish_fault(version(notice=text)) == "generic"
    assert publish_fault(version(items=ITEMS | {"use": text})) == "generic"
    assert publish_fault(version(name=text)) == "generic"


@pytest.mark.parametrize(
    "text",
    [
        "Usamos o seu e-mail para enviar novidades do mercado.",
        "Todas as mensagens trazem um link para sair.",
        "We use all of these data to send you news.",
        "Its purpose is to warn you of fraud.",
    ],
)
def test_a_text_that_names_its_purpose_is_none_of_them(text):
    assert not is_generic(text)


@pytest.mark.parametrize("basis", ["legitimate_interest", "credit"])
def test_sensitive_data_know_no_legitimate_interest_nor_credit(basis):
    draft = version(legal_basis=basis, is_sensitive=True, balancing="valid")
    assert publish_fault(draft) == "never_sensitive"


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({}, "no_sensitive_basis"),
        ({"sensitive_basis": "consent"}, "no_sensitive_notice"),
        ({"sensitive_basis": "consent", "sensitive_notice": "Your face."}, None),
        (
            {
                "sensitive_basis": "consent",
                "sensitive_notice": "Your face.",
                "legal_basis": "contract",
            },
            "sensitive_not_asked",
        ),
        ({"sensitive_basis": "fraud_prevention", "legal_basis": "contract"}, None),
        (
            {"sensitive_basis": "fraud_prevention", "kind": "marketing"},
            "sensitive_needs_consent",
        ),
    ],
)
def test_sensitive_data_need_a_ground_of_their_own(facts, fault):
    assert publish_fault(version(is_sensitive=True, **facts)) == fault


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


def test_nobody_agreed_to_sensitive_data_that_were_not_there():
    previous = version(1, state="published", covers_from=1)
    asking = version(2, keeps_consents=True, is_sensitive=True)
    assert covers_from(asking, previous) == 2
