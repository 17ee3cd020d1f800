"""Names, sounds, mail domains and addresses as Brazilians write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import address, mail_domains, names, person, phonetic


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MARIA DA SILVA", "Maria da Silva"),
        ("maria da silva", "Maria da Silva"),
        ("Maria Da Silva", "Maria da Silva"),
        ("Maria  \t da\u00a0Silva", "Maria da Silva"),
        ("JOSÉ DOS SANTOS E SOUZA", "José dos Santos e Souza"),
        ("Mc Donald", "Mc Donald"),
        ("Ronald McDonald", "Ronald McDonald"),
        ("Luísa D'Ávila", "Luísa D'Ávila"),
        ("LUÍSA D'ÁVILA", "Luísa D'Ávila"),
        ("luísa d\u2019ávila", "Luísa D'Ávila"),
        ("sant'anna de oliveira", "Sant'anna de Oliveira"),
        ("ana-maria braga", "Ana-Maria Braga"),
        ("Ana 🌸 Clara ✨", "Ana Clara"),
        ("👩🏽‍💻 Bia", "Bia"),
        ("joão iii", "João III"),
        ("PEDRO DE ALCÂNTARA II", "Pedro de Alcântara II"),
        ("ACME COMERCIO LTDA", "Acme Comercio Ltda."),
        ("Acme Comércio Ltda", "Acme Comércio Ltda."),
        ("BANCO DO BRASIL S/A", "Banco do Brasil S.A."),
        ("Padaria Sol ME", "Padaria Sol ME"),
        ("João Silva MEI", "João Silva MEI"),
        ("Cafe\u0301 Filho", "Café Filho"),
        (" ,Ana; ", "Ana"),
        ("Zé", "Zé"),
        ("O'Brien", "O'Brien"),
        ("李小龙", "李小龙"),
        ("12345", None),
        ("🌸", None),
        ("", None),
        ("Ana\x00Maria", None),
        ("Ana\x1bMaria", None),
        ("x" * 129, None),
    ],
)
def test_names_are_spelt_tidily(text, expected):
    assert names.read_name(text) == expected


@given(st.text(max_size=60))
def test_a_tidy_name_is_left_as_it_is(text):
    once = names.read_name(text)
    if once is not None:
        assert names.read_name(once) == once


@pytest.mark.parametrize(
    ("text", "is_test"),
    [
        ("Teste", True),
        ("teste da silva", True),
        ("asdf", True),
        ("Aaaa Bbbb", True),
        ("Fulano de Tal", True),
        ("Ana Teixeira", False),
        ("Demo Santos", True),
        ("Ester Souza", False),
        ("Ana Aa", False),
    ],
)
def test_who_only_tries_the_form_is_recognised(text, is_test):
    assert names.looks_like_a_test(text) is is_test


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("José Carlos de Souza", "souza"),
        ("José Carlos Souza Filho", "souza"),
        ("JOSE SOUSA JR.", "sousa"),
        ("Ana", ""),
        ("", ""),
    ],
)
def test_surnames(text, expected):
    assert names.surname(text) == expected


@pytest.mark.parametrize(
    ("text", "is_company"),
    [
        ("Acme Ltda.", True),
        ("Banco S.A.", True),
        ("Silva & Cia", True),
        ("Maria Sá", False),
        ("Samanta Lima", False),
    ],
)
def test_companies(text, is_company):
    assert names.is_company(text) is is_company


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Luiz", "Luís"),
        ("Thaís", "Tais"),
        ("Felipe", "Phelippe"),
        ("Wagner", "Vagner"),
        ("Souza", "Sousa"),
        ("Christina", "Xristina"),
        ("Mateus", "Matheus"),
        ("Yara", "Iara"),
        ("Helena", "Elena"),
        ("Cássia", "Kasia"),
        ("Geovana", "Jeovana"),
        ("Vasconcelos", "Vasconcellos"),
        ("Anita", "Annita"),
        ("Quitéria", "Kiteria"),
        ("Guilherme", "Guilerme"),
        ("Edson", "Édson"),
    ],
)
def test_what_sounds_alike_has_one_key(one, other):
    assert phonetic.key(one) == phonetic.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Paulo", "Paula"), ("Silva", "Lima"), ("Carla", "Clara"), ("Rita", "Rute")],
)
def test_what_sounds_different_has_two(one, other):
    assert phonetic.key(one) != phonetic.key(other)


def test_namesakes_meet_whatever_the_order_of_their_words():
    assert phonetic.block("Luiz da Silva") == phonetic.block("Silva Luís")
    assert phonetic.block("Luiz") is None


@given(st.text(max_size=40))
def test_a_sound_sounds_like_itself(text):
    assert phonetic.key(phonetic.key(text)) == phonetic.key(phonetic.key(text))
    assert phonetic.key(text.upper().lower()) == phonetic.key(text.lower())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ana@gmial.com", "ana@gmail.com"),
        ("ana@gmai.com", "ana@gmail.com"),
        ("ana@gmaill.com", "ana@gmail.com"),
        ("ana@gnail.com", "ana@gmail.com"),
        ("ana@gmail.con", "ana@gmail.com"),
        ("ana@gmail.com.br", "ana@gmail.com"),
        ("ana@hotmial.com", "ana@hotmail.com"),
        ("ana@hotmal.com", "ana@hotmail.com"),
        ("ana@outlok.com", "ana@outlook.com"),
        ("ana@yaho.com.br", "ana@yahoo.com.br"),
        ("ana@yahooo.com.br", "ana@yahoo.com.br"),
        ("ana@uol.con.br", "ana@uol.com.br"),
        ("ana@gmail.com", None),
        ("ana@mail.com", None),
        ("ana@ymail.com", None),
        ("ana@empresa.com.br", None),
        ("ana@uol.com", None),
        ("gmial.com", None),
        ("@gmial.com", None),
        ("", None),
    ],
)
def test_mistyped_domains_are_asked_about(text, meant):
    assert mail_domains.suggestion(text) == meant


@given(st.from_regex(r"[a-z]{1,8}@[a-z]{1,12}\.[a-z]{2,3}", fullmatch=True))
def test_what_was_meant_is_no_typo_itself(text):
    meant = mail_domains.suggestion(text)
    assert meant is None or mail_domains.suggestion(meant) is None


def test_mailboxes_that_live_ten_minutes():
    assert mail_domains.is_disposable("a@YOPMAIL.com")
    assert not mail_domains.is_disposable("a@gmail.com")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana@exämple.com", "ana@xn--exmple-cua.com"),
        ("Ana@AÇÚCAR.com.br", "ana@xn--acar-0oa8i.com.br"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("ana@" + "x" * 64 + ".com", None),
        ("ana@.com", None),
        ("aná@example.com", None),
    ],
)
def test_addresses_with_accents(text, expected):
    assert person.read_email(text) == expected


@given(st.text(max_size=60))
def test_what_was_read_once_reads_the_same_again(text):
    for read in (person.read_email, person.read_phone, person.read_cpf):
        once = read(text)
        assert once is None or read(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01310-100", "01310-100"),
        ("01310100", "01310-100"),
        ("1310100", "01310-100"),
        (" 20.040-020 ", "20040-020"),
        ("00000-000", None),
        ("123", None),
        ("0131010O", None),
        ("", None),
    ],
)
def test_ceps(text, expected):
    assert address.read_cep(text) == expected


@pytest.mark.parametrize(
    ("cep", "uf"),
    [
        ("01310-100", "SP"),
        ("20040-020", "RJ"),
        ("29010-000", "ES"),
        ("30130-000", "MG"),
        ("40020-000", "BA"),
        ("49010-000", "SE"),
        ("50010-000", "PE"),
        ("57020-000", "AL"),
        ("58010-000", "PB"),
        ("59020-000", "RN"),
        ("60010-000", "CE"),
        ("64000-000", "PI"),
        ("65010-000", "MA"),
        ("66010-000", "PA"),
        ("68900-000", "AP"),
        ("69005-000", "AM"),
        ("69301-000", "RR"),
        ("69400-000", "AM"),
        ("69900-000", "AC"),
        ("70040-000", "DF"),
        ("72800-000", "GO"),
        ("73000-000", "DF"),
        ("74000-000", "GO"),
        ("76801-000", "RO"),
        ("77001-000", "TO"),
        ("78005-000", "MT"),
        ("79002-000", "MS"),
        ("80010-000", "PR"),
        ("88010-000", "SC"),
        ("90010-000", "RS"),
        ("00999-000", None),
    ],
)
def test_the_state_of_a_cep(cep, uf):
    assert address.uf_of_cep(cep) == uf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R. Augusta, 1500", "Rua Augusta, 1500"),
        ("R.Augusta, 1500", "Rua Augusta, 1500"),
        ("av Paulista 1000", "Avenida Paulista 1000"),
        ("AV. Brasil", "Avenida Brasil"),
        ("Al. Santos, 45", "Alameda Santos, 45"),
        ("Pça. da Sé", "Praça da Sé"),
        ("Tv. do Comércio", "Travessa do Comércio"),
        ("Rod. BR-101 km 5", "Rodovia BR-101 km 5"),
        ("Estr. Velha", "Estrada Velha"),
        ("Rua das Flores", "Rua das Flores"),
        ("R", "R"),
        ("Avelino", "Avelino"),
        ("123", None),
        ("a\x00b", None),
    ],
)
def test_streets_are_written_out(text, expected):
    assert address.read_street(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("R. Augusta, 1500", "Rua Augusta 1500"),
        ("Av. Paulista nº 1000", "AVENIDA PAULISTA, 1000"),
        ("Praça da Sé, 5", "Pca da Se 5"),
    ],
)
def test_two_spellings_of_one_address_share_a_key(one, other):
    assert address.street_key(one) == address.street_key(other)


@given(st.text(max_size=60))
def test_a_street_is_written_out_once(text):
    once = address.read_street(text)
    if once is not None:
        assert address.read_street(once) == once
