"""What stands on the trader, the figures or the contact, in SQL."""

from datetime import timedelta

from .segment_definition import seconds
from .segment_due import Due
from .segment_fields import FIELDS
from .sql_text import Piece, sql

COMPARE = {">=": Piece(">="), "<=": Piece("<="), "=": Piece("=")}


def compile_field(condition, sources):
    spec = FIELDS[condition["field"]]
    column = sources.reach(spec.column)
    op, value = condition["op"], condition.get("value")
    if op in ("empty", "set"):
        return sql("(%s IS %s NULL)", column, Piece("NOT" if op == "set" else "")), None
    return BY_KIND[spec.kind](column, op, value, sources.clock, spec)


def _in(test, op):
    return sql("coalesce(%s, false) = %s", test, op == "in"), None


def _choice(column, op, value, clock, spec):
    return _in(sql("%s = ANY(%s)", column, value), op)


def _text(column, op, value, clock, spec):
    wanted = [text.lower() for text in value]
    return _in(sql("lower(%s) = ANY(%s)", column, wanted), op)


def _lookup(column, op, value, clock, spec):
    table, name = map(Piece, spec.source)
    wanted = [text.lower() for text in value]
    test = sql(
        "%s IN (SELECT id FROM %s WHERE lower(%s) = ANY(%s))",
        column,
        table,
        name,
        wanted,
    )
    return _in(test, op)


def _tags(column, op, value, clock, spec):
    test = sql(
        "EXISTS (SELECT FROM res_partner_res_partner_category_rel g"
        " WHERE g.partner_id = %s AND g.category_id = ANY(%s))",
        column,
        value,
    )
    return _in(test, op)


def _flag(column, op, value, clock, spec):
    return sql("(coalesce(%s, '') <> '') = %s", column, value), None


def _exists(column, op, value, clock, spec):
    table, name = map(Piece, spec.source)
    test = sql("EXISTS (SELECT FROM %s x WHERE x.%s = %s)", table, name, column)
    return sql("%s = %s", test, value), None


def _number(column, op, value, clock, spec):
    if op == "between":
        test = sql("%s BETWEEN %s AND %s", column, *value)
    else:
        test = sql("%s %s %s", column, COMPARE[op], value)
    return sql("coalesce(%s, false)", test), None


def _age(column, op, value, clock, spec):
    years = sql("date_part('year', age(%s::date, %s))", clock.today, column)
    truth, _due = _number(years, op, value, clock, spec)
    # A birthday on 29 February is kept on 1 March: ask on both days.
    birthday = sql(
        "CASE WHEN %s IS NOT NULL THEN"
        " greatest((%s + (%s + 1) * interval '1 year')::date, %s::date + 1) END",
        column,
        column,
        years,
        clock.today,
    )
    return truth, Due(birthday, is_day=True, is_coming=True)


def _birthday(column, op, value, clock, spec):
    years = sql(
        "(date_part('year', %s::date) - date_part('year', %s))", clock.today, column
    )
    this = sql("(%s + %s * interval '1 year')::date", column, years)
    other = sql("(%s + (%s + 1) * interval '1 year')::date", column, years)
    coming = sql(
        "CASE WHEN %s >= %s::date THEN %s ELSE %s END", this, clock.today, this, other
    )
    days = value["value"]
    truth = sql("coalesce((%s) - %s::date <= %s, false)", coming, clock.today, days)
    change = sql(
        "CASE WHEN %s THEN (%s) + 1 ELSE (%s) - %s END", truth, coming, coming, days
    )
    return truth, Due(sql("(%s)", change), is_day=True)


def _moment(column, op, value, clock, spec):
    span = timedelta(seconds=seconds(value))
    sign = Piece("<=" if op == "older_than" else ">")
    truth = sql("coalesce(%s %s %s, false)", column, sign, clock.now - span)
    return truth, Due(sql("(%s + %s)", column, span))


def _day(column, op, value, clock, spec):
    days = value["value"]
    sign = Piece("<=" if op == "older_than" else ">")
    limit = clock.today - timedelta(days=days)
    truth = sql("coalesce(%s %s %s, false)", column, sign, limit)
    return truth, Due(sql("(%s + %s)", column, days), is_day=True)


BY_KIND = {
    "choice": _choice,
    "lookup": _lookup,
    "text": _text,
    "ids": _choice,
    "tags": _tags,
    "flag": _flag,
    "exists": _exists,
    "number": _number,
    "share": _number,
    "age": _age,
    "moment": _moment,
    "day": _day,
    "birthday": _birthday,
}


def compile_trend(condition, sources):
    """Hold the pace of 30 days against that of the 60 days before."""
    name = condition["measure"]
    recent = sources.reach(f"s.{name}_30")
    before = sql("(%s - %s)", sources.reach(f"s.{name}_90"), recent)
    if condition["direction"] == "falling":
        factor, sign, floor = 100 - condition["percent"], Piece("<="), before
    else:
        factor, sign, floor = 100 + condition["percent"], Piece(">="), recent
    return sql(
        "coalesce(%s * 200 %s %s * %s AND %s >= %s, false)",
        recent,
        sign,
        before,
        factor,
        floor,
        condition["least"],
    ), None
