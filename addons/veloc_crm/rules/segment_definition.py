"""A segment's definition: one JSON tree, checked before anything is built on it.

``{"version": 1, "where": node}``; a node is ``{"all": [node…]}``, ``{"any": [node…]}``,
``{"not": node}`` or a condition with ``is`` (see ``CONDITIONS``).
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from . import segment_fields as catalog

_ = str  # marks texts for the translators; the model that answers translates

VERSION = 1
MOST_CONDITIONS = 60
DEEPEST = 6
MOST_VALUES = 200
COUNTS = (">=", "<=", "=")
CODE = re.compile(r"[a-z0-9_]{1,64}")

MESSAGES = {
    "not_a_definition": _("A definition is an object with version 1 and “where”."),
    "not_a_node": _("Here stands no condition: one of all, any, not or is."),
    "unknown_key": _("This word is not known here."),
    "missing_value": _("A value is missing here."),
    "empty_group": _("This group holds no condition."),
    "too_deep": _("Groups may be nested six deep."),
    "too_many": _("A segment holds at most 60 conditions."),
    "unknown_condition": _("There is no such condition."),
    "unknown_field": _("There is no such field."),
    "unknown_op": _("This field cannot be compared like that."),
    "unknown_event": _("There is no such event type."),
    "not_a_number": _("A number is needed here."),
    "not_a_span": _("A time span is a whole number of minutes, hours or days."),
    "span_too_long": _("A time span ends at ten years."),
    "not_a_range": _("“Between” needs two numbers, the smaller one first."),
    "not_a_list": _("A list of values is needed here, 200 at most."),
    "not_a_choice": _("This value is not one of the choices."),
    "not_a_flag": _("Yes or no is needed here."),
    "not_a_count": _("A whole number from 0 to 100,000 is needed here."),
    "wrong_order": _("The whole time must be longer than the wait."),
    "cycle": _("Segments that ask for one another would go round in a circle."),
    "unknown_segment": _("There is no segment with this code."),
}


class DefinitionError(ValueError):
    """The definition is refused; ``path`` names the place, ``code`` the reason."""

    def __init__(self, path, code):
        super().__init__(f"{path}: {MESSAGES[code]}")
        self.path, self.code = path, code


@dataclass(frozen=True, slots=True)
class Group:
    """``all`` or ``any`` of the children, or ``not`` the only one."""

    verb: str
    children: tuple


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition; ``key`` is the same for equal conditions."""

    path: str
    condition: dict
    key: str

    def __hash__(self):
        return hash(self.path)


def parse(definition):
    """Return the tree of a definition; raise ``DefinitionError`` where it is wrong."""
    if not isinstance(definition, dict) or definition.get("version") != VERSION:
        raise DefinitionError("version", "not_a_definition")
    if definition.keys() != {"version", "where"}:
        raise DefinitionError("where", "not_a_definition")
    tree = _node(definition["where"], "where", 1)
    if len(list(leaves(tree))) > MOST_CONDITIONS:
        raise DefinitionError("where", "too_many")
    return tree


def leaves(tree):
    """Yield the conditions of a tree, from left to right."""
    if isinstance(tree, Leaf):
        yield tree
        return
    for child in tree.children:
        yield from leaves(child)


def _node(node, path, depth):
    if depth > DEEPEST:
        raise DefinitionError(path, "too_deep")
    if not isinstance(node, dict) or not node:
        raise DefinitionError(path, "not_a_node")
    if "is" in node:
        return _leaf(node, path)
    if len(node) != 1:
        raise DefinitionError(path, "not_a_node")
    ((verb, content),) = node.items()
    if verb == "not":
        return Group("not", (_node(content, f"{path}.not", depth + 1),))
    if verb not in ("all", "any") or not isinstance(content, list):
        raise DefinitionError(path, "not_a_node")
    if not content:
        raise DefinitionError(f"{path}.{verb}", "empty_group")
    return Group(
        verb,
        tuple(
            _node(child, f"{path}.{verb}[{number}]", depth + 1)
            for number, child in enumerate(content)
        ),
    )


def _leaf(node, path):
    check = CONDITIONS.get(node["is"]) if isinstance(node["is"], str) else None
    if check is None:
        raise DefinitionError(f"{path}.is", "unknown_condition")
    required, optional, inspect = check
    given = node.keys() - {"is"}
    for name in sorted(given - required - optional):
        raise DefinitionError(f"{path}.{name}", "unknown_key")
    for name in sorted(required - given):
        raise DefinitionError(f"{path}.{name}", "missing_value")
    inspect(node, path)
    return Leaf(path, node, json.dumps(node, sort_keys=True, ensure_ascii=False))


# === VALUES === #


def _refuse_unless(is_good, path, code):
    if not is_good:
        raise DefinitionError(path, code)


def _one_of(value, choices, path, code="not_a_choice"):
    _refuse_unless(isinstance(value, str) and value in choices, path, code)


def _code(value, path):
    _refuse_unless(
        isinstance(value, str) and CODE.fullmatch(value), path, "not_a_choice"
    )


def _number(value, path):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    _refuse_unless(is_number and isfinite(value), path, "not_a_number")
    _refuse_unless(abs(Decimal(str(value))) < Decimal(10) ** 15, path, "not_a_number")


def _range(value, path):
    _refuse_unless(isinstance(value, list) and len(value) == 2, path, "not_a_range")
    for number in value:
        _number(number, path)
    _refuse_unless(value[0] <= value[1], path, "not_a_range")


def _count(value, path):
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    _refuse_unless(is_whole and 0 <= value <= 100_000, path, "not_a_count")


def _flag(value, path):
    _refuse_unless(isinstance(value, bool), path, "not_a_flag")


def _span(span, path, units=catalog.UNITS):
    is_span = (
        isinstance(span, dict)
        and span.keys() == {"value", "unit"}
        and isinstance(span["unit"], str)
        and span["unit"] in units
        and isinstance(span["value"], int)
        and not isinstance(span["value"], bool)
        and span["value"] > 0
    )
    _refuse_unless(is_span, path, "not_a_span")
    _refuse_unless(seconds(span) <= catalog.MOST_DAYS * 86_400, path, "span_too_long")


def _list(value, path, kind=str):
    is_list = isinstance(value, list) and 0 < len(value) <= MOST_VALUES
    _refuse_unless(is_list, path, "not_a_list")
    for item in value:
        is_item = isinstance(item, kind) and not isinstance(item, bool)
        _refuse_unless(is_item and (kind is int or item), path, "not_a_list")


def seconds(span):
    """Return how long a span is."""
    return span["value"] * catalog.UNITS[span["unit"]]


# === CONDITIONS === #


def _check_field(node, path):
    field = catalog.FIELDS.get(node["field"]) if _is_text(node["field"]) else None
    _refuse_unless(field, f"{path}.field", "unknown_field")
    _one_of(node["op"], catalog.OPS[field.kind], f"{path}.op", "unknown_op")
    needs_none = node["op"] in ("empty", "set")
    _refuse_unless(
        ("value" in node) != needs_none,
        f"{path}.value",
        "unknown_key" if needs_none else "missing_value",
    )
    if not needs_none:
        _check_value(field.kind, node["op"], node["value"], f"{path}.value")


def _is_text(value):
    return isinstance(value, str)


def _check_value(kind, op, value, path):
    if op == "between":
        _range(value, path)
    elif kind in ("number", "share", "age"):
        _number(value, path)
    elif kind in ("ids", "tags"):
        _list(value, path, int)
    elif kind in ("flag", "exists"):
        _flag(value, path)
    elif kind in ("day", "birthday"):
        _span(value, path, ("days",))
    elif kind == "moment":
        _span(value, path)
    else:
        _list(value, path)


def _check_trend(node, path):
    _one_of(node["measure"], catalog.TRENDS, f"{path}.measure")
    _one_of(node["direction"], ("falling", "rising"), f"{path}.direction")
    _number(node["percent"], f"{path}.percent")
    _refuse_unless(0 < node["percent"] <= 1000, f"{path}.percent", "not_a_number")
    _number(node["least"], f"{path}.least")


def _check_event(node, path):
    _one_of(node["type"], catalog.EVENT_TYPES, f"{path}.type", "unknown_event")
    _check_times(node, path)
    if "amount" in node:
        _number(node["amount"], f"{path}.amount")
    if "data" in node:
        data = node["data"]
        is_pair = isinstance(data, dict) and data.keys() == {"key", "value"}
        _refuse_unless(is_pair, f"{path}.data", "missing_value")
        for name in ("key", "value"):
            _refuse_unless(
                _is_text(data[name]) and 0 < len(data[name]) <= 100,
                f"{path}.data.{name}",
                "missing_value",
            )


def _check_times(node, path):
    _one_of(node["op"], COUNTS, f"{path}.op", "unknown_op")
    _count(node["times"], f"{path}.times")
    if "within" in node:
        _span(node["within"], f"{path}.within")


def _check_sequence(node, path):
    for name in ("first", "then"):
        _one_of(node[name], catalog.EVENT_TYPES, f"{path}.{name}", "unknown_event")
    for name in ("after", "within"):
        _span(node[name], f"{path}.{name}", ("minutes", "hours", "days"))
    _refuse_unless(
        seconds(node["after"]) < seconds(node["within"]),
        f"{path}.within",
        "wrong_order",
    )


def _check_consent(node, path):
    _one_of(node["state"], catalog.CONSENT_STATES, f"{path}.state")
    if "purpose" in node:
        _code(node["purpose"], f"{path}.purpose")
    if "channel" in node:
        _one_of(node["channel"], catalog.CHANNELS, f"{path}.channel")


def _check_suppression(node, path):
    _list(node["kinds"], f"{path}.kinds")
    for kind in node["kinds"]:
        _one_of(kind, catalog.SUPPRESSION_KINDS, f"{path}.kinds")


def _check_message(node, path):
    _one_of(node["did"], catalog.DEEDS, f"{path}.did")
    _check_times(node, path)
    for name in ("template", "cadence"):
        if name in node:
            _code(node[name], f"{path}.{name}")
    if "channel" in node:
        _one_of(node["channel"], catalog.CHANNELS, f"{path}.channel")


def _check_segment(node, path):
    _code(node["code"], f"{path}.code")


# name → (required keys, optional keys, the rest of the check)
CONDITIONS = {
    "field": ({"field", "op"}, {"value"}, _check_field),
    "trend": ({"measure", "direction", "percent", "least"}, set(), _check_trend),
    "event": ({"type", "op", "times"}, {"within", "amount", "data"}, _check_event),
    "sequence": ({"first", "then", "after", "within"}, set(), _check_sequence),
    "consent": ({"state"}, {"purpose", "channel"}, _check_consent),
    "suppression": ({"kinds"}, set(), _check_suppression),
    "message": (
        {"did", "op", "times"},
        {"within", "template", "cadence", "channel"},
        _check_message,
    ),
    "segment": ({"code"}, set(), _check_segment),
}


# === SEGMENTS OF SEGMENTS === #


def expand(tree, definitions, path=()):
    """Return the tree with live segments put in place; static ones stay conditions.

    ``definitions`` is ``{code: tree, or None for a static list}``. Raises for a
    circle and for a code that nobody has.
    """
    if isinstance(tree, Group):
        children = tuple(expand(child, definitions, path) for child in tree.children)
        return Group(tree.verb, children)
    if tree.condition["is"] != "segment":
        return tree
    code = tree.condition["code"]
    if code in path:
        raise DefinitionError(tree.path, "cycle")
    if code not in definitions:
        raise DefinitionError(tree.path, "unknown_segment")
    inner = definitions[code]
    return tree if inner is None else expand(inner, definitions, (*path, code))
