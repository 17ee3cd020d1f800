from odoo.addons.veloc_messaging.rules import settling
from odoo.addons.veloc_messaging.rules.settling import Case, Finding

ONE, TWO = ("SM1", "sent"), ("SM2", "delivered")


def settle(*cases, adopted=()):
    return settling.settle(cases, set(adopted))


def test_a_single_sighting_is_adopted_with_its_status():
    assert settle(Case(1, (TWO,), True)) == {1: Finding("adopt", "SM2", "delivered")}


def test_nothing_seen_by_a_complete_look_up_proves_absence():
    assert settle(Case(1, (), True))[1].kind == "absent"


def test_nothing_seen_by_a_failed_look_up_proves_nothing():
    assert settle(Case(1, (), False, "http_500"))[1] == Finding(
        "unknown", detail="http_500"
    )


def test_what_belongs_to_another_message_is_no_sighting():
    assert settle(Case(1, (ONE,), True), adopted=["SM1"])[1].kind == "absent"


def test_of_two_the_one_that_is_free_is_adopted():
    assert settle(Case(1, (ONE, TWO), True), adopted=["SM1"])[1].provider_ref == "SM2"


def test_two_sightings_of_one_message_are_for_a_person_to_judge():
    assert settle(Case(1, (ONE, TWO), True))[1].kind == "ambiguous"


def test_look_alikes_share_as_many_sightings():
    findings = settle(Case(1, (ONE, TWO), True), Case(2, (TWO, ONE), True))

    assert {f.provider_ref for f in findings.values()} == {"SM1", "SM2"}
    assert {f.kind for f in findings.values()} == {"adopt"}


def test_one_sighting_for_two_look_alikes_is_ambiguous():
    findings = settle(Case(1, (ONE,), True), Case(2, (ONE,), True))

    assert {f.kind for f in findings.values()} == {"ambiguous"}


def test_a_sighting_shared_by_different_searches_is_ambiguous():
    findings = settle(Case(1, (ONE,), True), Case(2, (ONE, TWO), True))

    assert {f.kind for f in findings.values()} == {"ambiguous"}


def test_strangers_do_not_disturb_each_other():
    findings = settle(
        Case(1, (ONE,), True),
        Case(2, (), True),
        Case(3, (TWO,), False),
        Case(4, (), False),
    )

    assert [findings[n].kind for n in (1, 2, 3, 4)] == [
        "adopt",
        "absent",
        "adopt",
        "unknown",
    ]
