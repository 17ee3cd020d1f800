"""Of an answer by e-mail the person's own words are kept."""

import pytest

from odoo.addons.veloc_messaging.rules.mail_text import own_words

QUOTED = "> Novidades\n> Veja"


@pytest.mark.parametrize(
    "rest",
    [
        f"Em qua., 11 de mar. de 2026 às 12:04, Veloc <oi@x.y> escreveu:\n{QUOTED}",
        "Em qua., 11 de mar. de 2026 às 12:04, Veloc Broker <oi@veloc.example>\n"
        f"escreveu:\n\n{QUOTED}",
        f"On Wed, Mar 11, 2026 at 12:04 PM Veloc <oi@veloc.example> wrote:\n{QUOTED}",
        "-----Mensagem original-----\nDe: Veloc\nAssunto: Novidades\n\nNovidades",
        "________________________________\nDe: Veloc <oi@veloc.example>\n"
        "Enviado: quarta-feira\nPara: Ana\nAssunto: Novidades\n\nNovidades",
        "De: Veloc <oi@x.y>\nEnviada em: quarta-feira\nPara: Ana\n\nNovidades",
        "*From:* Veloc <oi@veloc.example>\n*Sent:* Wednesday\n*To:* Ana\n\nNews",
        QUOTED,
        "Enviado do meu iPhone",
        "Sent from my iPhone\n\n> Novidades",
        "-- \nAna Souza\nDiretora",
        "",
    ],
)
def test_what_is_quoted_or_signed_is_cut(rest):
    assert own_words(f"Quero sim!\n\n{rest}") == "Quero sim!"


@pytest.mark.parametrize(
    "text",
    [
        "Em qua. eu ligo.\nObrigado",
        "De: onde vem esse saque?\nNão reconheço",
        "Ela escreveu para vocês ontem",
        "SAIR",
        "linha 1\n\nlinha 2",
    ],
)
def test_ordinary_sentences_stay(text):
    assert own_words(text) == text


def test_a_letter_that_is_all_quotation_stays_whole():
    assert own_words(QUOTED) == QUOTED


def test_an_answer_between_the_lines_stays():
    assert own_words("> Pode hoje?\nHoje não\n> E amanhã?\nSim") == "Hoje não\nSim"


def test_a_very_long_letter_is_cut():
    assert len(own_words("a" * 50000)) == 10000
