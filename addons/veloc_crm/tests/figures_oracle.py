"""What a trader's figures must be, worked out naively from the list of events."""

from collections import defaultdict
from datetime import UTC, timedelta
from decimal import Decimal
from operator import itemgetter

WINDOWS = (7, 30, 90)
MONEY = {"deposit_approved": "deposit", "withdrawal_paid": "withdrawal"}
SUMS = (
    "event_count",
    "deposit_count",
    "deposit_total",
    "withdrawal_count",
    "withdrawal_total",
    "trade_count",
    "volume_total",
    "result_total",
    "login_count",
)


class Oracle:
    """Keeps what was accepted; knows nothing of batches, order or folding."""

    def __init__(self):
        self.events = {}

    def add(self, event):
        """Keep one event (id, type, trader, at, amount, volume, result, target)."""
        self.events.setdefault(event["id"], event)

    def counted(self):
        """Return the events that count, with what they are worth now."""
        reversed_ids = {
            e["target"] for e in self.events.values() if e["type"] == "reversal"
        }
        told = [e for e in self.events.values() if e["type"] == "correction"]
        corrections = {e["target"]: e for e in sorted(told, key=itemgetter("at"))}
        for event in self.events.values():
            if event["type"] in ("reversal", "correction"):
                continue
            if event["id"] not in reversed_ids:
                worth = corrections.get(event["id"], event)
                yield {
                    **event,
                    **{
                        name: worth[name]
                        for name in ("amount", "volume", "result")
                        if worth[name] is not None
                    },
                }

    def days(self, zone):
        """Return ``{(trader, day): sums}``."""
        days = defaultdict(lambda: dict.fromkeys(SUMS, Decimal(0)))
        for event in self.counted():
            day = event["at"].replace(tzinfo=UTC).astimezone(zone).date()
            sums = days[event["trader"], day]
            sums["event_count"] += 1
            if kind := MONEY.get(event["type"]):
                sums[f"{kind}_count"] += 1
                sums[f"{kind}_total"] += event["amount"]
            elif event["type"] == "trade":
                sums["trade_count"] += 1
                sums["volume_total"] += event["volume"]
                sums["result_total"] += event["result"]
            elif event["type"] == "login":
                sums["login_count"] += 1
        return dict(days)

    def correctable(self, refs):
        """Return the deposits, withdrawals and trades of these traders."""
        return [
            e
            for e in self.counted()
            if e["trader"] in refs and e["type"] in (*MONEY, "trade")
        ]

    def figures(self, trader, as_of, zone):
        """Return the figures of one trader, with the windows as of that day."""
        days = {
            day: sums for (ref, day), sums in self.days(zone).items() if ref == trader
        }
        events = [e for e in self.counted() if e["trader"] == trader]
        active = sorted(d for d, s in days.items() if _is_active(s))
        deposits = sorted(d for d, s in days.items() if s["deposit_count"])
        streaks = _streaks(active)
        found = {
            "active_days": len(active),
            "deposit_days": len(deposits),
            "event_count": len(events),
            "login_count": sum(e["type"] == "login" for e in events),
            "deposit_max": max(
                _values(events, "deposit_approved", "amount"), default=0
            ),
            "first_event_at": min((e["at"] for e in events), default=None),
            "last_event_at": max((e["at"] for e in events), default=None),
            "first_deposit_day": deposits[0] if deposits else None,
            "last_deposit_day": deposits[-1] if deposits else None,
            "first_active_day": active[0] if active else None,
            "last_active_day": active[-1] if active else None,
            "first_trade_at": min(_values(events, "trade", "at"), default=None),
            "last_trade_at": max(_values(events, "trade", "at"), default=None),
            "last_withdrawal_at": max(
                _values(events, "withdrawal_paid", "at"), default=None
            ),
            "streak_days": streaks[-1] if streaks else 0,
            "streak_best": max(streaks, default=0),
        }
        for length in WINDOWS:
            window = [s for d, s in days.items() if d > as_of - timedelta(days=length)]
            for name in SUMS[1:]:
                found[f"{name}_{length}"] = sum(s[name] for s in window)
            found[f"active_days_{length}"] = sum(map(_is_active, window))
        return found


def _is_active(sums):
    return sums["deposit_count"] + sums["trade_count"] > 0


def _values(events, kind, name):
    return [e[name] for e in events if e["type"] == kind]


def _streaks(days):
    """Return the lengths of the runs of consecutive days, oldest first."""
    lengths = []
    for position, day in enumerate(days):
        if position and day - days[position - 1] == timedelta(days=1):
            lengths[-1] += 1
        else:
            lengths.append(1)
    return lengths
