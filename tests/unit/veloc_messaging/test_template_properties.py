"""Whatever a value holds, a text is made of it or refused with a reason."""

import html
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.veloc_messaging.rules import (
    sms_segments,
    style_check,
    template_text,
    template_variants,
)
from odoo.addons.veloc_messaging.rules.style_check import Text
from odoo.addons.veloc_messaging.rules.template_text import RenderError
from odoo.addons.veloc_messaging.rules.template_variables import (
    EVENT,
    SAMPLE_ZONE,
    VARIABLES,
    event_values,
    person_values,
    sample_values,
)

EVENTS = sorted(name for name, v in VARIABLES.items() if v.source == EVENT)
TEXTS = sorted(name for name in EVENTS if VARIABLES[name].kind == "text")
LANGS = st.sampled_from(["pt_BR", "en_US", "es_ES", "xx_XX", ""])
NASTY = [
    "\x00",
    "{{ 7*7 }}",
    "{% raw %}",
    "<script>alert(1)</script>",
    "\u202eabc\u202c",
    "שלום עולם",
    "👨‍👩‍👧‍👦 🇧🇷",
    "\r\nBcc: x@y.z",
    "' onmouseover='x",
    "&amp;lt;",
    "False",
    "None",
    "1e999999",
    "-0",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "٣",
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.dates(),
    st.binary(max_size=8),
    st.lists(st.text(max_size=3), max_size=2),
    st.text(max_size=60),
    st.sampled_from(NASTY),
)
PIECES = st.sampled_from(
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{{ first_name }}", "{{ amount }}",
        "{% if city %}", "{% if city is defined %}", "{% else %}", "{% endif %}",
        "| default('x')", "|d(", "first_name", ".__class__", "['x']", "()", "~", "*",
        "<p>", "</p>", "<a href='{{ site_url }}'>x</a>", ". ", "\n", "👍🏽", "\x00",
    ]
)  # fmt: skip
SOURCES = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map("".join)


def attempt(source, raw, lang="pt_BR", *, html_too=False):
    """Return the text and the error, one of them None."""
    try:
        return fill(source, raw, lang, html_too=html_too), None
    except RenderError as error:
        return None, error


lenient = settings(
    max_examples=50,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def fill(source, raw, lang="pt_BR", *, html_too=False):
    return style_check.fill(source, raw, lang, SAMPLE_ZONE, html=html_too)


@lenient
@given(name=st.sampled_from(EVENTS), value=VALUES, lang=LANGS, is_html=st.booleans())
def test_a_value_is_written_or_refused_with_its_name(name, value, lang, is_html):
    key = VARIABLES[name].key or name
    source = f"[{{{{ {name} }}}}]"
    text, error = attempt(source, {key: value}, lang, html_too=is_html)
    if error:
        assert error.code in ("missing_variable", "bad_value")
        assert error.detail == name
        return
    assert text.startswith("[")
    assert text.endswith("]")
    assert len(text) > 2
    if value is None or value is False or value == "":
        assert text[1:-1] == VARIABLES[name].stand_in(lang)


@lenient
@given(name=st.sampled_from(TEXTS), value=st.one_of(st.text(), st.sampled_from(NASTY)))
def test_no_value_gets_out_of_an_email(name, value):
    text = fill(
        f"<p title='{{{{ {name} }}}}'>x</p>", {name: f"x{value}"}, html_too=True
    )
    inside = text.removeprefix("<p title='").removesuffix("'>x</p>")

    assert not set(inside) & set("<>\"'")
    assert not re.search(r"&(?!(amp|lt|gt|#34|#39);)", inside)
    plain = fill(f"{{{{ {name} }}}}", {name: f"x{value}"})
    assert html.unescape(inside) == plain


@lenient
@given(name=st.sampled_from(TEXTS), value=st.one_of(st.text(), st.sampled_from(NASTY)))
def test_a_value_is_never_read_as_a_template_and_brings_no_line(name, value):
    text = fill(f"{{{{ {name} }}}}", {name: f"x{value}"})

    assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text)
    assert len(text) <= max(
        VARIABLES[name].longest, len(VARIABLES[name].stand_in("pt"))
    )
    if "{{ 7*7 }}" in (value or "") and VARIABLES[name].longest > 9:
        assert "49" not in text or "49" in value


@lenient
@given(source=SOURCES, is_html=st.booleans())
def test_any_source_is_made_or_refused(source, is_html):
    found = template_text.flaws(source)
    text, error = attempt(source, sample_values("pt_BR"), html_too=is_html)
    if error:
        assert error.code
        return
    assert not found
    assert "<built-in" not in text
    assert "__class__" not in text or "__class__" in source


@lenient
@given(
    source=SOURCES,
    channel=st.sampled_from(["sms", "whatsapp", "push", "call", "email"]),
)
def test_a_draft_of_a_sound_text_is_sound(source, channel):
    if template_text.flaws(source):
        return
    wish = template_variants.Wish(channel, is_promotional=True, needs_notice=True)
    for text in template_variants.derive(Text("email", "pt_BR", source), wish):
        assert template_variants.is_sound(text)


@lenient
@given(source=SOURCES, channel=st.sampled_from(["sms", "push", "call", "email"]))
def test_the_check_judges_any_text(source, channel):
    policy = style_check.Policy(is_promotional=True, needs_risk_notice=True)

    for finding in style_check.check(Text(channel, "pt_BR", source), policy):
        assert finding.code


@lenient
@given(name=st.one_of(st.none(), st.text(), st.sampled_from(NASTY)))
def test_nobody_is_greeted_as_false(name):
    raw = person_values(name)
    text = fill("Olá, {{ first_name }}!", raw)

    assert text not in ("Olá, !", "Olá, None!", "Olá, False!") or name in (
        "None",
        "False",
    )
    assert raw or text == "Olá, cliente!"


@lenient
@given(st.dictionaries(st.sampled_from([*VARIABLES, "currency", "x"]), VALUES))
def test_a_caller_brings_the_event_and_nothing_else(variables):
    allowed = {VARIABLES[name].key or name for name in EVENTS} | {"currency"}

    assert set(event_values(variables)) <= allowed


@lenient
@given(st.text())
def test_every_text_has_a_size(text):
    size = sms_segments.measure(text)

    assert size.segments >= 1
    assert sms_segments.measure(sms_segments.without_accents(text)).segments >= 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ first_name }}", "cliente"),
        ("{{ first_name | default('você') }}", "você"),
        ("{{ first_name | upper }}", "CLIENTE"),
        ("{% if first_name is defined %}a{% else %}b{% endif %}", "b"),
    ],
)
def test_the_text_comes_before_the_declared_words(source, text):
    assert fill(source, {}) == text


def test_what_has_no_declared_words_blocks():
    with pytest.raises(RenderError) as error:
        fill("{{ amount }}", {})
    assert (error.value.code, error.value.detail) == ("missing_variable", "amount")


def test_every_variable_declares_its_type_and_its_words_in_every_language():
    for variable in VARIABLES.values():
        assert variable.kind in {
            "text", "lines", "letter", "url", "money", "integer", "date", "time",
            "datetime",
        }  # fmt: skip
        assert set(variable.absent) in (set(), {"pt", "en", "es"})


def test_a_moment_at_the_edge_of_time_is_refused():
    with pytest.raises(RenderError):
        fill("{{ event_at }}", {"event_at": datetime(1, 1, 1, tzinfo=UTC)})
