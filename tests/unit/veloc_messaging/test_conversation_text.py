import pytest

from odoo.addons.veloc_messaging.rules import conversation_text as text

TOKEN = "https://veloc.example/veloc/preferences/eyJhIjoxfQ.c2ln"


@pytest.mark.parametrize("kind", ["preferences", "unsubscribe", "l"])
def test_personal_addresses_are_cut_off_before_the_token(kind):
    said = f"Veja https://veloc.example/veloc/{kind}/s3cr3t?x=1 hoje"
    assert text.shown(said) == f"Veja https://veloc.example/veloc/{kind}/… hoje"
    assert "s3cr3t" not in text.preview(said)


def test_every_one_of_them_is():
    assert text.shown(f"{TOKEN} e {TOKEN}").count("…") == 2
    assert "eyJ" not in text.shown(f"{TOKEN} e {TOKEN}")


def test_other_addresses_stay():
    said = "https://veloc.example/deposito?utm_source=sms"
    assert text.shown(said) == said


def test_the_preview_is_one_short_line():
    assert text.preview("Oi,\n\n tudo   bem?") == "Oi, tudo bem?"
    long = text.preview("a" * 500)
    assert len(long) == text.PREVIEW
    assert long.endswith("…")


def test_the_history_keeps_lines_and_has_an_end():
    assert text.shown("a\n\n\n\n\nb\n") == "a\n\nb"
    assert len(text.shown("a" * 9000)) == text.LONGEST
    assert text.shown(None) == ""


def test_bold_and_headings_of_a_mail_leave_only_their_words():
    html = '<h2 style="x">Olá, <b>Ana</b></h2><p>Seu <strong>saque</strong></p>'
    assert text.without_emphasis(html) == "<p>Olá, Ana</p><p>Seu saque</p>"
    assert text.without_emphasis("<img><body><br>") == "<img><body><br>"
    assert text.without_emphasis(None) == ""


@pytest.mark.parametrize("said", ["", " ", "\n\t", "\u200b", None])
def test_nothing_cannot_be_sent(said):
    assert not text.is_sendable(said)


def test_a_single_sign_can():
    assert text.is_sendable("👍")
