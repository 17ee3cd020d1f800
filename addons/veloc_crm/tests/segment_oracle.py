"""Who is in a segment, worked out the long way round: the oracle of the engine.

Reads plain rows and the plain list of events, in Python alone; nothing here is shared
with the compiler.
"""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400}
COUNTED = {
    "deposit_approved": "deposit_count",
    "withdrawal_paid": "withdrawal_count",
    "trade": "trade_count",
    "login": "login_count",
}
FACTS = """
SELECT t.id, to_jsonb(t) || to_jsonb(s) || jsonb_build_object(
           'lang', p.lang, 'email', p.email, 'phone', p.phone,
           'birth', p.veloc_birth_date, 'gone', p.veloc_blocked_at IS NOT NULL
               OR NOT p.active,
           't_deposit_count', t.deposit_count, 't_trade_count', t.trade_count,
           't_withdrawal_count', t.withdrawal_count) AS facts,
       t.stage_since, t.last_login_at, t.last_deposit_at, t.signup_at,
       s.last_active_day,
       array(SELECT kind FROM veloc_suppression b WHERE b.partner_id = p.id
             AND lifted_at IS NULL AND (until_at IS NULL OR until_at > %s)) AS blocks,
       (SELECT jsonb_agg(jsonb_build_array(u.code, c.channel, c.granted))
          FROM veloc_consent_state c JOIN veloc_purpose u ON u.id = c.purpose_id
         WHERE c.partner_id = p.id) AS consents
FROM veloc_trader t JOIN veloc_trader_state s ON s.id = t.id
JOIN res_partner p ON p.id = t.partner_id
"""


def day_of(moment):
    return moment.replace(tzinfo=UTC).astimezone(ZONE).date()


def span(value):
    return timedelta(seconds=value["value"] * SECONDS[value["unit"]])


class Oracle:
    """``events`` is ``{trader id: {event id: (type, at, amount)}}`` of what counts."""

    def __init__(self, cr, events, definitions):
        self.cr, self.events, self.definitions = cr, events, definitions

    def members(self, now):
        """Return ``{code: {trader id…}}`` as it should be at ``now``."""
        self.cr.execute(FACTS, (now,))
        rows = self.cr.dictfetchall()
        found = {code: set() for code in self.definitions}
        for row in rows:
            person = {**row["facts"], **{k: v for k, v in row.items() if k != "facts"}}
            for code, definition in self.definitions.items():
                if not person["gone"] and self.holds(definition["where"], person, now):
                    found[code].add(person["id"])
        return found

    def holds(self, node, person, now):
        if "all" in node:
            return all(self.holds(child, person, now) for child in node["all"])
        if "any" in node:
            return any(self.holds(child, person, now) for child in node["any"])
        if "not" in node:
            return not self.holds(node["not"], person, now)
        return getattr(self, "is_" + node["is"])(node, person, now)

    def is_field(self, c, person, now):
        name, op, value = c["field"], c["op"], c.get("value")
        if name in ("has_email", "has_phone"):
            return bool(person[name[4:]]) == value
        if name == "birthday":
            return self.birthday(person, value["value"], now)
        if name == "age":
            years = self.age(person, now)
            return years is not None and compare(years, op, value)
        seen = person[name]
        if op in ("empty", "set"):
            return (seen is None) == (op == "empty")
        if op in ("in", "not_in"):
            hit = seen is not None and str(seen).lower() in {v.lower() for v in value}
            return hit == (op == "in")
        if op in ("older_than", "within"):
            return self.when(seen, op, value, now)
        return seen is not None and compare(seen, op, value)

    def when(self, seen, op, value, now):
        if seen is None:
            return False
        if hasattr(seen, "hour"):
            is_old = seen <= now - span(value)
        else:
            is_old = (day_of(now) - seen).days >= value["value"]
        return is_old == (op == "older_than")

    def birthday(self, person, days, now):
        today = day_of(now)
        return any(
            self.is_born_on(person, today + timedelta(days=ahead))
            for ahead in range(days + 1)
        )

    def is_born_on(self, person, day):
        if not person["birth"]:
            return False
        _year, month, number = map(int, person["birth"].split("-"))
        return (day.month, day.day) == (month, number)

    def age(self, person, now):
        if not person["birth"]:
            return None
        year, month, number = map(int, person["birth"].split("-"))
        today = day_of(now)
        return today.year - year - ((today.month, today.day) < (month, number))

    def is_trend(self, c, person, now):
        recent = person[f"{c['measure']}_30"]
        before = person[f"{c['measure']}_90"] - recent
        if c["direction"] == "falling":
            limit = before / 2 * (100 - c["percent"]) / 100
            return recent <= limit and before >= c["least"]
        return recent >= before / 2 * (100 + c["percent"]) / 100 and (
            recent >= c["least"]
        )

    def is_event(self, c, person, now):
        within, name = c.get("within"), COUNTED.get(c["type"])
        is_plain = name and "amount" not in c
        if is_plain and within and within["unit"] == "days":
            days = within["value"]
            if days in (7, 30, 90):
                return compare(person[f"{name}_{days}"], c["op"], c["times"])
        count = sum(
            type_ == c["type"]
            and (within is None or self.is_in(at, within, now))
            and ("amount" not in c or amount >= c["amount"])
            for type_, at, amount in self.events.get(person["id"], {}).values()
        )
        return compare(count, c["op"], c["times"])

    def is_in(self, at, within, now):
        if within["unit"] == "days":
            return (day_of(now) - day_of(at)).days < within["value"]
        return at > now - span(within)

    def is_sequence(self, c, person, now):
        own = self.events.get(person["id"], {}).values()
        last = {
            name: max((at for type_, at, _a in own if type_ == c[name]), default=None)
            for name in ("first", "then")
        }
        begun, ended = last["first"], last["then"]
        if begun is None or not span(c["after"]) <= now - begun < span(c["within"]):
            return False
        return ended is None or ended < begun

    def is_suppression(self, c, person, now):
        return bool(set(person["blocks"]) & set(c["kinds"]))

    def is_consent(self, c, person, now):
        found = [
            granted
            for code, channel, granted in person["consents"] or ()
            if c.get("purpose", code) == code and c.get("channel", channel) == channel
        ]
        if c["state"] == "none":
            return not found
        return (c["state"] == "granted") in found

    def is_segment(self, c, person, now):
        return self.holds(self.definitions[c["code"]]["where"], person, now)


def compare(seen, op, value):
    if op == "between":
        return value[0] <= seen <= value[1]
    return {">=": seen >= value, "<=": seen <= value, "=": seen == value}[op]
