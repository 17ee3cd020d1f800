import pytest

from odoo.addons.veloc_messaging.rules.phone_variants import variants


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+5511961234567", ("+5511961234567", "+551161234567")),
        ("+551161234567", ("+551161234567", "+5511961234567")),
        ("whatsapp:+5531981234567", ("+5531981234567", "+553181234567")),
        ("5511961234567", ("+5511961234567", "+551161234567")),
        ("+551133334444", ("+551133334444",)),  # land line: no ninth digit
        ("+5511912345678", ("+5511912345678",)),  # never existed with eight digits
        ("+14155550100", ("+14155550100",)),
        ("+551196123456789", ("+551196123456789",)),
        ("whatsapp:BR.123", ("BR.123",)),  # a WhatsApp user without number
        ("", ()),
        ("whatsapp:", ()),
    ],
)
def test_spellings_of_a_number(number, expected):
    assert variants(number) == expected


def test_both_spellings_know_each_other():
    new, old = variants("+5511987654321")
    assert set(variants(old)) == {new, old}


def test_an_e_mail_address_that_begins_with_a_digit_is_no_number():
    assert variants("99ana@example.com") == ("99ana@example.com",)
