import pytest

from odoo.addons.veloc_messaging.rules import whatsapp_submission
from odoo.addons.veloc_messaging.rules.template_text import RenderError
from odoo.addons.veloc_messaging.rules.whatsapp_submission import Submission

HOUSE = {"broker_name": "Veloc", "support_phone": None}
SAMPLES = {"first_name": "Mariana", "amount": "R$ 1,00"}


def prepare(source):
    return whatsapp_submission.prepare(source, HOUSE, SAMPLES)


def codes(body, names=("first_name",), name="ok_v1", category="UTILITY"):
    flaws = whatsapp_submission.flaws(name, category, Submission(body, names))
    return [code for code, _detail in flaws]


def test_variables_are_numbered_in_order_with_their_samples():
    found = prepare("Olá {{ first_name | default('cliente') }}, são {{ amount }} hoje.")

    assert found.body == "Olá {{1}}, são {{2}} hoje."
    assert found.names == ("first_name", "amount")
    assert found.samples == ("Mariana", "R$ 1,00")


def test_a_variable_used_twice_gets_two_numbers():
    assert prepare("{{ amount }} ou {{ amount }}").body == "{{1}} ou {{2}}"


def test_what_the_house_says_about_itself_is_written_out():
    found = prepare("Oi {{ first_name }}. {{ broker_name }}")

    assert found.body == "Oi {{1}}. Veloc"
    assert found.names == ("first_name",)


def test_a_house_value_that_is_not_set_is_named():
    with pytest.raises(RenderError) as error:
        prepare("Ligue {{ support_phone }}")
    assert (error.value.code, error.value.detail) == (
        "missing_variable",
        "support_phone",
    )


@pytest.mark.parametrize(
    ("source", "construct"),
    [
        ("{% if amount is defined %}x{% endif %}", "if"),
        ("{{ first_name | upper }}", "upper"),
        ("{{ 'x' }}", "const"),
    ],
)
def test_what_whatsapp_cannot_hold_is_refused(source, construct):
    with pytest.raises(RenderError) as error:
        prepare(source)
    assert (error.value.code, error.value.detail) == ("not_plain", construct)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Olá {{1}}, tudo bem?", []),
        ("{{1}}, tudo bem hoje?", ["template_starts"]),
        ("Tudo bem com você {{1}}", ["template_ends"]),
        ("Tudo bem com você {{1}}.", []),
        ("Olá você {{1}}.", ["template_ratio"]),
        ("a" * 1020 + " b {{1}} c", ["template_length"]),
        ("Olá {{1}}, tudo\n\n\nbem?", ["template_lines"]),
    ],
)
def test_what_whatsapp_would_refuse_is_found_before(body, found):
    assert codes(body) == found


def test_variables_side_by_side_are_found():
    assert codes("Oi a b c d {{1}} {{2}} fim", ("a", "b")) == ["template_side_by_side"]


@pytest.mark.parametrize("name", ["", "Deposit", "depósito", "a-b", "a b", "a" * 513])
def test_a_name_that_whatsapp_refuses_is_found(name):
    assert codes("Olá {{1}}, tudo bem?", name=name) == ["template_name"]


def test_a_category_is_one_of_three():
    assert codes("Olá {{1}}, tudo bem?", category="PROMO") == ["template_category"]


def test_an_empty_text_is_found():
    assert codes("", ()) == ["template_empty"]


@pytest.mark.parametrize(
    ("code", "name"), [("deposit.approved-1", "deposit_approved_1_v3"), ("a", "a_v3")]
)
def test_a_name_comes_from_the_code_and_the_version(code, name):
    assert whatsapp_submission.name_for(code, 3) == name
    assert codes("Olá {{1}}, tudo bem?", name=name) == []
