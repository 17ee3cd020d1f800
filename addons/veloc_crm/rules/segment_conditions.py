"""Each kind of condition in SQL: when it holds, and when time may change that."""

from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .segment_definition import seconds
from .segment_due import Due
from .segment_field_sql import COMPARE, compile_field, compile_trend
from .segment_fields import DAY_COUNTERS
from .segment_sources import CONTACT, Origin, event_source
from .sql_text import Piece, join, sql

COUNTED_WINDOWS = (7, 30, 90)


class Test(NamedTuple):
    """When a condition holds, when time may change that, and what it looks at.

    ``needs`` names the source without whose row it cannot hold.
    """

    truth: Piece
    due: Due | None = None
    seen: Piece | None = None
    needs: str | None = None


def compile_leaf(condition, sources):
    """Return the condition in SQL."""
    return Test(*KINDS[condition["is"]](condition, sources))


def _day_of(moment, clock):
    return sql("((%s) AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, clock.zone)


def _start_of(day, zone):
    local = datetime.combine(day, time(), ZoneInfo(zone))
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


# === EVENTS === #


def _event(condition, sources):
    counter = DAY_COUNTERS.get(condition["type"])
    within = condition.get("within")
    is_plain = counter and not condition.keys() & {"amount", "data"}
    if is_plain and not within:
        table = "s" if counter == "login_count" else "t"
        count = sources.reach(f"{table}.{counter}")
        return _counted(count, condition), None, count
    if is_plain and within["unit"] == "days":
        return _event_days(condition, counter, within["value"], sources)
    return _event_rows(condition, within, sources)


def _counted(count, condition):
    return sql(
        "coalesce(%s, 0) %s %s", count, COMPARE[condition["op"]], condition["times"]
    )


def _edge(condition, kind):
    """Return the aggregate of the row that leaves the window when it matters.

    To have none or one, the newest must go; else any may turn it, the oldest first.
    """
    op, times = condition["op"], condition["times"]
    is_last = times == 0 or (op == ">=" and times == 1)
    return Piece(f"{'max' if is_last else 'min'}({kind})")


def _event_days(condition, counter, days, sources):
    """Whole days of the broker, today included, from the roll-up."""
    if days in COUNTED_WINDOWS:
        count = sources.reach(f"s.{counter}_{days}")
        return _counted(count, condition), None, count
    first = sources.clock.today - timedelta(days=days - 1)
    counted = Piece(f"d.{counter}")
    count = sources.add_day(counted, sql("sum(%s)", counted), first)
    edge = sources.add_day(counted, _edge(condition, "d.day"), first)
    due = Due(sql("(%s + %s)", edge, days), is_day=True, is_coming=True)
    return _counted(count, condition), due, count, _needed(condition, "days")


def _event_rows(condition, within, sources):
    since = within and _since(within, sources.clock)
    match = _match(condition)
    count = sources.add_event(condition["type"], Piece("count(*)"), since, match)
    truth = _counted(count, condition)
    needs = _needed(condition, event_source(condition["type"], since))
    if not within:
        return truth, None, count, needs
    edge = sources.add_event(condition["type"], _edge(condition, "e.at"), since, match)
    return truth, _end(edge, within, sources.clock), count, needs


def _needed(condition, name):
    """Return the source's name, unless the condition holds for who has nothing."""
    return name if condition["op"] == ">=" and condition["times"] > 0 else None


def _since(within, clock):
    """Return the comparison that begins the window: whole days, or to the second."""
    if within["unit"] == "days":
        first = clock.today - timedelta(days=within["value"] - 1)
        return Piece(">="), _start_of(first, clock.zone)
    return Piece(">"), clock.now - timedelta(seconds=seconds(within))


def _end(edge, within, clock):
    """Return when the edge leaves the window; what is inside leaves it later."""
    if within["unit"] == "days":
        left = sql("(%s + %s)", _day_of(edge, clock), within["value"])
        return Due(left, is_day=True, is_coming=True)
    return Due(
        sql("(%s + %s)", edge, timedelta(seconds=seconds(within))), is_coming=True
    )


def _match(condition):
    tests = []
    if "amount" in condition:
        tests.append(
            sql("coalesce(x.amount, e.amount_company) >= %s", condition["amount"])
        )
    if "data" in condition:
        data = condition["data"]
        tests.append(sql("e.data->>%s = %s", data["key"], data["value"]))
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else sql("%s AND %s", *tests)


def _sequence(condition, sources):
    """The last beginning has waited long enough, and nothing ended it since."""
    clock = sources.clock
    after = timedelta(seconds=seconds(condition["after"]))
    within = timedelta(seconds=seconds(condition["within"]))
    since = Piece(">"), clock.now - within
    first, then = (
        sources.add_event(condition[name], Piece("max(e.at)"), since)
        for name in ("first", "then")
    )
    truth = sql(
        "coalesce(%s <= %s AND (%s IS NULL OR %s < %s), false)",
        first,
        clock.now - after,
        then,
        then,
        first,
    )
    due = sql(
        "CASE WHEN %s > %s THEN %s + %s ELSE %s + %s END",
        first,
        clock.now - after,
        first,
        after,
        first,
        within,
    )
    return (
        truth,
        Due(due, is_coming=True),
        first,
        event_source(condition["first"], since),
    )


# === CONSENTS, BLOCKS, MESSAGES, LISTS === #


def _consent(condition, sources):
    tests = [Piece("true")]
    if "purpose" in condition:
        tests.append(
            sql(
                "c.purpose_id IN (SELECT id FROM veloc_purpose WHERE code = %s)",
                condition["purpose"],
            )
        )
    if "channel" in condition:
        tests.append(sql("c.channel = %s", condition["channel"]))
    if condition["state"] != "none":
        tests.append(sql("c.granted = %s", condition["state"] == "granted"))
    test = tests[0]
    for more in tests[1:]:
        test = sql("%s AND %s", test, more)
    found = sources.add("consents", sql("bool_or(%s)", test))
    is_some = condition["state"] != "none"
    truth = sql("coalesce(%s, false) = %s", found, is_some)
    return truth, None, None, "consents" if is_some else None


def _suppression(condition, sources):
    bound = sql(
        "b.lifted_at IS NULL AND (b.until_at IS NULL OR b.until_at > %s)",
        sources.clock.now,
    )
    test = sql("b.kind = ANY(%s) AND %s", condition["kinds"], bound)
    found = sources.add("blocks", sql("bool_or(%s)", test), sql("(%s)", bound))
    until = sources.add(
        "blocks", sql("min(b.until_at) FILTER (WHERE %s)", test), sql("(%s)", bound)
    )
    return sql("coalesce(%s, false)", found), Due(until), None, "blocks"


DEEDS = {
    "sent": "coalesce(m.sent_at, m.accepted_at)",
    "delivered": "m.delivered_at",
    "opened": (
        "coalesce(m.read_at, (SELECT min(k.at) FROM veloc_link_click k"
        " WHERE k.message_id = m.id AND k.what = 'open'"
        " AND k.kind IN ('human', 'proxy')))"
    ),
    "clicked": (
        "(SELECT max(k.at) FROM veloc_link_click k WHERE k.message_id = m.id"
        " AND k.what = 'click' AND k.kind = 'human')"
    ),
}


def _message(condition, sources):
    origin = Origin(
        sql(
            "(veloc_message m CROSS JOIN LATERAL (SELECT %s AS at) x)",
            Piece(DEEDS[condition["did"]]),
        ),
        Piece("m.partner_id"),
        CONTACT,
        _of_template(condition),
    )
    within = condition.get("within")
    test = Piece("x.at IS NOT NULL")
    if within:
        test = sql("x.at %s %s", *_since(within, sources.clock))
    name = sources.new_name("message")
    count = sources.add(name, Piece("count(*)"), test, origin)
    truth, needs = _counted(count, condition), _needed(condition, name)
    if not within:
        return truth, None, count, needs
    edge = sources.add(name, _edge(condition, "x.at"), test)
    return truth, _end(edge, within, sources.clock), count, needs


def _of_template(condition):
    """Return the test of what is asked about the message itself."""
    tests = [Piece("true")]
    if "channel" in condition:
        tests.append(sql("m.channel = %s", condition["channel"]))
    if "template" in condition:
        tests.append(
            sql(
                "m.template_version_id IN (SELECT v.id"
                " FROM veloc_template_version v JOIN veloc_template f"
                " ON f.id = v.template_id WHERE f.code = %s)",
                condition["template"],
            )
        )
    if "cadence" in condition:
        tests.append(
            sql(
                "m.source IN (SELECT 'veloc.enrolment,' || r.id"
                " FROM veloc_enrolment r JOIN veloc_cadence q ON q.id = r.cadence_id"
                " WHERE r.trader_id = scope.id AND q.code = %s)",
                condition["cadence"],
            )
        )
    return join(" AND ", tests)


def _segment(condition, sources):
    """A static list; live segments were put in their place before."""
    return sql(
        "EXISTS (SELECT FROM veloc_segment_member g WHERE g.trader_id = s.id"
        " AND g.segment_id = (SELECT id FROM veloc_segment WHERE code = %s))",
        condition["code"],
    ), None


KINDS = {
    "field": compile_field,
    "trend": compile_trend,
    "event": _event,
    "sequence": _sequence,
    "consent": _consent,
    "suppression": _suppression,
    "message": _message,
    "segment": _segment,
}
