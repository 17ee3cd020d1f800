import hashlib

import pytest

from odoo.addons.veloc_compliance.const import LEGAL_BASES
from odoo.addons.veloc_compliance.rules.privacy_notice import (
    Controller,
    Facts,
    compose,
    digest,
    gaps,
    items,
    language,
)

WHO = Controller(
    "Veloc Corretora",
    tax_id="12.345.678/0001-95",
    address="Av. Paulista 1, São Paulo",
    email="oi@veloc.example",
    dpo_name="Helena Prado",
    dpo_email="dpo@veloc.example",
)
ITEMS = {
    "use": "Your e-mail, to send news.",
    "means": "By programs.",
    "duration": "Until you say no.",
    "sharing": "The company that sends our mails.",
    "responsibilities": "We answer.",
}


def facts(**changes):
    known = {
        "purpose": "News",
        "legal_basis": "consent",
        "items": ITEMS,
        "controller": WHO,
        "rights_url": "https://veloc.example/veloc/privacy",
    }
    return Facts(**known | changes)


@pytest.mark.parametrize("lang", ["pt_BR", "en_US"])
def test_the_notice_has_the_seven_items_of_the_law_in_its_order(lang):
    found = items(facts(), lang)
    assert [item.number for item in found] == ["I", "II", "III", "IV", "V", "VI", "VII"]
    assert all(item.title and item.text for item in found)
    text = compose(facts(), lang)
    for words in (*ITEMS.values(), WHO.name, WHO.tax_id, WHO.email, WHO.dpo_name):
        assert words in text


@pytest.mark.parametrize("lang", ["pt_BR", "en_US"])
def test_every_right_of_article_18_is_named(lang):
    rights = items(facts(), lang)[-1].text
    for number in ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"):
        assert f"({number})" in rights
    for other in ("18", "20", "ANPD", "https://veloc.example/veloc/privacy"):
        assert other in rights


@pytest.mark.parametrize("basis", [code for code, _label in LEGAL_BASES])
@pytest.mark.parametrize("lang", ["pt_BR", "en_US"])
def test_every_legal_basis_has_its_words(basis, lang):
    assert "art. 7" in items(facts(legal_basis=basis), lang)[0].text


def test_sensitive_data_are_said_to_be_there():
    assert "art. 11" in compose(facts(is_sensitive=True), "pt_BR")
    assert "art. 11" not in compose(facts(), "pt_BR")


def test_the_two_languages_share_nothing_but_the_facts():
    assert "Os seus direitos" in compose(facts(), "pt_BR")
    assert "Your rights" in compose(facts(), "en_US")
    assert compose(facts(), "pt_BR") != compose(facts(), "en_US")
    assert (language("en"), language("pt_PT"), language(None)) == (
        "en_US",
        "pt_BR",
        "pt_BR",
    )


def test_another_company_is_another_notice():
    other = Controller("Another", email="x@y.example")
    assert compose(facts(), "pt_BR") != compose(facts(controller=other), "pt_BR")


def test_the_hash_is_of_the_very_text():
    assert digest("Olá") == hashlib.sha256("Olá".encode()).hexdigest()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"items": ITEMS | {"means": " "}}, ["means"]),
        ({"controller": Controller("V", "1", email="a@b.c")}, ["dpo"]),
        (
            {"controller": Controller("V", dpo_name="H", dpo_email="h@v.c")},
            ["controller"],
        ),
        ({"controller": Controller("")}, ["controller", "contact", "dpo"]),
    ],
)
def test_what_is_missing_is_named(changes, missing):
    assert gaps(facts(**changes)) == missing
