"""Definitions: what is one, what is refused and where, and what SQL becomes of it."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import segment_sql
from odoo.addons.veloc_crm.rules.segment_care import asks_for_care
from odoo.addons.veloc_crm.rules.segment_definition import (
    MESSAGES,
    DefinitionError,
    Leaf,
    expand,
    leaves,
    parse,
)
from odoo.addons.veloc_crm.rules.sql_text import Piece, join, sql

DEPOSIT = {"is": "event", "type": "deposit_approved", "op": ">=", "times": 2}
SPAN = {"value": 30, "unit": "days"}


def define(*conditions, verb="all"):
    return {"version": 1, "where": {verb: list(conditions)}}


def field(name, op, **more):
    return {"is": "field", "field": name, "op": op, **more}


GOOD = [
    DEPOSIT,
    {**DEPOSIT, "within": SPAN, "amount": 100, "data": {"key": "m", "value": "pix"}},
    field("stage", "in", value=["lead"]),
    field("deposit_total_30", "between", value=[1, 2.5]),
    field("last_deposit_at", "older_than", value=SPAN),
    field("first_deposit_at", "empty"),
    field("has_email", "is", value=False),
    field("birthday", "within", value={"value": 7, "unit": "days"}),
    {"is": "consent", "state": "none"},
    {"is": "suppression", "kinds": ["complaint"]},
    {"is": "segment", "code": "vip"},
    {
        "is": "sequence",
        "first": "deposit_started",
        "then": "deposit_approved",
        "after": {"value": 1, "unit": "hours"},
        "within": SPAN,
    },
    {
        "is": "trend",
        "measure": "trade_count",
        "direction": "falling",
        "percent": 50,
        "least": 10,
    },
    {"is": "message", "did": "opened", "op": "=", "times": 0, "within": SPAN},
]


@pytest.mark.parametrize("condition", GOOD, ids=lambda c: c["is"])
def test_a_good_condition_is_read(condition):
    (leaf,) = leaves(parse(define(condition)))
    assert leaf.condition == condition


WRONG = [
    (None, "version", "not_a_definition"),
    ({"version": 2, "where": DEPOSIT}, "version", "not_a_definition"),
    ({"version": 1, "where": DEPOSIT, "x": 1}, "where", "not_a_definition"),
    (define(), "where.all", "empty_group"),
    (define("text"), "where.all[0]", "not_a_node"),
    (define({"all": [], "any": []}), "where.all[0]", "not_a_node"),
    (define({"is": "magic"}), "where.all[0].is", "unknown_condition"),
    (define({"is": ["field"]}), "where.all[0].is", "unknown_condition"),
    (define({**DEPOSIT, "sql": "1"}), "where.all[0].sql", "unknown_key"),
    (define({"is": "event", "type": "trade"}), "where.all[0].op", "missing_value"),
    (define({**DEPOSIT, "type": "x"}), "where.all[0].type", "unknown_event"),
    (define({**DEPOSIT, "times": True}), "where.all[0].times", "not_a_count"),
    (define({**DEPOSIT, "times": -1}), "where.all[0].times", "not_a_count"),
    (
        define({**DEPOSIT, "within": {"value": 9_999, "unit": "days"}}),
        "where.all[0].within",
        "span_too_long",
    ),
    (
        define({**DEPOSIT, "within": {"value": 1.5, "unit": "days"}}),
        "where.all[0].within",
        "not_a_span",
    ),
    (define(field("password", "set")), "where.all[0].field", "unknown_field"),
    (define(field("stage", ">=", value=1)), "where.all[0].op", "unknown_op"),
    (define(field("stage", "in", value=[])), "where.all[0].value", "not_a_list"),
    (define(field("ltv", ">=", value="1")), "where.all[0].value", "not_a_number"),
    (
        define(field("ltv", ">=", value=float("nan"))),
        "where.all[0].value",
        "not_a_number",
    ),
    (
        define(field("ltv", "between", value=[2, 1])),
        "where.all[0].value",
        "not_a_range",
    ),
    (define(field("ltv", "empty", value=1)), "where.all[0].value", "unknown_key"),
    (define(field("has_email", "is", value=1)), "where.all[0].value", "not_a_flag"),
    (
        define({**GOOD[11], "after": SPAN, "within": {"value": 1, "unit": "hours"}}),
        "where.all[0].within",
        "wrong_order",
    ),
    (define(*[DEPOSIT] * 61), "where", "too_many"),
]


@pytest.mark.parametrize(("definition", "path", "code"), WRONG)
def test_a_wrong_definition_is_refused_with_its_place(definition, path, code):
    with pytest.raises(DefinitionError) as refused:
        parse(definition)
    assert (refused.value.path, refused.value.code) == (path, code)
    assert MESSAGES[code] in str(refused.value)


def test_groups_are_not_nested_without_end():
    node = DEPOSIT
    for _depth in range(6):
        node = {"not": node}
    with pytest.raises(DefinitionError, match="six deep"):
        parse({"version": 1, "where": node})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["all", "any", "not", "is", "field", "op", "value", "type", "times"]
            ),
            inner
            | st.sampled_from(
                ["field", "event", "stage", "in", ">=", "trade", "segment"]
            ),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_comes_in_is_read_or_refused_and_never_breaks(where):
    try:
        tree = parse({"version": 1, "where": where})
    except DefinitionError:
        return
    assert all(isinstance(leaf, Leaf) for leaf in leaves(tree))


def test_a_segment_is_put_in_place_of_its_name():
    inner = parse(define(DEPOSIT))
    tree = expand(
        parse(define({"is": "segment", "code": "a"})), {"a": inner, "list": None}
    )
    assert [leaf.condition["is"] for leaf in leaves(tree)] == ["event"]


def test_a_static_list_stays_a_condition():
    tree = expand(parse(define({"is": "segment", "code": "list"})), {"list": None})
    assert [leaf.condition["is"] for leaf in leaves(tree)] == ["segment"]


def test_a_circle_is_found_however_long_it_is():
    trees = {
        code: parse(define({"is": "segment", "code": next_}))
        for code, next_ in (("a", "b"), ("b", "c"), ("c", "a"))
    }
    with pytest.raises(DefinitionError) as refused:
        expand(trees["a"], trees, ("a",))
    assert refused.value.code == "cycle"


CARE = {"is": "suppression", "kinds": ["self_exclusion"]}
LOSS = field("result_total_30", "<=", value=-100)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (CARE, True),
        ({"not": CARE}, False),
        ({"not": {"not": CARE}}, True),
        (LOSS, True),
        ({"not": LOSS}, False),
        ({"not": field("result_total", ">=", value=-100)}, True),
        (field("result_total", ">=", value=100), False),
        (field("result_total", "between", value=[-5, 5]), True),
        ({"is": "suppression", "kinds": ["opt_out"]}, False),
        ({"is": "segment", "code": "care"}, True),
        ({"any": [DEPOSIT, {"is": "segment", "code": "care"}]}, True),
        ({"is": "event", "type": "self_excluded", "op": ">=", "times": 1}, True),
        ({"is": "event", "type": "self_excluded", "op": "=", "times": 0}, False),
        (DEPOSIT, False),
    ],
)
def test_who_gathers_people_in_trouble_is_for_care(where, expected):
    tree = parse({"version": 1, "where": where})
    assert asks_for_care(tree, frozenset({"care"})) is expected


# === SQL === #

CLOCK = segment_sql.Clock(
    datetime(2026, 3, 2, 2, 30), date(2026, 3, 1), "America/Sao_Paulo"
)


@pytest.mark.parametrize("condition", GOOD, ids=lambda c: c["is"])
def test_each_condition_compiles_with_a_value_for_every_gap(condition):
    program = segment_sql.build({1: parse(define(condition))}, CLOCK)
    found = segment_sql.evaluate(program, Piece("true"))
    assert found.code.count("%s") == len(found.params)


def test_no_text_of_a_definition_becomes_sql():
    poison = "x'); DROP TABLE res_partner; --"
    conditions = [
        {**DEPOSIT, "data": {"key": poison, "value": poison}},
        {"is": "field", "field": "lang", "op": "in", "value": [poison]},
        {"is": "field", "field": "source", "op": "in", "value": [poison]},
    ]
    program = segment_sql.build({1: parse(define(*conditions))}, CLOCK)
    found = segment_sql.evaluate(program, Piece("true"))
    assert "DROP" not in found.code
    assert "drop" not in found.code.lower()


def test_equal_conditions_of_several_segments_are_asked_once():
    trees = {n: parse(define(DEPOSIT)) for n in range(1, 6)}
    program = segment_sql.build(trees, CLOCK)
    assert len(program.asked) == 1
    assert len(program.segments) == 5


def test_a_count_reads_only_the_tables_it_needs():
    only = {"is": "field", "field": "deposit_count_30", "op": ">=", "value": 2}
    found = segment_sql.select(
        parse(define(only)), CLOCK, Piece("count(*)"), Piece("true")
    )
    assert " JOIN veloc_trader t " not in found.code
    assert "scope" not in found.code


def compiled(*conditions):
    trees = {1: parse(define(*conditions))}
    program = segment_sql.build(trees, CLOCK)
    return segment_sql.evaluate(program, Piece("true")).code


def counted(*conditions, verb="all"):
    tree = parse(define(*conditions, verb=verb))
    return segment_sql.select(tree, CLOCK, Piece("count(*)"), Piece("true")).code


def happened(within, type_="deposit_failed"):
    return {
        "is": "event",
        "type": type_,
        "op": ">=",
        "times": 1,
        **({"within": {"value": within, "unit": "days"}} if within else {}),
    }


def test_who_did_nothing_for_so_long_is_not_looked_up():
    assert "scope.last_event_at >= " in compiled(happened(10))
    assert "scope.last_event_at >= " in compiled(happened(10, "login"))
    assert "scope.last_event_at >= " not in compiled(happened(None))
    # These do not count as something that happened.
    assert "scope.last_event_at >= " not in compiled(happened(10, "reversal"))


def test_events_without_a_window_leave_the_others_their_months():
    both = compiled(happened(10), happened(None))
    assert both.count(" JOIN veloc_trader_event_raw e ") == 2
    assert both.count("e.at >= %s") - both.count("AND e.at >= %s)") == 1


def test_the_zone_is_asked_once_for_the_first_of_several_days():
    one, three = (
        compiled(*(happened(days, "login") for days in range(10, 10 + number)))
        for number in (1, 3)
    )
    assert one.count("AT TIME ZONE %s") == three.count("AT TIME ZONE %s") == 1


def test_a_contact_is_read_only_where_a_condition_asks():
    assert " JOIN res_partner p " not in compiled(happened(10))
    lang = {"is": "field", "field": "lang", "op": "in", "value": ["pt_BR"]}
    assert " JOIN res_partner p " in compiled(lang)


def test_a_count_on_the_trader_alone_does_not_read_the_figures():
    stage = {"is": "field", "field": "stage", "op": "in", "value": ["active"]}
    figure = {"is": "field", "field": "deposit_count_30", "op": ">=", "value": 2}
    assert "veloc_trader_state" not in counted(stage)
    assert "veloc_trader_state" in counted(stage, figure)


def test_a_count_begins_with_the_events_where_it_cannot_hold_without():
    assert "rare.id IS NOT NULL" in counted(happened(10))
    assert "rare.id IS NOT NULL" not in counted({"not": happened(10)})
    assert "rare.id IS NOT NULL" not in counted(
        {"not": {"all": [happened(10), happened(20)]}}
    )
    stage = {"is": "field", "field": "stage", "op": "in", "value": ["active"]}
    assert "rare.id IS NOT NULL" not in counted(happened(10), stage, verb="any")
    none = {**happened(10), "op": "=", "times": 0}
    assert "rare.id IS NOT NULL" not in counted(none)


def test_who_has_no_date_of_birth_is_due_on_no_birthday():
    age = {"is": "field", "field": "age", "op": ">=", "value": 30}
    assert "p.veloc_birth_date IS NOT NULL THEN greatest" in compiled(age)


def test_a_condition_keeps_its_number_wherever_it_stands():
    (one,) = leaves(parse(define(DEPOSIT)))
    (other,) = leaves(parse(define(dict(reversed(DEPOSIT.items())), verb="any")))
    assert segment_sql.leaf_id(one.key) == segment_sql.leaf_id(other.key)


def test_pieces_refuse_a_gap_without_a_value():
    with pytest.raises(ValueError, match="1 values"):
        sql("%s = %s", 1)
    assert join(", ", [sql("%s", 1), sql("%s", 2)]) == Piece("%s, %s", (1, 2))
