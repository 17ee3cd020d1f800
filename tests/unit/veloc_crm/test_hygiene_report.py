"""The lines of the monthly report, and what of a person counts as written better."""

from datetime import date

import pytest

from odoo.addons.veloc_crm.report import hygiene_report_pdf
from odoo.addons.veloc_crm.rules import hygiene_report as rule
from odoo.addons.veloc_crm.rules.person import read_person

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("now", "before", "line"),
    [
        (91.04, 93.0, {"now": 91.0, "before": 93.0, "worse": True}),
        (92.0, 93.0, {"now": 92.0, "before": 93.0, "worse": False}),
        (99.0, 93.0, {"now": 99.0, "before": 93.0, "worse": False}),
        (99.0, None, {"now": 99.0, "before": None, "worse": False}),
        (None, 93.0, {"now": None, "before": 93.0, "worse": False}),
    ],
)
def test_a_share_is_worse_if_it_lost_more_than_a_point(now, before, line):
    shares = [{} if share is None else {"phone": share} for share in (now, before)]
    (phone, *_others) = rule.coverage(*shares)
    assert phone == {"code": "phone"} | line


def test_findings_come_in_their_order_without_those_of_nothing():
    rows = [
        ("zone_missing", 0, 0, 0, 0),
        ("cep_state", 1, 0, 3, 2),
        ("name_missing", 0, 4, 1, 5),
    ]
    lines = rule.issues(rows)
    assert [line["code"] for line in lines] == ["name_missing", "cep_state"]
    assert [line["worse"] for line in lines] == [False, True]


def test_what_did_not_happen_is_nought():
    lines = rule.counts(rule.DOUBLES, {"merged": 2}, {})
    assert {line["code"]: line["now"] for line in lines} == dict.fromkeys(
        rule.DOUBLES, 0
    ) | {"merged": 2}


@pytest.mark.parametrize(
    ("data", "tidied"),
    [
        ({"name": "ANA DA LUZ", "email": "ana@b.co"}, {"name"}),
        ({"name": "Ana da Luz", "email": "ANA@b.co "}, {"email"}),
        ({"phone": "(11) 96123-4567"}, {"phone"}),
        ({"phone": "+5511961234567", "zip": "01304-001"}, set()),
        ({"email": "no address", "state": "br-sp", "cpf": "529.982.247-25"}, set()),
    ],
)
def test_what_is_kept_otherwise_than_it_was_told_counts(data, tidied):
    assert read_person(data, TODAY).tidied == tidied


def test_the_paper_is_the_same_for_the_same_figures():
    head = {
        "title": "State", "company": "A & <B>", "month": "10/2026",
        "made": "Made", "look": "to look at", "lang": "pt-BR",
    }  # fmt: skip
    row = {"label": "Fone <b>", "cells": ["91,0 %", "", "1"], "worse": True}
    table = {"title": "T", "columns": ["a", "b", "c"], "rows": [row], "note": ""}
    paper = hygiene_report_pdf.render(head, [table, table | {"rows": []}])
    assert paper == hygiene_report_pdf.render(head, [table, table | {"rows": []}])
    assert paper.startswith(b"%PDF")
