import pytest
from markupsafe import Markup

from odoo.addons.veloc_messaging.rules import channel_look, text_diff
from odoo.addons.veloc_messaging.rules.text_diff import ADDED, REMOVED, SAME

EVIL = "<script>alert(1)</script> & 'x'"


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "push", "call"])
def test_no_text_becomes_html(channel):
    shown = channel_look.look(channel, subject=EVIL, body=EVIL, sender=EVIL)

    assert "<script" not in shown
    assert "&lt;script" in shown


def test_an_email_escapes_all_but_its_cleaned_body():
    shown = channel_look.look(
        "email", subject=EVIL, body=Markup("<b>x</b>"), sender=EVIL
    )

    assert "<b>x</b>" in shown
    assert "<script" not in shown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*forte* _leve_ ~fora~", "<strong>forte</strong> <em>leve</em> <s>fora</s>"),
        ("*<b>*", "<strong>&lt;b&gt;</strong>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a_b_c", "a_b_c"),
    ],
)
def test_whatsapp_shows_its_own_marks(text, html):
    assert html in channel_look.look("whatsapp", subject="", body=text, sender="V")


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("a", "a", [(SAME, "a")]),
        ("", "a", [(ADDED, "a")]),
        ("a", "", [(REMOVED, "a")]),
        ("", "", []),
        (
            "Oi {{ first_name }}!",
            "Oi {{ name }}!",
            [
                (SAME, "Oi "),
                (REMOVED, "{{ first_name }}"),
                (ADDED, "{{ name }}"),
                (SAME, "!"),
            ],
        ),
    ],
)
def test_a_change_is_told_word_by_word(old, new, pieces):
    assert text_diff.changes(old, new) == pieces


@pytest.mark.parametrize(
    ("old", "new"), [("a {b} {{ c", "{{ c }} a"), ("x\n\ny", "x y {%"), ("{", "{{")]
)
def test_both_texts_can_be_put_together_again(old, new):
    pieces = text_diff.changes(old, new)

    assert "".join(text for kind, text in pieces if kind != ADDED) == old
    assert "".join(text for kind, text in pieces if kind != REMOVED) == new


def test_a_difference_is_escaped():
    shown = channel_look.difference(text_diff.changes("<i>", "<b>"))

    assert "<i>" not in shown
    assert "&lt;b&gt;</ins>" in shown
