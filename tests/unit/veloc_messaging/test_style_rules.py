import pytest

from odoo.addons.veloc_messaging.rules import style_check, style_rules
from odoo.addons.veloc_messaging.rules.style_check import Policy, Text
from odoo.addons.veloc_messaging.rules.style_rules import Rule


def found(rule, body, channel="email", lang="pt_BR", subject="", promotional=True):
    """Return what the rule alone finds in a text."""
    text = Text(channel, lang, body, subject=subject)
    policy = Policy(
        promotional, needs_risk_notice=False, max_segments=99, rules=(rule,)
    )
    code = f"style_{rule.kind}"
    return [f.detail for f in style_check.check(text, policy) if f.code == code]


@pytest.mark.parametrize(
    ("rule", "body", "details"),
    [
        (Rule("exclamation", limit=1), "<p>Oi! Olá</p>", []),
        (Rule("exclamation", limit=1), "Oi! Olá!", ["2"]),
        (Rule("exclamation", limit=0), "Oi‼", ["1"]),
        (Rule("capitals", limit=40), "SEU SAQUE FOI PAGO HOJE CEDO", ["100"]),
        (Rule("capitals", limit=40), "SAIR", []),  # too short to shout
        (Rule("capitals", limit=40), "Seu saque foi pago {{ AMOUNT_IN_WORDS }}", []),
        (Rule("emoji", limit=0), "Olá 🎉", ["🎉"]),
        (Rule("emoji", limit=1), "Família 👨‍👩‍👧", []),  # one picture of three people
        (Rule("emoji", limit=1), "Ok 👍🏽", []),  # a skin tone is no second one
        (Rule("emoji", limit=0), "R$ 10 a 100 % ok", []),
        (Rule("sentence", limit=4), "<p>um dois três</p><p>quatro cinco seis</p>", []),
        (Rule("sentence", limit=4), "Um dois. Três quatro! Cinco?", []),
        (
            Rule("sentence", limit=2),
            "um dois três quatro",
            ["4: um dois três quatro …"],
        ),
        (Rule("phrases", phrases=("só hoje",)), "Apenas SO  HOJE mesmo", ["so hoje"]),
        (Rule("phrases", phrases=("tu",)), "Sua tutela", []),
        (Rule("phrases", phrases=("ganhe #%",)), "ganhe 5,5% agora", ["ganhe 5,5%"]),
        (
            Rule("required", phrases=("{{ broker_name }}", "Veloc")),
            "Oi",
            ["{{ broker_name }}, Veloc"],
        ),
        (Rule("required", phrases=("{{ city }}",)), "{{ city | default('x') }}", []),
        (Rule("required", phrases=("a veloc",)), "Aqui é a Veloc", []),
        (Rule("characters", limit=5), "<p>seis66</p>", ["6"]),
        (Rule("characters", limit=6), "<p>seis66</p>", []),
    ],
)
def test_a_rule_finds_what_it_says(rule, body, details):
    assert found(rule, body) == details


def test_a_subject_is_measured_as_people_see_it():
    rule = Rule("subject", limit=10)

    assert found(rule, "x", subject="{{ first_name }}") == []
    assert found(rule, "x", subject="{{ first_name }} 1234") == ["12"]


def test_segments_are_counted_with_the_longest_values():
    rule = Rule("segments", limit=1)

    assert found(rule, "a" * 160, channel="sms") == []
    assert found(rule, "a" * 150 + "{{ reason }}", channel="sms") == ["4"]


@pytest.mark.parametrize(
    ("body", "hosts"),
    [
        ("https://veloc.example/a", []),
        ("<a href='https://www.app.veloc.example:8443/x?y'>x</a>", []),
        ("{{ site_url }}/conta", []),
        ("https://veloc.example.evil.com", ["veloc.example.evil.com"]),
        ("https://veloc.example@evil.com/", ["veloc.example@evil.com"]),
        ("http://evilveloc.example", ["evilveloc.example"]),
        ("www.bit.ly/1", ["bit.ly"]),
        ("HTTPS://BIT.LY/1", ["BIT.LY"]),
        ("https://{{ reference }}/x", ["{{ reference }}"]),
        ("https://a.b https://a.b", ["a.b"]),
    ],
)
def test_links_lead_to_allowed_hosts_only(body, hosts):
    assert found(Rule("links", phrases=("veloc.example",)), body) == hosts


@pytest.mark.parametrize(
    ("rule", "applies"),
    [
        (Rule("exclamation"), True),
        (Rule("exclamation", channel="email", lang="pt_BR"), True),
        (Rule("exclamation", channel="sms"), False),
        (Rule("exclamation", lang="en_US"), False),
        (Rule("exclamation", lang="pt_PT"), True),  # a sister language
    ],
)
def test_a_rule_speaks_of_its_channel_and_language_only(rule, applies):
    assert bool(found(rule, "Oi!")) is applies


def test_a_rule_for_promotions_leaves_service_alone():
    rule = Rule("phrases", phrases=("corra",), is_promotional_only=True)

    assert found(rule, "corra", promotional=False) == []
    assert found(rule, "corra") == ["corra"]


def test_a_finding_brings_severity_limit_and_advice_along():
    rule = Rule("exclamation", style_rules.WARNS, limit=1, advice="Calma.")
    policy = Policy(False, needs_risk_notice=False, rules=(rule,))

    (finding,) = style_check.check(Text("push", "pt_BR", "a!!"), policy)

    assert (finding.severity, finding.limit, finding.hint) == ("warns", "1", "Calma.")


def test_a_text_that_cannot_be_read_is_still_judged():
    assert found(Rule("exclamation"), "{{ Oi!") == ["1"]


NOTICES = (("Forex", "Risco de perda."), ("Bônus", "Veja as regras."))


def test_each_product_asks_for_its_notice():
    text = Text("sms", "pt_BR", "Oi. RISCO de perda.", notices=NOTICES)

    (finding,) = style_check.check(text, Policy(False, needs_risk_notice=False))

    assert (finding.code, finding.detail) == ("missing_notice", "Bônus")
    assert finding.hint == "Veja as regras."


def test_the_variable_carries_every_notice():
    text = Text("sms", "pt_BR", "Oi. {{ risk_notice }}", notices=NOTICES)

    assert not style_check.check(text, Policy(False, needs_risk_notice=True))
    assert style_check.preview(text).body == "Oi. Risco de perda. Veja as regras."


@pytest.mark.parametrize("kind", style_rules.KINDS)
def test_an_empty_text_breaks_nothing_but_what_must_be_there(kind):
    details = found(Rule(kind, phrases=("x",)), "")

    assert bool(details) is (kind == "required")
