import pytest

from odoo.addons.veloc_messaging.rules import template_text
from odoo.addons.veloc_messaging.rules.template_text import RenderError


def render(source, html=False, **values):
    return template_text.compiled(source, html=html).render(values)


def test_a_variable_is_filled_in():
    assert render("Olá {{ first_name }}!", first_name="Ana") == "Olá Ana!"


def test_a_default_stands_in_for_a_missing_value():
    assert render("{{ first_name | default('cliente') }}") == "cliente"


@pytest.mark.parametrize(
    "source",
    [
        "{{ amount }}",
        "{{ amount | upper }}",
        "{% if amount %}x{% endif %}",
        "{% if amount == '1' %}x{% endif %}",
        "{{ amount if amount else 'x' }}",
        "{% if not amount %}x{% endif %}",
    ],
)
def test_any_other_use_of_a_missing_value_names_it(source):
    with pytest.raises(RenderError) as error:
        render(source)

    assert (error.value.code, error.value.detail) == ("missing_variable", "amount")


def test_a_text_may_depend_on_whether_a_value_is_there():
    source = "{% if city is defined %}em {{ city }}{% else %}agora{% endif %}"

    assert render(source) == "agora"
    assert render(source, city="Recife") == "em Recife"


def test_values_are_escaped_in_html_and_the_text_around_them_is_not():
    assert render("<b>{{ x }}</b>", html=True, x="<&>") == "<b>&lt;&amp;&gt;</b>"


def test_a_value_is_never_read_as_a_template():
    assert render("{{ x }}", x="{{ y }}") == "{{ y }}"


@pytest.mark.parametrize(
    ("source", "construct"),
    [
        ("{{ x.__class__ }}", ".__class__"),
        ("{{ x['a'] }}", "getitem"),
        ("{{ x() }}", "call"),
        ("{% for a in x %}{% endfor %}", "for"),
        ("{% set a = 1 %}", "assign"),
        ("{{ 9 ** 9 }}", "pow"),
        ("{{ 'a' * 9 }}", "mul"),
        ("{{ x ~ x }}", "concat"),
        ("{{ x % 3 }}", "mod"),
        ("{% include 'a' %}", "include"),
        ("{% import 'a' as b %}", "import"),
        ("{% extends 'a' %}", "extends"),
        ("{% macro a() %}{% endmacro %}", "macro"),
        ("{% block a %}{% endblock %}", "block"),
        ("{% filter upper %}{% endfilter %}", "filterblock"),
        ("{{ [1] }}", "list"),
        ("{{ {} }}", "dict"),
        ("{{ {'a': lipsum} | default(1) }}", "dict"),
    ],
)
def test_nothing_but_variables_and_conditions_is_allowed(source, construct):
    assert construct in [flaw.detail for flaw in template_text.flaws(source)]
    with pytest.raises(RenderError, match="not_allowed"):
        render(source, x="1")


@pytest.mark.parametrize("name", ["attr", "map", "join", "format", "safe", "tojson"])
def test_filters_that_reach_further_are_refused(name):
    source = f"{{{{ x | {name} }}}}"

    (flaw,) = template_text.flaws(source)

    assert (flaw.code, flaw.detail) == ("unknown_filter", name)


@pytest.mark.parametrize(
    "source",
    ["{{ x", "{% if x %}", "{{ x | }}", "{% endif %}", "{{ | x }}", "{{ 'a }}", "{# x"],
)
def test_a_broken_text_is_a_flaw_with_its_line(source):
    (flaw,) = template_text.flaws("\n" + source)

    assert flaw.code == "syntax"
    assert flaw.detail.startswith("2:")


def test_a_monster_of_brackets_is_a_flaw_and_no_crash():
    assert template_text.flaws("{{ " + "(" * 5000 + "x" + ")" * 5000 + " }}")


def test_the_names_of_a_text_are_known():
    source = "{{ a }} {% if b is defined %}{{ c | default(d) }}{% endif %}"

    assert template_text.names(source) == {"a", "b", "c", "d"}


def test_a_text_is_compiled_once():
    first = template_text.compiled("Oi {{ x }}", html=False)

    assert template_text.compiled("Oi {{ x }}", html=False) is first


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        (["en_US", "pt_BR"], "en_US", "en_US"),
        (["en_US", "pt_BR"], "en_GB", "en_US"),
        (["en_US", "pt_BR"], "pt_PT", "pt_BR"),
        (["en_US", "pt_BR"], "fr_FR", "pt_BR"),
        (["en_US", "pt_BR"], None, "pt_BR"),
        (["es_ES", "en_US"], "fr_FR", "en_US"),
    ],
)
def test_the_language_is_theirs_or_its_sister_or_ours_or_any(available, wanted, chosen):
    assert template_text.choose_lang(available, wanted, "pt_BR") == chosen
