import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.providers import base, errors

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors/provider_errors.json").read_text()
)
SECTIONS = {"twilio": "twilio", "meta": "whatsapp"}


def vectors():
    for section, provider in SECTIONS.items():
        for row in VECTORS[section]:
            yield pytest.param(provider, row, id=f"{provider}-{row['code']}")


@pytest.mark.parametrize(("provider", "row"), list(vectors()))
def test_every_code_of_the_vectors_has_its_class(provider, row):
    if row.get("where") == "http":
        # After a POST nobody knows: the vectors say "reconcile first".
        assert errors.of_answer(provider, row["code"], row["code"]).kind == "in_doubt"
    else:
        assert errors.of_callback(provider, row["code"]) == row["class"]
        assert errors.of_answer(provider, 400, row["code"]).kind == row["class"]


def test_every_class_of_the_tables_is_one_we_know():
    found = {
        row.kind
        for tables in errors._tables().values()
        for table in tables
        for row in table.values()
    }

    assert found <= set(base.KINDS)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 99999, "permanent"),
        (401, 401, "config"),
        (404, 404, "config"),
        (404, None, "config"),
        (429, None, "slow"),
        (429, 99999, "slow"),
        (503, 503, "in_doubt"),
        (599, None, "in_doubt"),
        (500, 20003, "in_doubt"),
    ],
)
def test_an_unknown_code_has_a_safe_class(status, code, kind):
    assert errors.of_answer("twilio", status, code).kind == kind


def test_an_unknown_failure_after_acceptance_may_be_tried_again():
    assert errors.of_callback("twilio", None) == "retry"
    assert errors.of_callback("twilio", 99999) == "retry"
    assert errors.of_callback("nobody", 1) == "retry"


def test_a_refusal_in_words_of_meta_is_believed_whatever_the_status():
    assert errors.of_answer("whatsapp", 500, 131016).kind == "retry"
    assert errors.of_answer("whatsapp", 500, None).kind == "in_doubt"


@pytest.mark.parametrize(
    ("provider", "code", "whole"),
    [
        ("twilio", 20003, True),
        ("twilio", 21408, False),
        ("twilio", 63041, False),
        ("whatsapp", 190, True),
        ("whatsapp", 132001, False),
        ("whatsapp", 131047, False),
    ],
)
def test_only_trouble_of_the_account_stops_the_account(provider, code, whole):
    assert errors.of_answer(provider, 400, code).whole_account is whole


@pytest.mark.parametrize(
    ("provider", "code"),
    [("twilio", 63049), ("twilio", 63032), ("whatsapp", 131049)],
)
def test_a_limit_of_meta_per_person_holds_for_a_day(provider, code):
    assert errors.consequence(provider, code).hold_hours >= 24


def test_who_stopped_marketing_still_gets_service():
    assert errors.consequence("whatsapp", 131050).suppress == "marketing"
    assert errors.consequence("twilio", 21610).suppress == "channel"
    assert errors.consequence("twilio", 30003).suppress == ""


def test_too_much_to_one_person_is_no_trouble_of_the_account():
    found = errors.consequence("whatsapp", 131056)

    assert (found.kind, found.scope, found.wait_seconds) == ("slow", "recipient", 6)
