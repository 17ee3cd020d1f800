"""A rule that a person builds holds data, never code."""

from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_compliance.rules.rule_domain import (
    ASK_ANYWAY,
    LONGEST_TEXT,
    NotPlainError,
    is_worth_asking,
    paths,
    read,
)

NOW = datetime(2026, 3, 11, 15, 0)


def test_a_domain_of_plain_values_is_read():
    text = "['|', ('state', '=', 'open'), ('date', '<', 'today -7d')]"
    assert read(text) == ["|", ("state", "=", "open"), ("date", "<", "today -7d")]
    assert read("") == read(None) == []


@pytest.mark.parametrize(
    "text",
    [
        "[('user_id', '=', uid)]",
        "[('date', '<', context_today())]",
        "__import__('os').system('id')",
        "[x for x in ().__class__.__base__.__subclasses__()]",
        "[('a', '=', 'b' * 9999999999)]",
        "('a', '=', 1)",
        "{'a': 1}",
        "[(",
        "[" * 500 + "]" * 500,
        " " * LONGEST_TEXT + "[('a', '=', '" + "x" * LONGEST_TEXT + "')]",
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(NotPlainError):
        read(text)


def test_the_paths_are_found_inside_any_as_well():
    domain = [
        "&",
        ("partner_id.country_id", "=", 1),
        ("user_id", "any", [("x", "=", 2)]),
    ]
    assert paths(domain) == ["partner_id.country_id", "user_id", "user_id.x"]


def test_a_table_nobody_touched_is_not_asked_again():
    asked = NOW - timedelta(minutes=1)
    assert not is_worth_asking("res_partner 7", "res_partner 7", asked, NOW)
    assert is_worth_asking("res_partner 7", "res_partner 8", asked, NOW)


def test_time_alone_can_make_a_rule_true():
    assert is_worth_asking("t 7", "t 7", NOW - ASK_ANYWAY, NOW)


@pytest.mark.parametrize("unknown", [None, ""])
def test_what_is_not_known_is_asked(unknown):
    assert is_worth_asking(unknown, "t 7", NOW, NOW)
    assert is_worth_asking("t 7", unknown, NOW, NOW)
    assert is_worth_asking("t 7", "t 7", None, NOW)
