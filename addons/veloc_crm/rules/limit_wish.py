"""A limit that a person set on the broker's platform, as its event tells it."""

from dataclasses import dataclass
from decimal import Decimal

KINDS = {"deposit", "loss", "time"}
PERIODS = {"day", "week", "month"}
LONGEST_MINUTES = 31 * 24 * 60


@dataclass(frozen=True)
class LimitWish:
    """What the person wants; ``value`` None takes the limit away."""

    kind: str
    period: str
    value: Decimal | None
    currency: str | None = None


def read(event) -> LimitWish | None:
    """Return the wish in a ``limit_set`` event, None if it makes no sense.

    ``data.limit`` and ``data.period`` say which; ``amount`` and ``currency`` of the
    event, or ``data.minutes``, say how much. Without either the limit is to go.
    """
    kind, period = event.data.get("limit"), event.data.get("period")
    is_known = isinstance(kind, str) and isinstance(period, str)
    if not is_known or kind not in KINDS or period not in PERIODS:
        return None
    if kind != "time":
        return LimitWish(kind, period, event.amount, event.currency)
    minutes = event.data.get("minutes")
    if minutes is None:
        return LimitWish(kind, period, None)
    is_number = isinstance(minutes, int) and not isinstance(minutes, bool)
    if not is_number or not 0 < minutes <= LONGEST_MINUTES:
        return None
    return LimitWish(kind, period, Decimal(minutes))
