"""Pairs that are one person are found, pairs that are two are left alone."""

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import duplicates
from odoo.addons.veloc_crm.rules.duplicates import Record, compare, find

BORN = date(1990, 5, 17)
ANA = Record(
    1, "Ana Luísa da Silva", "ana.luisa@gmail.com", "+5511961234567", "", BORN, "01310"
)


def record(number=2, **values):
    return Record(number, **values)


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (record(cpf="x", name="Other"), None),
        (record(name="ANA LUIZA DA SILVA", email=ANA.email), {"email", "name"}),
        (record(name="Ana Luisa Silva", phone=ANA.phone), {"phone", "name"}),
        (record(name="Silva Ana Luisa", birth_date=BORN), {"name", "birth_date"}),
        (
            record(name="Ana L. Silva", birth_date=BORN, zip="01310"),
            {"similar_name", "birth_date", "zip"},
        ),
        (record(name="Ana Luísa Silva", email="analuisa@hotmail.com"), {"mailbox"}),
        (record(name="Ana Luísa da Silva"), None),  # a common name is no proof
        (record(name="Bruno Reis", phone="+5521999999999"), None),
    ],
)
def test_what_makes_a_pair(other, reasons):
    match = compare(ANA, other)
    if reasons is None:
        assert match is None or match.score < duplicates.SHOWN
    else:
        assert match.score >= duplicates.SHOWN
        assert reasons <= set(match.reasons)


def test_the_same_cpf_is_certain_and_another_cpf_is_somebody_else():
    one, same, other = (Record(n, "Ana Reis", cpf=c) for n, c in enumerate("xxy"))
    assert compare(one, same).score == 100
    assert compare(one, other) is None


def test_the_same_cnpj_is_certain_of_companies_and_much_of_people():
    one, same, other = (
        Record(n, f"Loja {n}", cnpj=c, is_company=True) for n, c in enumerate("xxy")
    )
    assert (compare(one, same).score, compare(one, same).reasons) == (100, ("cnpj",))
    assert compare(one, other) is None
    people = [Record(n, "Ana Reis", cnpj="x", cpf=c) for n, c in enumerate("ppq")]
    assert compare(people[0], people[1]).score == 100
    assert compare(people[0], people[2]) is None, "two owners of one company"
    alone = [Record(n, name, cnpj="x") for n, name in enumerate(("Rui Sá", "Bia Luz"))]
    assert compare(*alone) is None or compare(*alone).score <= 60


def test_however_many_share_a_cnpj_they_are_compared():
    crowd = [Record(n, f"Loja {n}", cnpj="x", is_company=True) for n in range(15)]
    assert len(find(crowd)) == 15 * 14 // 2


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("José Carlos Souza", "José Carlos Souza Filho"),
        ("José Carlos Souza Junior", "José Carlos Souza Neto"),
        ("Paula Mendes Rocha", "Carla Mendes Rocha"),
        ("Bruno Dias Lima", "Beatriz Dias Lima"),
    ],
)
def test_twins_and_generations_are_not_one_person(left, right):
    shared = {"phone": "+5511961234567", "birth_date": BORN, "zip": "01310"}
    match = compare(Record(1, left, **shared), Record(2, right, **shared))
    assert match.score < duplicates.SHOWN


def test_a_swapped_day_and_month_is_a_slip_and_another_date_is_not():
    one = Record(1, "Ana Reis", phone="+55119", birth_date=date(1990, 5, 7))
    swapped = Record(2, "Ana Reis", phone="+55119", birth_date=date(1990, 7, 5))
    other = Record(3, "Ana Reis", phone="+55119", birth_date=date(1971, 2, 20))
    assert compare(one, swapped).score > compare(one, other).score
    assert compare(one, other).score < duplicates.SHOWN


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_is_the_same_both_ways(one, other):
    there = duplicates.name_likeness(one, other)
    assert 0 <= there <= 1
    assert there == pytest.approx(duplicates.name_likeness(other, one))


def test_a_record_names_nobody_by_accident():
    assert "secret" not in repr(Record(1, cpf="secret"))


def test_only_the_touched_are_compared_when_somebody_is_touched():
    people = [Record(n, "Ana Reis", email=f"ana{n // 2}@x.com.br") for n in range(8)]
    assert {(m.left, m.right) for m in find(people, {3})} == {(2, 3)}
    assert len(find(people)) == 4


# === A LABELLED SET: what the rule finds and what it gets wrong === #

FIRST = "Ana Bruno Carla Diego Elisa Felipe Gabriela Heitor Isabela João Karina Luiz"
FIRST += " Mariana Nicolas Olívia Paulo Rafael Sabrina Thiago Úrsula Vinícius Wagner"
LAST = "Silva Souza Oliveira Santos Pereira Lima Carvalho Rezende Teixeira Nunes Barros"
LAST += " Duarte Sampaio Antunes Ferraz Martins Siqueira Bastos Toledo Lopes Meireles"
SOUNDS = (("iz", "is"), ("ss", "ç"), ("Th", "T"), ("y", "i"), ("ph", "f"), ("W", "V"))


def invented(rng, number):
    first, last = FIRST.split(), LAST.split()
    name = f"{rng.choice(first)} {rng.choice(last)} {rng.choice(last)}"
    mail = f"{duplicates.fold(name).replace(' ', '.')}{rng.randrange(1000)}@gmail.com"
    return Record(
        number,
        name,
        mail,
        f"+55119{rng.randrange(10**7, 10**8)}",
        str(rng.random()) if rng.random() < 0.5 else "",
        date(1960, 1, 1) + timedelta(days=rng.randrange(15_000)),
        f"{rng.randrange(1000, 9999):05d}",
        "São Paulo",
    )


def slip(rng, text):
    """One typing slip: two letters swapped, one lost, one doubled."""
    if len(text) < 4:
        return text
    at = rng.randrange(1, len(text) - 2)
    return rng.choice(
        (
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
        )
    )


def respelt(rng, name):
    words = name.split()
    kind = rng.randrange(5)
    if kind == 0:
        return " ".join([*words[1:], words[0]])
    if kind == 1:
        return duplicates.fold(name).upper()
    if kind == 2:
        return f"{words[0]} {words[1][0]}. {words[-1]}"
    if kind == 3:
        old, new = rng.choice(SOUNDS)
        return name.replace(old, new)
    return slip(rng, name)


def doubled(rng, person, number):
    """The same person met again: the name respelt, one or two traits kept."""
    keeps = rng.sample(
        ("email", "phone", "birth_zip", "birth_phone"), rng.choice((1, 2))
    )
    told = " ".join(keeps)
    return Record(
        number,
        respelt(rng, person.name),
        person.email if "email" in told else "",
        person.phone if "phone" in told else "",
        "",
        person.birth_date if "birth" in told else None,
        person.zip if "zip" in told else "",
        person.city,
    )


def relative(rng, person, number):
    """Somebody else with the same home and phone: a twin, a child, a spouse."""
    words = person.name.split()
    name = rng.choice(
        (
            f"{person.name} Filho",
            " ".join([rng.choice([n for n in FIRST.split() if n[0] != words[0][0]])])
            + f" {words[1]} {words[2]}",
        )
    )
    return Record(
        number,
        name,
        "",
        person.phone,
        "",
        person.birth_date if rng.random() < 0.3 else None,
        person.zip,
        person.city,
    )


def labelled(seed=7, people=2_000, doubles=500, relatives=500):
    rng = random.Random(seed)
    records = [invented(rng, number) for number in range(people)]
    truth = set()
    for person in rng.sample(records[:people], doubles):
        records.append(doubled(rng, person, len(records)))
        truth.add((person.id, records[-1].id))
    for person in rng.sample(records[:people], relatives):
        records.append(relative(rng, person, len(records)))
    return records, truth


def test_precision_and_recall_on_known_duplicates():
    """2,000 people, 500 met again, 500 relatives: 0.998 and 0.94 with this seed."""
    records, truth = labelled()
    found = {(match.left, match.right) for match in find(records)}
    precision = len(found & truth) / len(found)
    recall = len(found & truth) / len(truth)
    assert precision >= 0.97, precision
    assert recall >= 0.92, recall


def test_ten_thousand_people_are_not_compared_all_with_all():
    records, _truth = labelled(people=10_000, doubles=1_000, relatives=0)
    pairs = duplicates.candidate_pairs(records)
    assert len(pairs) < 3 * len(records)


def test_a_key_that_a_crowd_shares_makes_no_pairs():
    crowd = [Record(n, f"Name {n}", phone="+551130000000") for n in range(500)]
    assert duplicates.candidate_pairs(crowd) == set()


def test_the_surest_come_first():
    records, _truth = labelled(people=300, doubles=100, relatives=0)
    assert all(a.score >= b.score for a, b in pairwise(find(records)))
