from dataclasses import replace

import pytest

from odoo.addons.veloc_messaging.rules import style_check
from odoo.addons.veloc_messaging.rules.style_check import Policy, Text

WORDS = {
    style_check.FORBIDDEN: ["lucro garantido", "sem risco", "#% ao mês"],
    style_check.RISK: ["envolve risco"],
    style_check.OPT_OUT: ["responda SAIR"],
}
SERVICE = Policy(is_promotional=False, needs_risk_notice=False, words=WORDS)
PROMOTION = replace(SERVICE, is_promotional=True)
TRADING = replace(SERVICE, needs_risk_notice=True)

SMS = Text("sms", "pt_BR", "Olá {{ first_name | default('cliente') }}", is_plain=True)
MAIL = Text("email", "pt_BR", "<p>Olá</p>", subject="Depósito")


def codes(text, policy=SERVICE):
    return [finding.code for finding in style_check.check(text, policy)]


@pytest.mark.parametrize("text", [SMS, MAIL, Text("push", "en_US", "Hi")])
def test_a_good_text_has_nothing_to_repair(text):
    assert codes(text) == []


@pytest.mark.parametrize("body", ["", "  ", "<p><br></p>", "<p>&nbsp;</p>"])
def test_an_empty_text_is_found(body):
    assert codes(replace(MAIL, body=body)) == ["empty_body"]


def test_an_email_needs_a_subject():
    assert codes(replace(MAIL, subject=" ")) == ["missing_subject"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("<p>a</p><script>x</script>", "script"),
        ("<p ONCLICK = 'x'>a</p>", "ONCLICK"),
        ("<a href='javascript:x'>a</a>", "javascript"),
        ("<form>a</form>", "form"),
        ("<iframe src=x>a</iframe>", "iframe"),
    ],
)
def test_what_mail_programs_block_is_found(body, detail):
    (finding,) = style_check.check(replace(MAIL, body=body), SERVICE)

    assert (finding.code, finding.detail) == ("unsafe_html", detail)


def test_an_unknown_variable_is_found_with_a_suggestion():
    (finding,) = style_check.check(replace(SMS, body="{{ fist_name }}"), SERVICE)

    assert (finding.code, finding.detail) == ("unknown_variable", "fist_name")
    assert "first_name" in finding.hint


def test_an_unknown_variable_of_the_subject_is_found():
    assert codes(replace(MAIL, subject="{{ nome }}")) == ["unknown_variable"]


def test_an_unknown_variable_of_a_whatsapp_template_is_found():
    text = Text(
        "whatsapp", "pt_BR", "Oi", content_sid="HX" + "0" * 32, content_names=("nome",)
    )

    assert codes(text) == ["unknown_variable"]


@pytest.mark.parametrize("sid", ["HX123", "abc", "HX" + "z" * 32, "HX" + "0" * 33])
def test_a_wrong_content_sid_is_found(sid):
    assert codes(Text("whatsapp", "pt_BR", "Oi", content_sid=sid)) == [
        "bad_content_sid"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "Lucro Garantido!",
        "LUCRO  garantido",
        "lucro\u200b garantido",
        "<b>lucro</b> garantido",
        "ganhe 10% ao mês",
        "ganhe 2,5% ao mes",
        "É sem risco.",
        "{% if amount is defined %}sem risco{% endif %}",
        "{% if amount is undefined %}sem risco{% endif %}",
        "{{ amount | default('lucro garantido') }}",
    ],
)
def test_a_promise_is_found_however_it_is_written(body):
    assert "forbidden_word" in codes(replace(SMS, body=body))


@pytest.mark.parametrize(
    "body", ["sem arriscar", "o lucro não é garantido", "10 por cento ao mês"]
)
def test_a_text_that_only_resembles_a_promise_is_not_found(body):
    assert codes(replace(SMS, body=body)) == []


def test_a_promotional_email_needs_a_way_out():
    assert codes(MAIL, PROMOTION) == ["missing_unsubscribe"]


@pytest.mark.parametrize("name", ["unsubscribe_url", "preferences_url"])
def test_either_link_is_a_way_out(name):
    text = replace(MAIL, body=f"<a href='{{{{ {name} }}}}'>sair</a>")

    assert codes(text, PROMOTION) == []


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_promotional_message_says_how_to_stop_it(channel):
    assert codes(replace(SMS, channel=channel), PROMOTION) == ["missing_opt_out"]
    said = replace(SMS, channel=channel, body="Oi. Responda sair para parar")
    assert codes(said, PROMOTION) == []


@pytest.mark.parametrize("text", [SMS, MAIL])
def test_where_trading_is_offered_the_risk_is_named(text):
    assert codes(text, TRADING) == ["missing_risk_notice"]
    for words in ("{{ risk_notice }}", "Negociar envolve RISCO."):
        assert codes(replace(text, body=words), TRADING) == []


def test_a_text_is_measured_with_the_longest_values():
    short = replace(SMS, body="{{ reason }}" * 2)

    assert codes(short, replace(SERVICE, max_segments=1)) == []
    assert codes(
        replace(SMS, body="{{ reason }}" * 3), replace(SERVICE, max_segments=1)
    )


def test_an_sms_that_fits_without_accents_is_told_so():
    text = replace(SMS, body="ação " * 30, is_plain=False)

    (finding,) = style_check.check(text, replace(SERVICE, max_segments=1))

    assert (finding.code, finding.detail, finding.hint) == (
        "too_long",
        "3",
        "remove_accents",
    )


def test_only_an_sms_is_measured():
    assert codes(Text("whatsapp", "pt_BR", "a" * 3000)) == []


def test_a_broken_text_is_not_asked_for_what_it_may_contain():
    assert codes(replace(SMS, body="{{ x"), PROMOTION) == ["syntax"]


def test_an_unusable_variable_does_not_hide_what_else_is_wrong():
    text = replace(SMS, body="{{ x.y }} lucro garantido")

    assert codes(text, PROMOTION) == [
        "not_allowed",
        "unknown_variable",
        "forbidden_word",
        "missing_opt_out",
    ]


def test_every_channel_has_a_text_in_portuguese():
    found = style_check.check_all([replace(SMS, lang="en_US"), MAIL], SERVICE)

    assert [(f.code, f.channel) for f in found] == [("no_home_language", "sms")]


def test_a_version_without_a_text_is_found():
    assert [f.code for f in style_check.check_all([], SERVICE)] == ["no_body"]


def test_a_finding_says_where():
    (finding,) = style_check.check(replace(MAIL, subject=""), SERVICE)

    assert (finding.channel, finding.lang) == ("email", "pt_BR")


def test_the_preview_shows_what_people_will_read():
    shown = style_check.preview(replace(SMS, body="Olá {{ first_name }}: {{ amount }}"))

    assert shown.body == "Ola Mariana: R$ 1.234,56"


def test_a_preview_that_cannot_be_made_says_why():
    shown = style_check.preview(replace(SMS, body="{{ nada }}"))

    assert (shown.error, shown.detail) == ("missing_variable", "nada")


def test_a_missing_value_of_a_whatsapp_template_is_an_error():
    with pytest.raises(style_check.template_text.RenderError, match="amount"):
        style_check.content_values(
            ["first_name", "amount"], {"first_name": "A"}, "pt_BR", "UTC"
        )
