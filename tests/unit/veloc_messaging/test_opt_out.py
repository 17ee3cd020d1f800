import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.rules import opt_out

WORDS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "optout_keywords.json").read_text()
)
CASES = [
    (word, meaning)
    for meaning in ("stop", "start", "help")
    for source in ("twilio_default", "proposal_pt")
    for word in WORDS[f"{source}_{meaning}"]
]


@pytest.mark.parametrize(("word", "meaning"), CASES)
def test_each_agreed_word_is_understood(word, meaning):
    assert opt_out.classify(word) == meaning


@pytest.mark.parametrize(("word", "meaning"), CASES)
@pytest.mark.parametrize(
    "shape",
    ["{}!", " {} ", "{}.", "*{}*", "{} 🛑", "{}❤️", "“{}”", "\u200b{}\n", "{} 🙏🏽!!"],
)
def test_decoration_around_the_word_does_not_matter(word, meaning, shape):
    assert opt_out.classify(shape.format(word.lower())) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "quero cancelar a consulta",
        "não quero parar de receber",
        "pode parar?  depois eu volto",
        "stop and go",
        "infos",
        "parar.agora",
        "",
        "🛑",
        "?",
    ],
)
def test_a_sentence_that_contains_the_word_is_no_answer(text):
    assert opt_out.classify(text) is None


def test_nothing_at_all_is_no_answer():
    assert opt_out.classify(None) is None


@pytest.mark.parametrize("text", ["NÃO   RECEBER", "nao receber", "Na\u0303o receber."])
def test_accents_and_spaces_do_not_matter(text):
    assert opt_out.classify(text) == "stop"


def test_fullwidth_letters_are_letters():
    assert opt_out.classify("\uff33\uff34\uff2f\uff30") == "stop"


def test_a_channel_may_switch_ambiguous_words_off():
    assert opt_out.classify("Cancelar!", ignored=opt_out.AMBIGUOUS) is None
    assert opt_out.classify("parar", ignored=opt_out.AMBIGUOUS) == "stop"
