"""What a batch of events adds up to: per trader and day, and per trader.

Sums do not care for order, so late events need no special care here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

# event type → (counter, sum)
_MONEY = {
    "deposit_approved": ("deposit_count", "deposit_total"),
    "withdrawal_paid": ("withdrawal_count", "withdrawal_total"),
}
KYC_STATES = {
    "kyc_submitted": "submitted",
    "kyc_approved": "approved",
    "kyc_rejected": "rejected",
}


@dataclass(slots=True)
class Sums:
    """Counters of one trader, over a day or over a batch."""

    event_count: int = 0
    deposit_count: int = 0
    deposit_total: Decimal = Decimal(0)
    withdrawal_count: int = 0
    withdrawal_total: Decimal = Decimal(0)
    trade_count: int = 0
    volume_total: Decimal = Decimal(0)
    result_total: Decimal = Decimal(0)
    login_count: int = 0

    def add(self, entry):
        """Count one event."""
        self.event_count += 1
        if money := _MONEY.get(entry.type):
            counter, total = money
            setattr(self, counter, getattr(self, counter) + 1)
            setattr(self, total, getattr(self, total) + entry.amount)
        elif entry.type == "trade":
            self.trade_count += 1
            self.volume_total += entry.volume
            self.result_total += entry.result
        elif entry.type == "login":
            self.login_count += 1


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the books see it: whose, what, when, in company money."""

    trader_id: int
    type: str
    at: datetime
    amount: Decimal = Decimal(0)
    volume: Decimal = Decimal(0)
    result: Decimal = Decimal(0)


@dataclass(slots=True)
class Account:
    """All that a batch says of one trader."""

    sums: Sums = field(default_factory=Sums)
    entries: list[Entry] = field(default_factory=list)

    def first(self, kind: str) -> datetime | None:
        """Return when the earliest event of that type was, or None."""
        return min((e.at for e in self.entries if e.type == kind), default=None)

    def last(self, kind: str | None = None) -> datetime | None:
        """Return when the latest event (of that type) was, or None."""
        return max(
            (e.at for e in self.entries if kind is None or e.type == kind), default=None
        )

    def kyc(self) -> tuple[str, datetime] | None:
        """Return the latest KYC state and its time, or None."""
        news = [e for e in self.entries if e.type in KYC_STATES]
        if not news:
            return None
        latest = max(news, key=lambda entry: entry.at)
        return KYC_STATES[latest.type], latest.at


def book(entries: Iterable[Entry], zone: ZoneInfo):
    """Return ``{(trader, day): Sums}`` in key order and ``{trader: Account}``."""
    days: dict[tuple[int, date], Sums] = {}
    accounts: dict[int, Account] = {}
    for entry in entries:
        day = entry.at.replace(tzinfo=UTC).astimezone(zone).date()
        days.setdefault((entry.trader_id, day), Sums()).add(entry)
        account = accounts.setdefault(entry.trader_id, Account())
        account.sums.add(entry)
        account.entries.append(entry)
    return dict(sorted(days.items())), dict(sorted(accounts.items()))
