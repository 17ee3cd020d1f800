"""Findings about a person's data, and what becomes of two records that are one."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from odoo.addons.veloc_crm.rules import hygiene, merge_choice, one_trader
from odoo.addons.veloc_crm.rules.hygiene import Facts
from odoo.addons.veloc_crm.rules.merge_choice import Side

TODAY = date(2026, 11, 22)
GOOD = {
    "name": "Ana Reis",
    "email": "ana@gmail.com",
    "phone": "+5511961234567",
    "has_cpf": True,
    "is_client": True,
}


COMPANY = {"is_company": True, "has_cpf": False}


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({}, set()),
        ({"name": ""}, {"name_missing"}),
        ({"name": "T-1", "reference": "T-1"}, {"name_missing"}),
        ({"name": "Teste"}, {"name_test"}),
        ({"name": "ANA REIS"}, {"name_spelling"}),
        ({"email": "", "phone": ""}, {"no_channel"}),
        ({"email": "ana@"}, {"email_invalid"}),
        ({"email": "ana@gmial.com"}, {"email_typo"}),
        ({"email": "ana@yopmail.com"}, {"email_disposable"}),
        ({"is_bouncing": True}, {"email_undeliverable"}),
        ({"email": "", "is_bouncing": True}, set()),
        ({"phone": "123"}, {"phone_invalid"}),
        ({"phone_sharers": 3}, set()),
        ({"phone_sharers": 4}, {"phone_shared"}),
        ({"has_cpf": False}, {"cpf_missing"}),
        ({"has_cpf": False, "is_client": False}, set()),
        ({"cpf_sharers": 2}, {"cpf_shared"}),
        (COMPANY, {"cnpj_missing"}),
        (COMPANY | {"is_client": False}, set()),
        (COMPANY | {"has_cnpj": True}, set()),
        (COMPANY | {"has_cnpj": True, "cnpj_sharers": 2}, {"cnpj_shared"}),
        ({"has_cnpj": True, "cnpj_sharers": 2}, set()),
        ({"tax_id": "00.000.000/0001-92"}, {"cnpj_invalid"}),
        ({"tax_id": "00.000.000/0001-91"}, set()),
        ({"tax_id": "12.ABC.345/01DE-35"}, set()),
        ({"tax_id": "12.abc.345/01de-53"}, {"cnpj_invalid"}),
        ({"tax_id": "DE811569869"}, set()),
        ({"birth_date": date(2008, 11, 23)}, {"under_age"}),
        ({"birth_date": date(2008, 11, 22)}, set()),
        ({"has_zone": False}, {"zone_missing"}),
        ({"zip": "01304-001", "uf": "RJ"}, {"cep_state"}),
        ({"zip": "01304-001", "uf": "SP"}, set()),
        ({"zip": "1", "uf": "SP"}, set()),
    ],
)
def test_findings(changed, kinds):
    assert set(hygiene.findings(Facts(**GOOD | changed), TODAY)) == kinds


def test_what_is_suggested():
    assert hygiene.suggestion("email_typo", "", "a@gmial.com") == "a@gmail.com"
    assert hygiene.suggestion("name_spelling", "ANA DA LUZ", "") == "Ana da Luz"
    assert hygiene.suggestion("cpf_missing", "Ana", "a@b.co") is None


OLD, NEW = datetime(2024, 1, 1), datetime(2026, 1, 1)


@pytest.mark.parametrize(
    ("one", "other", "kept", "why"),
    [
        ({}, {"kyc_approved": True}, 2, "kyc_approved"),
        ({"has_cpf": True}, {}, 1, "has_cpf"),
        ({"has_deposits": True}, {"has_cpf": True}, 2, "has_cpf"),
        ({"created_at": NEW}, {"created_at": OLD}, 2, "is_older"),
        ({}, {}, 1, "is_older"),
    ],
)
def test_who_should_stay(one, other, kept, why):
    assert merge_choice.survivor(Side(1, **one), Side(2, **other)) == (kept, why)


@pytest.mark.parametrize(
    ("field", "kept", "gone", "choice"),
    [
        ("name", "Ana", "Ana Reis", "gone"),
        ("name", "Ana Réis", "Ana Reis", "kept"),
        ("name", "Ana Reis", "Teste Teste Teste", "kept"),
        ("email", "a@gmial.com", "a@gmail.com", "gone"),
        ("email", "a@b.example", "a@c.example", "kept"),
        ("phone", "+551131234567", "+5511961234567", "gone"),
        ("phone", "+5511961234567", "123", "kept"),
        ("city", "", "Santos", "gone"),
        ("city", "Santos", "", "kept"),
        ("city", "Santos", "Campos", "kept"),
    ],
)
def test_whose_value_is_better(field, kept, gone, choice):
    assert merge_choice.choose(field, kept, gone)[0] == choice


@pytest.mark.parametrize(
    ("kept", "gone", "taken", "differed"),
    [
        ({"a": True}, {"a": False}, {"a": False}, True),
        ({"a": False}, {"a": True}, {}, True),
        ({"a": True}, {"a": True}, {}, False),
        ({}, {"a": True}, {"a": True}, False),
        ({}, {"a": False}, {"a": False}, False),
        ({"a": True}, {}, {}, False),
    ],
)
def test_the_stricter_word_wins(kept, gone, taken, differed):
    assert merge_choice.stricter_states(kept, gone) == (taken, differed)


def row(**values):
    numbers = dict.fromkeys(one_trader.SUMS, Decimal(0))
    empty = dict.fromkeys(
        (*one_trader.FIRSTS, *one_trader.LASTS, *one_trader.ORIGINS, *one_trader.STAGE)
    )
    kyc = {"kyc_state": "none", "kyc_at": None}
    return numbers | empty | kyc | {"stage": "lead"} | values


def test_sums_add_up_and_first_and_last_times_count():
    early, late = NEW, NEW + timedelta(days=9)
    kept = row(deposit_total=Decimal("10.10"), lead_at=late, last_login_at=early)
    gone = row(deposit_total=Decimal("0.20"), lead_at=early, last_login_at=None)
    joined = one_trader.join(kept, gone)
    assert joined["deposit_total"] == Decimal("10.30")
    assert (joined["lead_at"], joined["last_login_at"]) == (early, early)
    assert set(joined) == set(one_trader.COLUMNS)


def test_the_stage_is_that_of_the_account_that_moved_last():
    active = row(stage="active", last_activity_at=NEW, stage_since=NEW)
    churned = row(stage="churned", last_activity_at=OLD, stage_since=NEW)
    assert one_trader.join(churned, active)["stage"] == "active"
    assert one_trader.join(row(stage="kyc"), row(stage="signup"))["stage"] == "kyc"


def test_the_identity_check_that_went_further_holds():
    approved = row(kyc_state="approved", kyc_at=OLD)
    rejected = row(kyc_state="rejected", kyc_at=NEW)
    assert one_trader.join(rejected, approved)["kyc_at"] == OLD
