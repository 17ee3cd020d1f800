import pytest

from odoo.addons.veloc_messaging.rules import (
    sms_segments,
    style_check,
    template_text,
    template_variants,
)
from odoo.addons.veloc_messaging.rules.style_check import Text
from odoo.addons.veloc_messaging.rules.template_variants import Wish

MAIL = Text(
    "email",
    "pt_BR",
    "<style>p{}</style><p>Olá, {{ first_name | default('tudo bem?') }}</p>"
    "<p>Seu depósito de <b>{{ amount }}</b> foi aprovado. Já está na sua conta &amp; "
    "pode ser usado. {% if city is defined %}Em {{ city }}. Ou não.{% endif %}</p>"
    "<ul><li>Veja em <a href='{{ site_url }}'>nosso site</a></li></ul>"
    "<p><a href='{{ unsubscribe_url }}'>Cancelar</a></p>"
    "<p>Equipe {{ broker_name }}</p>",
    subject="Depósito de {{ amount }} aprovado",
)


def derive(channel, source=MAIL, **more):
    return template_variants.derive(source, Wish(channel, **more))


def test_an_sms_says_who_writes_and_what_happened():
    subject, body = derive("sms", max_segments=2)

    assert subject == ""
    assert "Seu depósito de {{ amount }} foi aprovado." in body
    assert "<" not in body
    assert "unsubscribe" not in body


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_an_sms_fits_with_the_longest_values(limit):
    body = derive("sms", is_promotional=True, max_segments=limit)[1]
    shown = style_check.preview(Text("sms", "pt_BR", body, is_plain=True), worst=True)

    assert not shown.error
    assert sms_segments.measure(shown.body).segments <= limit


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_promotional_text_gets_its_way_out(channel):
    assert "Responda SAIR" in derive(channel, is_promotional=True)[1]
    assert "SAIR" not in derive(channel)[1]


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "push", "call", "email"])
def test_the_notice_comes_along_once(channel):
    assert derive(channel, needs_notice=True)[1].count("{{ risk_notice }}") == 1


def test_whatsapp_keeps_paragraphs_bold_and_links():
    body = derive("whatsapp")[1]

    assert "*{{ amount }}*" in body
    assert "nosso site: {{ site_url }}" in body
    assert "\n\n" in body
    assert "conta & pode" in body


def test_a_push_message_has_a_short_title_and_text():
    title, body = derive("push")
    shown = style_check.preview(Text("push", "pt_BR", body, subject=title), worst=True)

    assert title == "Depósito de {{ amount }} aprovado"
    assert len(shown.subject) <= template_variants.PUSH_TITLE
    assert len(shown.body) <= template_variants.PUSH_BODY


def test_a_call_has_an_opening_the_points_and_an_end():
    body = derive("call")[1]

    assert "{{ broker_name }}" in body.splitlines()[0]
    assert "- Seu depósito de {{ amount }} foi aprovado." in body
    assert body.endswith("?")


def test_an_email_is_made_from_an_sms():
    source = Text("sms", "en_US", "Your deposit of {{ amount }} is in. See 1 < 2 & go.")

    subject, body = derive("email", source, is_promotional=True)

    assert subject == "Your deposit of {{ amount }} is in"
    assert "1 &lt; 2 &amp; go" in body
    assert '<a href="{{ unsubscribe_url }}">Unsubscribe</a>' in body


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "push", "call", "email"])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{{ first_name | default('Oi. Tudo bem? Sim!') }}, leia. Agora. Já.",
        "{% if city is defined %}A. B. C.{% else %}D! E?{% endif %} F. " * 9,
        "palavra " * 400,
        "<p></p><br><b></b>",
        "Sem fim: " + "{{ reason }} " * 30,
    ],
)
def test_no_draft_cuts_a_variable_or_a_condition(channel, body):
    source = Text("email", "pt_BR", body, subject="Oi {{ first_name | default('.') }}")

    for text in derive(channel, source, is_promotional=True):
        assert template_variants.is_sound(text)
        assert not template_text.flaws(text)


def test_the_same_text_gives_the_same_drafts():
    assert derive("sms") == derive("sms")
