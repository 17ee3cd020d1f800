"""Money of other currencies, at the rate of the day."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


class Rates:
    """Units of each currency per unit of the company's, by date.

    A rate holds from its date until the next one. Before the first there is none:
    better no row than an invented amount.
    """

    def __init__(self, own: str, table: Mapping[str, Sequence[tuple[date, Decimal]]]):
        self.own = own
        self._days = {code: [day for day, _ in rows] for code, rows in table.items()}
        self._rates = {code: [rate for _, rate in rows] for code, rows in table.items()}

    def factor(self, currency: str | None, day: date) -> Decimal | None:
        """Return by what to multiply to get company money, or None without a rate."""
        if currency is None or currency == self.own:
            return Decimal(1)
        foreign = self._rate(currency, day)
        if not foreign:
            return None
        return (self._rate(self.own, day) or Decimal(1)) / foreign

    def _rate(self, currency, day):
        position = bisect_right(self._days.get(currency, ()), day)
        return self._rates[currency][position - 1] if position else None


def convert(amount: Decimal, factor: Decimal) -> Decimal:
    """Return the company's amount; its own money is left to the last digit."""
    if factor == 1:
        return amount
    return (amount * factor).quantize(CENT, ROUND_HALF_UP)
