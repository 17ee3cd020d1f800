"""What a simulated cadence came to: decisions folded and counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from .planner import DEFERRED, EXITED

# What stands in a decision that is put off again for the same reason.
SAME = ("run_id", "step_id", "verdict", "reason")
LONGEST = timedelta(days=366)


def read_moment(value: datetime | str) -> datetime:
    """Return a moment in UTC without a zone; one without a zone is UTC already.

    Raises ValueError or TypeError for what is none.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def leaves_at(
    moves: Iterable[tuple[datetime, str]], entered_at: datetime
) -> tuple[datetime | None, str]:
    """Return when and why a run ends by the first of ``moves`` after its entry."""
    later = [move for move in moves if move[0] >= entered_at]
    # At one moment the goal is named first, as the engine does.
    return min(later, key=lambda m: (m[0], m[1] != "goal"), default=(None, ""))


def fold(decisions: Iterable[dict]) -> list[dict]:
    """Return the decisions by time; a row of equal delays of one run is one, with
    ``times`` and the last ``until``: a shut house asks again every half hour."""
    folded: list[dict] = []
    last: dict[object, dict] = {}
    for decision in sorted(decisions, key=lambda d: (d["at"], d["order"])):
        before = last.get(decision["run_id"])
        if before and decision["verdict"] == DEFERRED and _is_same(before, decision):
            before["times"] += 1
            before["until"] = decision["until"]
            continue
        last[decision["run_id"]] = kept = {**decision, "times": 1}
        folded.append(kept)
    return folded


def _is_same(one: dict, other: dict) -> bool:
    return all(one[name] == other[name] for name in SAME)


def tally(decisions: Iterable[dict], step_ids: Sequence[int]) -> list[dict]:
    """Return per step how often each verdict and each reason of a no fell."""
    counts = {id_: {"verdicts": Counter(), "reasons": Counter()} for id_ in step_ids}
    for decision in decisions:
        own = counts.get(decision["step_id"])
        if own is None:
            continue
        own["verdicts"][decision["verdict"]] += 1
        if decision["verdict"] not in ("sent", EXITED):
            own["reasons"][decision["reason"] or ""] += 1
    return [
        {
            "step_id": id_,
            "verdicts": dict(own["verdicts"]),
            "reasons": dict(own["reasons"].most_common()),
        }
        for id_, own in counts.items()
    ]
