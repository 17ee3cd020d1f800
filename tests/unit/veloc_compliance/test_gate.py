import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest

from odoo.addons.veloc_compliance.const import (
    CHANNELS,
    PROMOTIONAL,
    PURPOSE_KINDS,
    REVOCABLE_BASES,
    SUPPRESSION_KINDS,
)
from odoo.addons.veloc_compliance.rules.contact_hours import Window
from odoo.addons.veloc_compliance.rules.gate import (
    CARE_ORDER,
    RULES,
    Case,
    Consent,
    Person,
    Purpose,
    age_on,
    decide,
)

NOON = datetime(2026, 3, 11, 15, 0)  # a Wednesday, 12:00 in São Paulo
NIGHT = datetime(2026, 3, 12, 2, 0)  # 23:00 in São Paulo
HOURS = (Window(0, 5, 9 * 60, 21 * 60),)
ANA = Person(7, has_email=True, has_phone=True, birth_date=date(1990, 5, 1), uf="SP")
MARKETING = Purpose(3, "marketing", "marketing", 31, 2, "consent", 1)
SERVICE = Purpose(1, "account_service", "service", 11, 1, "contract", 1)
YES = Consent(501, True, 2, datetime(2026, 1, 5, 10, 0))
NO = replace(YES, id=502, granted=False)
CHANNEL_CODES = [code for code, _label in CHANNELS]
KINDS = [kind for kind, _label in SUPPRESSION_KINDS]


def case(**changes):
    """Return a case in which nothing objects, then changed."""
    clear = Case(ANA, MARKETING, "sms", NOON, YES, frozenset(), HOURS)
    return replace(clear, **changes)


def blocks(*kinds, channel=None):
    return frozenset((kind, channel) for kind in kinds)


def test_with_consent_in_the_hours_contact_is_allowed():
    verdict = decide(case())
    assert verdict.allowed
    assert (verdict.outcome, verdict.reason, verdict.basis) == (
        "allowed",
        "consent",
        "consent",
    )
    assert (verdict.consent_id, verdict.purpose_version_id) == (501, 31)
    assert verdict.until is None


def test_an_allowance_shows_what_it_rests_on():
    assert decide(case()).saw == {
        "consent": 501,
        "granted": True,
        "consent_version": 2,
        "recorded_at": "2026-01-05T10:00:00Z",
        "version": 2,
    }


# --- who and what is known ---------------------------------------------------


def test_an_unknown_person_is_refused():
    verdict = decide(case(person=None))
    assert (verdict.outcome, verdict.reason) == ("refused", "unknown_person")


def test_an_unknown_purpose_is_refused():
    verdict = decide(case(purpose=None))
    assert (verdict.reason, verdict.basis, verdict.rule) == (
        "unknown_purpose",
        None,
        "known",
    )


def test_a_purpose_that_was_never_published_is_refused():
    draft = Purpose(3, "marketing", "marketing")
    assert decide(case(purpose=draft)).reason == "unknown_purpose"


@pytest.mark.parametrize("purpose", [MARKETING, SERVICE], ids=lambda p: p.code)
def test_an_archived_contact_is_left_alone(purpose):
    verdict = decide(case(person=replace(ANA, active=False), purpose=purpose))
    assert verdict.reason == "archived"


# --- suppressions ------------------------------------------------------------


@pytest.mark.parametrize("purpose", [MARKETING, SERVICE], ids=lambda p: p.code)
def test_nobody_writes_to_the_dead(purpose):
    verdict = decide(case(purpose=purpose, suppressions=blocks("deceased")))
    assert (verdict.outcome, verdict.reason, verdict.rule) == (
        "refused",
        "deceased",
        "deceased",
    )


@pytest.mark.parametrize("kind", CARE_ORDER)
@pytest.mark.parametrize("purpose_kind", sorted(PROMOTIONAL))
def test_care_holds_back_every_promotion(kind, purpose_kind):
    purpose = replace(MARKETING, kind=purpose_kind)
    verdict = decide(case(purpose=purpose, suppressions=blocks(kind)))
    assert (verdict.outcome, verdict.reason) == ("refused", kind)


@pytest.mark.parametrize("kind", CARE_ORDER)
def test_care_lets_service_through(kind):
    verdict = decide(case(purpose=SERVICE, consent=None, suppressions=blocks(kind)))
    assert verdict.allowed


def test_every_kind_of_suppression_holds_something():
    for kind in KINDS:
        verdict = decide(case(suppressions=blocks(kind) | blocks(kind, channel="sms")))
        assert verdict.reason == kind


def test_the_weightiest_suppression_is_named_and_all_are_shown():
    verdict = decide(case(suppressions=blocks("complaint", "self_exclusion")))
    assert verdict.reason == "self_exclusion"
    assert verdict.saw == {"suppressions": ["self_exclusion", "complaint"]}


@pytest.mark.parametrize("purpose", [MARKETING, SERVICE], ids=lambda p: p.code)
def test_a_blocked_channel_is_closed_for_everything(purpose):
    verdict = decide(
        case(purpose=purpose, suppressions=blocks("channel_blocked", channel="sms"))
    )
    assert verdict.reason == "channel_blocked"


@pytest.mark.parametrize("kind", ["channel_blocked", "opt_out"])
def test_a_block_on_one_channel_says_nothing_about_another(kind):
    assert decide(case(suppressions=blocks(kind, channel="whatsapp"))).allowed


def test_an_opt_out_ends_promotion_on_its_channel():
    verdict = decide(case(suppressions=blocks("opt_out", channel="sms")))
    assert (verdict.reason, verdict.rule) == ("opt_out", "channel")


def test_an_opt_out_leaves_the_contract_alone():
    stopped = blocks("opt_out", channel="sms")
    assert decide(case(purpose=SERVICE, suppressions=stopped)).allowed


def test_the_blacklists_of_odoo_are_heard():
    listed = replace(ANA, listed=frozenset({"sms"}))
    assert decide(case(person=listed)).reason == "blocklist"
    assert decide(case(person=listed, channel="email")).allowed
    assert decide(case(person=listed, purpose=SERVICE)).allowed


# --- age ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 3, 11), date(2026, 3, 11), 18),
        (date(2008, 3, 12), date(2026, 3, 11), 17),
        (date(2008, 12, 31), date(2026, 1, 1), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 3, 11), date(2026, 3, 11), 0),
    ],
)
def test_age_in_whole_years(born, day, age):
    assert age_on(day, born) == age


def test_promotion_never_reaches_a_minor():
    child = replace(ANA, birth_date=date(2008, 3, 12))
    verdict = decide(case(person=child))
    assert (verdict.reason, verdict.saw) == ("minor", {"age": 17})


def test_the_eighteenth_birthday_ends_it():
    assert decide(case(person=replace(ANA, birth_date=date(2008, 3, 11)))).allowed


def test_the_birthday_comes_when_it_comes_where_the_person_lives():
    # 02:00 UTC on the 12th is still the 11th in São Paulo.
    child = replace(ANA, birth_date=date(2008, 3, 12))
    assert decide(case(person=child, now=NIGHT)).reason == "minor"


def test_an_unknown_birth_date_is_no_minor():
    assert decide(case(person=replace(ANA, birth_date=None))).allowed


def test_a_minor_still_gets_service_messages():
    child = replace(ANA, birth_date=date(2010, 1, 1))
    assert decide(case(person=child, purpose=SERVICE)).allowed


# --- address -----------------------------------------------------------------


def test_push_needs_a_browser_and_no_other_address():
    neither = replace(ANA, has_email=False, has_phone=False)
    assert not neither.reachable_on("push")
    assert not ANA.reachable_on("push")
    assert replace(neither, has_push=True).reachable_on("push")


@pytest.mark.parametrize(
    ("has_email", "has_phone", "open_channels"),
    [
        (True, True, {"email", "sms", "whatsapp", "call"}),
        (True, False, {"email"}),
        (False, True, {"sms", "whatsapp", "call"}),
        (False, False, set()),
    ],
)
def test_a_channel_needs_its_address(has_email, has_phone, open_channels):
    person = replace(ANA, has_email=has_email, has_phone=has_phone)
    for channel in CHANNEL_CODES:
        verdict = decide(case(person=person, channel=channel))
        assert verdict.allowed is (channel in open_channels)
        assert verdict.allowed or verdict.reason == "no_address"


# --- legal basis -------------------------------------------------------------


def test_silence_is_a_refusal():
    verdict = decide(case(consent=None))
    assert (verdict.outcome, verdict.reason) == ("refused", "no_consent")
    assert verdict.saw == {"consent": None}


def test_a_revocation_is_a_refusal_that_names_its_event():
    verdict = decide(case(consent=NO))
    assert verdict.reason == "consent_revoked"
    assert verdict.saw["consent"] == 502
    assert verdict.consent_id is None


def test_a_consent_to_an_older_purpose_does_not_cover_a_changed_one():
    changed = replace(MARKETING, number=3, covers_from=3)
    verdict = decide(case(purpose=changed))
    assert verdict.reason == "consent_outdated"
    assert verdict.saw["covers_from"] == 3


def test_a_consent_covers_a_corrected_text():
    corrected = replace(MARKETING, number=3, covers_from=2)
    assert decide(case(purpose=corrected)).allowed


def test_an_old_revocation_still_stands_after_a_new_version():
    changed = replace(MARKETING, number=3, covers_from=3)
    assert decide(case(purpose=changed, consent=NO)).reason == "consent_revoked"


@pytest.mark.parametrize("consent", [None, YES])
def test_legitimate_interest_needs_no_word(consent):
    purpose = replace(MARKETING, basis="legitimate_interest")
    verdict = decide(case(purpose=purpose, consent=consent))
    assert (verdict.allowed, verdict.basis) == (True, "legitimate_interest")
    assert verdict.consent_id is None


def test_legitimate_interest_yields_to_an_objection():
    purpose = replace(MARKETING, basis="legitimate_interest")
    assert decide(case(purpose=purpose, consent=NO)).reason == "consent_revoked"


@pytest.mark.parametrize("basis", ["contract", "legal_obligation"])
@pytest.mark.parametrize("consent", [None, YES, NO])
def test_contract_and_law_do_not_ask(basis, consent):
    assert basis not in REVOCABLE_BASES
    verdict = decide(case(purpose=replace(SERVICE, basis=basis), consent=consent))
    assert (verdict.allowed, verdict.reason) == (True, basis)


# --- hours -------------------------------------------------------------------


def test_at_night_promotion_waits_until_the_morning():
    verdict = decide(case(now=NIGHT))
    assert (verdict.outcome, verdict.reason) == ("deferred", "quiet_hours")
    assert verdict.until == datetime(2026, 3, 12, 12, 0)
    assert not verdict.allowed


@pytest.mark.parametrize("kind", [kind for kind, _label in PURPOSE_KINDS])
def test_only_promotion_knows_hours(kind):
    purpose = replace(MARKETING, kind=kind)
    assert decide(case(purpose=purpose, now=NIGHT)).allowed is (kind == "service")


def test_a_channel_without_any_hours_is_refused_not_deferred_for_ever():
    verdict = decide(case(windows=()))
    assert (verdict.outcome, verdict.reason) == ("refused", "no_contact_hours")


def test_what_is_refused_anyway_is_not_merely_deferred():
    assert decide(case(now=NIGHT, consent=None)).outcome == "refused"
    blocked = case(now=NIGHT, suppressions=blocks("complaint"))
    assert decide(blocked).outcome == "refused"


def test_at_the_hour_it_was_deferred_to_contact_is_allowed():
    until = decide(case(now=NIGHT)).until
    assert decide(case(now=until)).allowed
    assert not decide(case(now=until - timedelta(seconds=1))).allowed


# --- the table of rules ------------------------------------------------------

OBJECTIONS = {
    "known": {"person": replace(ANA, active=False)},
    "deceased": {"suppressions": blocks("deceased")},
    "suppression": {"suppressions": blocks("complaint")},
    "channel": {"suppressions": blocks("opt_out", channel="sms")},
    "minor": {"person": replace(ANA, birth_date=date(2012, 1, 1))},
    "address": {"person": replace(ANA, has_phone=False)},
    "legal_basis": {"consent": None},
    "contact_hours": {"now": NIGHT},
}


def test_every_rule_has_a_case_here():
    assert [name for name, _rule in RULES] == list(OBJECTIONS)


@pytest.mark.parametrize("name", OBJECTIONS)
def test_each_rule_objects_alone_and_is_named(name):
    verdict = decide(case(**OBJECTIONS[name]))
    assert (verdict.rule, verdict.allowed) == (name, False)


@pytest.mark.parametrize(("first", "second"), list(combinations(OBJECTIONS, 2)))
def test_of_two_objections_the_earlier_rule_speaks(first, second):
    one, two = OBJECTIONS[first], OBJECTIONS[second]
    both = two | one
    if "suppressions" in one and "suppressions" in two:
        both["suppressions"] = one["suppressions"] | two["suppressions"]
    if "person" in one and "person" in two:
        both["person"] = replace(
            one["person"],
            has_phone=two["person"].has_phone,
            birth_date=max(one["person"].birth_date, two["person"].birth_date),
        )
    assert decide(case(**both)).rule == first


@pytest.mark.parametrize("name", [None, *OBJECTIONS])
def test_what_a_verdict_saw_can_be_stored_as_json(name):
    verdict = decide(case(**OBJECTIONS.get(name, {})))
    assert json.loads(json.dumps(verdict.saw)) == verdict.saw


@pytest.mark.parametrize("name", list(OBJECTIONS))
def test_a_verdict_holds_no_personal_data(name):
    saw = json.dumps(decide(case(**OBJECTIONS[name])).saw)
    assert "1990" not in saw
    assert "@" not in saw
