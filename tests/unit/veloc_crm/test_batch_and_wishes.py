"""A batch on its way in, and what people want of us in it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from odoo.addons.veloc_crm.rules.batch import Known, read_batch
from odoo.addons.veloc_crm.rules.money import Rates
from odoo.addons.veloc_crm.rules.wishes import PROTECTIONS, read_wishes, types_about

NOW = datetime(2026, 11, 22, 12, 0)


def event(number, kind="login", trader="T", hour=1, **values):
    at = datetime(2026, 11, 22, hour, tzinfo=UTC).isoformat()
    return {"id": f"e{number}", "type": kind, "trader": trader, "at": at, **values}


def batch_of(*rows, claimed=True):
    batch = read_batch("broker", list(rows), NOW)
    batch.known = {ref: Known(10, 20, 1) for ref in ("T", "U")}
    batch.known["U"] = Known(11, 21, 1)
    if claimed:
        batch.ids = {item.id: n for n, item in enumerate(batch.events)}
    return batch


def test_bad_rows_are_noted_and_good_ones_stay():
    batch = batch_of(event(1), "x", {**event(2), "at": "never"}, {"type": "login"})
    assert [item.id for item in batch.events] == ["e1"]
    assert batch.rejected == [
        {"index": 1, "id": "", "code": "not_an_object"},
        {"index": 2, "id": "e2", "code": "invalid_at"},
        {"index": 3, "id": "", "code": "missing_id"},
    ]


def test_the_same_id_twice_is_a_duplicate():
    batch = batch_of(event(1), event(1), event(2))
    assert (len(batch.events), batch.duplicates) == (2, 1)


def test_what_was_claimed_is_new():
    batch = batch_of(event(1), event(2), event(3), claimed=False)
    batch.ids = {"e2": 7}
    assert [item.id for item in batch.new_events] == ["e2"]


def test_an_introduction_makes_its_trader_no_stranger():
    batch = batch_of(event(1, "signup", "new"), event(2, "login", "stranger"))
    assert batch.unknown_refs() == {"new"}


def test_foreign_money_is_exchanged_or_refused():
    batch = batch_of(
        event(1, "deposit_approved", amount="10.00", currency="USD"),
        event(2, "deposit_approved", amount="10.00", currency="EUR"),
        event(3, "deposit_approved", amount="10.00"),
        claimed=False,
    )
    batch.set_factors(Rates("BRL", {"USD": [(date(2026, 1, 1), Decimal("0.2"))]}))
    assert [note["code"] for note in batch.rejected] == ["no_rate"]
    assert [batch.company_amount(item) for item in batch.events] == [50, 10]


@pytest.mark.parametrize("kind", sorted(PROTECTIONS))
def test_what_protects_people_imposes_or_lifts(kind):
    _, impositions, lifts = read_wishes(batch_of(event(1, kind)))
    name, imposes = PROTECTIONS[kind]
    assert impositions == ({(name, None): [20]} if imposes else {})
    assert lifts == ({} if imposes else {name: [20]})


def test_the_later_of_two_holds_whatever_their_order_in_the_batch():
    closed = event(1, "complaint_closed", hour=5)
    opened = event(2, "complaint_opened", hour=3)
    _, impositions, lifts = read_wishes(batch_of(closed, opened))
    assert (impositions, lifts) == ({}, {"complaint": [20]})


def test_people_with_the_same_end_are_protected_together():
    data = {"until": "2027-01-01"}
    _, impositions, _ = read_wishes(
        batch_of(
            event(1, "self_excluded", "T", data=data),
            event(2, "self_excluded", "U", data=data),
        )
    )
    end = datetime(2027, 1, 1, 23, 59, 59)
    assert impositions == {("self_exclusion", end): [20, 21]}


def test_an_exclusion_that_is_over_is_taken_as_open_ended():
    data = {"until": "2020-01-01"}
    _, impositions, _ = read_wishes(batch_of(event(1, "self_excluded", data=data)))
    assert impositions == {("self_exclusion", None): [20]}


def test_consents_carry_their_proof():
    consent = {
        "purpose": "marketing",
        "channel": "sms",
        "granted": True,
        "text_version": "3",
        "ip": "192.0.2.1",
        "nonsense": 1,
    }
    batch = batch_of(event(1, "signup", data={"consents": [consent]}))
    pairs, _, _ = read_wishes(batch)
    assert [said_in for said_in, _item in pairs] == batch.events
    assert [item for _event, item in pairs] == [
        {
            "partner_id": 20,
            "purpose": "marketing",
            "channel": "sms",
            "granted": True,
            "source": "broker",
            "at": "2026-11-22T01:00:00+00:00",
            "evidence": "event e1, text 3",
            "ip": "192.0.2.1",
        }
    ]


def test_what_is_lifted_by_one_event_is_imposed_by_another():
    lifted = {kind for kind, imposes in PROTECTIONS.values() if not imposes}
    assert {kind: types_about(kind) for kind in lifted} == {
        "complaint": ("complaint_opened", "complaint_closed"),
        "kyc_block": ("kyc_rejected", "kyc_approved"),
    }


def test_a_duplicate_wishes_nothing():
    batch = batch_of(event(1, "self_excluded"), claimed=False)
    batch.ids = {}
    assert read_wishes(batch) == ([], {}, {})
