from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_compliance.const import SUPPRESSION_KINDS
from odoo.addons.veloc_compliance.rules.suppression import (
    BINDING,
    OFFICER_ONLY,
    lift_refusal,
)

NOW = datetime(2026, 3, 11, 15, 0)
LATER = NOW + timedelta(seconds=1)
KINDS = [kind for kind, _label in SUPPRESSION_KINDS]


def test_the_rule_speaks_of_kinds_that_exist():
    assert set(KINDS) >= BINDING | OFFICER_ONLY


@pytest.mark.parametrize("kind", sorted(BINDING))
@pytest.mark.parametrize("by_officer", [True, False])
def test_what_the_person_chose_runs_its_full_time(kind, by_officer):
    assert lift_refusal(kind, LATER, NOW, by_officer) == "runs_until"


@pytest.mark.parametrize("kind", sorted(BINDING))
@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1)])
def test_after_its_time_it_may_go(kind, until):
    assert lift_refusal(kind, until, NOW, by_officer=False) is None


@pytest.mark.parametrize("kind", sorted(BINDING))
def test_without_an_end_only_the_officer_ends_it(kind):
    assert lift_refusal(kind, None, NOW, by_officer=False) == "officer_only"
    assert lift_refusal(kind, None, NOW, by_officer=True) is None


@pytest.mark.parametrize("kind", sorted(OFFICER_ONLY))
@pytest.mark.parametrize("until", [None, LATER])
def test_facts_about_the_person_are_the_officers_to_correct(kind, until):
    assert lift_refusal(kind, until, NOW, by_officer=False) == "officer_only"
    assert lift_refusal(kind, until, NOW, by_officer=True) is None


@pytest.mark.parametrize("kind", sorted(set(KINDS) - BINDING - OFFICER_ONLY))
@pytest.mark.parametrize("until", [None, LATER])
def test_the_rest_may_be_lifted_at_any_time(kind, until):
    assert lift_refusal(kind, until, NOW, by_officer=False) is None
