"""What counts as one caller, when a door opens again, and what is too much."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import (
    answer_headers,
    export_budget,
    outside_services,
    rate_bucket,
)
from odoo.addons.veloc_compliance.rules.caller_address import bucket_of, masked
from odoo.addons.veloc_compliance.rules.password_rule import weakness

NOW = 1_800_000_000.0

# === THE BUCKET === #


@given(st.integers(1, 500), st.integers(1, 86_400))
def test_exactly_the_limit_is_allowed_at_once(limit, seconds):
    full_at, allowed = 0.0, 0
    while not rate_bucket.wait(full_at, NOW, limit, seconds):
        full_at = max(full_at, NOW) + seconds / limit
        allowed += 1
        assert allowed <= limit + limit * rate_bucket.EPSILON / seconds + 1
    assert allowed >= limit


@given(st.integers(1, 200), st.integers(1, 3600), st.floats(0, 7200))
def test_the_wait_it_names_is_long_enough(limit, seconds, spent):
    full_at = NOW + min(spent, seconds)
    wait = rate_bucket.wait(full_at, NOW, limit, seconds)
    assert rate_bucket.wait(full_at, NOW + wait, limit, seconds) == 0


@given(st.integers(1, 200), st.integers(1, 3600))
def test_all_is_allowed_again_after_the_time(limit, seconds):
    full_at = NOW + seconds
    later = NOW + seconds
    assert rate_bucket.wait(full_at, later, limit, seconds, amount=limit) == 0


def test_no_limit_never_waits():
    assert rate_bucket.wait(NOW + 10**6, NOW, 0, 60) == 0


def test_more_than_the_bucket_holds_always_waits():
    assert rate_bucket.wait(0.0, NOW, 10, 60, amount=11) > 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, ("seconds", 1)), (119, ("seconds", 119)), (121, ("minutes", 3))],
)
def test_a_wait_is_told_as_people_say_it_and_never_shorter(seconds, said):
    assert rate_bucket.words(seconds) == said


# === WHO CALLS === #


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_ipv6_subscriber_is_one_caller(address, bucket):
    assert bucket_of(address) == bucket


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_all_addresses_of_a_subscriber_count_together(one, other):
    network = 0x20010DB8 << 96
    first, second = (str(IPv6Address(network + host)) for host in (one, other))
    assert bucket_of(first) == bucket_of(second) == "2001:db8::/64"


@given(st.text(min_size=3))
def test_a_name_nobody_has_is_not_kept(typed):
    assert len(masked(typed)) <= 3


# === PASSWORDS === #


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("kaput9!Zq", "short"),
        ("x" * 129, "long"),
        ("aaaaaaaaaaaaaa", "common"),
        ("Password12345!", "common"),
        ("flamengo202611", "common"),
        ("senhasenha2026", "common"),
        ("12345678901234567", "common"),
        ("teresa.gestora1", "personal"),
        ("VelocBroker2026", "personal"),
        ("cavalo bateria grampo", ""),
        ("e2e-Passw0rd", ""),
        ("Zq7#vLm2pRt9", ""),
    ],
)
def test_a_password_is_long_and_not_about_its_owner(password, why):
    about = ("teresa.gestora@veloc.example", "Teresa Gestora", "Veloc Broker")
    assert weakness(password, about) == why


@given(st.text(min_size=12, max_size=128), st.lists(st.text(), max_size=3))
def test_no_password_breaks_the_rule(password, about):
    assert weakness(password, tuple(about)) in {"", "common", "personal"}


def test_no_composition_is_asked_for():
    assert weakness("umafrasesemnumeros") == ""


# === EXPORTS === #


def test_the_most_generous_role_counts_and_grants_come_on_top():
    assert export_budget.allowed_rows([0, 500, 2000], [300, 40]) == 2340


def test_roles_that_say_nothing_leave_the_small_default():
    assert export_budget.allowed_rows([0, 0]) == export_budget.DEFAULT_ROWS


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_budget_is_never_overdrawn(allowed, used, rows):
    budget = export_budget.Budget(allowed, used)
    if rows and budget.covers(rows):
        assert used + rows <= allowed


@pytest.mark.parametrize(
    ("rows", "over_pace", "counts"),
    [(80, False, False), (501, False, True), (500, False, False), (80, True, True)],
)
def test_reading_in_bulk_or_page_by_page_without_end_is_an_export(
    rows, over_pace, counts
):
    assert export_budget.is_export(rows, over_pace=over_pace) is counts


# === OUTSIDE SERVICES === #


@pytest.mark.parametrize(
    "name",
    ["crm_iap_enrich", "partner_autocomplete", "snailmail_account", "crm_mail_plugin"],
)
def test_a_module_that_sends_contacts_out_is_known(name):
    assert outside_services.sends_out(name)


@pytest.mark.parametrize("name", ["crm", "contacts", "iap", "mail", "veloc_crm"])
def test_modules_that_keep_data_at_home_are_not_suspected(name):
    assert not outside_services.sends_out(name)


def test_a_decision_that_was_made_is_respected():
    names = ["google_calendar", "crm_iap_mine"]
    assert list(outside_services.senders(names, ["google_calendar"])) == [
        "crm_iap_mine"
    ]


# === ANSWERS === #


def test_what_an_answer_says_itself_is_left_alone():
    added = answer_headers.missing_headers(["content-security-policy"], True, False)
    assert "Content-Security-Policy" not in added
    assert added["X-Frame-Options"] == "SAMEORIGIN"


def test_only_a_safe_connection_promises_to_stay_safe():
    assert "Strict-Transport-Security" in answer_headers.missing_headers([], True, True)
    assert "Strict-Transport-Security" not in answer_headers.missing_headers(
        [], True, False
    )


def test_a_policy_about_frames_only_gets_the_rest():
    policy = answer_headers.stricter_policy("frame-ancestors 'none'")
    assert "object-src 'none'" in policy
    assert policy.endswith("frame-ancestors 'none'")
    assert policy.count("frame-ancestors") == 1


def test_a_strict_policy_of_a_page_stays_as_it_is():
    own = "default-src 'none'; frame-ancestors 'none'"
    assert answer_headers.stricter_policy(own) == own


@pytest.mark.parametrize(
    ("cookie", "is_https", "safe"),
    [
        ("a=1; HttpOnly", False, "a=1; HttpOnly; SameSite=Lax"),
        ("a=1; HttpOnly", True, "a=1; HttpOnly; SameSite=Lax; Secure"),
        ("a=1; Secure; SameSite=Strict", True, "a=1; Secure; SameSite=Strict"),
    ],
)
def test_cookies_are_not_for_other_sites_nor_for_listeners(cookie, is_https, safe):
    assert answer_headers.safe_cookie(cookie, is_https) == safe
