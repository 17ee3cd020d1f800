"""Which tier a trader belongs to: the highest one with a threshold that is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Threshold:
    """One tier's ways in; zero means "this is no way in"."""

    tier_id: int
    deposit_total: Decimal = Decimal(0)
    trades_30d: int = 0

    @property
    def is_open(self) -> bool:
        """A tier without thresholds takes everybody."""
        return not self.deposit_total and not self.trades_30d


@dataclass(frozen=True, slots=True)
class Volume:
    """What a trader put in, all told, and how often they traded in 30 days."""

    deposit_total: Decimal
    trades_30d: int


def tier_for(volume: Volume, ladder: Sequence[Threshold]) -> int | None:
    """Return the id of the highest tier reached; ``ladder`` runs from low to high."""
    for step in reversed(ladder):
        if step.is_open or _is_met(volume, step):
            return step.tier_id
    return None


def _is_met(volume, step):
    by_money = step.deposit_total and volume.deposit_total >= step.deposit_total
    by_trades = step.trades_30d and volume.trades_30d >= step.trades_30d
    return bool(by_money or by_trades)
