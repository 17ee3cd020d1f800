from datetime import date

import pytest

from odoo.addons.veloc_compliance.rules import transfer

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("country", "mechanism", "has_document", "fault"),
    [
        ("BR", None, False, ""),
        ("", None, False, "no_country"),
        ("US", None, False, "no_mechanism"),
        ("US", "adequacy", False, "not_adequate"),
        ("PT", "adequacy", False, ""),
        ("US", "clauses", False, "no_document"),
        ("US", "clauses", True, ""),
        ("US", "consent", False, ""),
    ],
)
def test_data_leave_brazil_on_a_ground_of_article_33_only(
    country, mechanism, has_document, fault
):
    assert transfer.transfer_fault(country, mechanism, has_document) == fault


def test_what_needs_a_document_is_a_mechanism():
    assert set(transfer.MECHANISMS) >= transfer.WITH_DOCUMENT


@pytest.mark.parametrize(
    ("signed", "ends", "fault"),
    [
        (None, None, "no_contract"),
        (date(2026, 1, 1), None, ""),
        (date(2026, 1, 1), TODAY, ""),
        (date(2026, 1, 1), date(2026, 11, 21), "contract_over"),
    ],
)
def test_a_contract_counts_from_its_signature_through_its_last_day(signed, ends, fault):
    assert transfer.contract_fault(signed, ends, TODAY) == fault
