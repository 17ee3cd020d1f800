import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.rules import sms_segments

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "sms_segments.json").read_text()
)["vectors"]


@pytest.mark.parametrize("mode", ["plain", "smart"])
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_text_costs_what_twilio_says_it_costs(vector, mode):
    text = vector["text"] if mode == "plain" else sms_segments.smart(vector["text"])
    expected = vector[mode]

    size = sms_segments.measure(text)

    assert size.encoding == expected["encoding"]
    assert size.segments == expected["segments"]
    assert size.characters == expected["characters"]
    assert size.bits == expected["bits"]
    assert list(size.offenders) == expected["nonGsm"]


def test_removing_accents_halves_the_cost_of_a_portuguese_text():
    text = "Olá! Sua negociação não está concluída: " + "ação " * 18

    assert sms_segments.measure(text).segments == 2
    assert sms_segments.measure(sms_segments.without_accents(text)).segments == 1


def test_every_portuguese_letter_becomes_plain():
    text = "áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ ªº “oi” \u2013 R$\u00a05…"

    plain = sms_segments.without_accents(text)

    assert plain == 'aaaaeeiooouucAAAAEEIOOOUUC ao "oi" - R$  5...'
    assert not sms_segments.measure(plain).is_unicode


def test_an_emoji_stays_and_is_named_as_the_cause():
    size = sms_segments.measure(sms_segments.without_accents("Olá 🚀"))

    assert size.is_unicode
    assert size.offenders == ("🚀",)


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧", "🇧🇷", "👍🏽", "❤️"])
def test_a_composed_emoji_is_one_character(emoji):
    assert sms_segments.measure(emoji).characters == 1


def test_two_flags_are_two_characters():
    assert sms_segments.measure("🇧🇷🇵🇹").characters == 2


def test_a_surrogate_pair_is_never_cut():
    text = "ã" * 66 + "🚀" + "ã" * 66  # 134 units would fit in 67 + 67

    assert sms_segments.measure(text).segments == 3


def test_an_escaped_character_is_never_cut():
    text = "a" * 152 + "€" + "a" * 152  # 306 septets would fit in 153 + 153

    assert sms_segments.measure(text).segments == 3
