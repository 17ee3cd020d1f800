"""Whom a definition is after: people in trouble are looked after, never sold to."""

from .segment_definition import Leaf
from .segment_fields import CARE_KINDS


def asks_for_care(tree, care_codes=frozenset(), wanted=True):
    """Say whether the tree gathers people who must be looked after.

    Leaving them out (``not``) is no reason. ``care_codes`` are the segments that are
    for care already: who is in one of them is too.
    """
    if isinstance(tree, Leaf):
        return _is_care(tree.condition, care_codes, wanted)
    if tree.verb == "not":
        wanted = not wanted
    return any(asks_for_care(child, care_codes, wanted) for child in tree.children)


def _is_care(condition, care_codes, wanted):
    kind = condition["is"]
    if kind == "suppression":
        return wanted and not CARE_KINDS.isdisjoint(condition["kinds"])
    if kind == "segment":
        return wanted and condition["code"] in care_codes
    if kind == "event":
        is_absence = condition["op"] != ">=" and condition["times"] == 0
        return condition["type"] in CARE_EVENTS and wanted != is_absence
    return kind == "field" and _is_loss(condition, wanted)


def _is_loss(condition, wanted):
    """Say whether people are gathered because they lost money."""
    if not condition["field"].startswith("result_total"):
        return False
    value, op = condition.get("value"), condition["op"]
    if op == "between":
        return wanted and value[0] < 0
    return op == ("<=" if wanted else ">=") and value <= 0


CARE_EVENTS = frozenset({"self_excluded", "limit_set", "complaint_opened"})
