"""A million made-up traders and what they did in two years, as arrays.

Heavy tail (most do little, a few do a lot), growth of sign-ups, few trades at
weekends, busy afternoons. The same seed gives the same population.
"""

from dataclasses import dataclass

import numpy as np

DAY = 86_400
DAYS = 730
TYPES = (
    "lead",
    "signup",
    "kyc_approved",
    "deposit_approved",
    "deposit_started",
    "deposit_failed",
    "withdrawal_requested",
    "withdrawal_paid",
    "trade",
    "login",
)
CODE = {name: number for number, name in enumerate(TYPES)}
# what a client does after the first deposit, and how often
HABITS = {
    "deposit_approved": 0.08,
    "deposit_started": 0.02,
    "deposit_failed": 0.01,
    "withdrawal_requested": 0.02,
    "withdrawal_paid": 0.02,
    "trade": 0.58,
    "login": 0.27,
}
CLIENTS = 0.35  # of all traders have deposited
SIGNED_UP = 0.75  # of those who have not
OPENING = ("signup", "kyc_approved", "deposit_approved")


@dataclass
class Events:
    """Columns of one kind each; ``trader`` counts from 0, ``at`` in seconds."""

    trader: np.ndarray
    at: np.ndarray
    code: np.ndarray
    amount: np.ndarray
    volume: np.ndarray
    result: np.ndarray

    def order(self, places):
        """Return the same events in another order."""
        return Events(*(column[places] for column in vars(self).values()))


def make(traders, events, now, seed=1):
    """Return the events, sorted by trader and time; ``now`` in seconds."""
    rng = np.random.default_rng(seed)
    start = now - DAYS * DAY
    signed = start + (rng.beta(1.4, 1.0, traders) * (DAYS - 1) * DAY).astype(np.int64)
    is_client = rng.random(traders) < CLIENTS
    life = np.minimum(rng.exponential(150 * DAY, traders) + DAY, now - signed - 60)
    counts = _counts(rng, is_client, events)
    trader = np.repeat(np.arange(traders, dtype=np.int32), counts)
    position = np.arange(len(trader)) - np.repeat(np.cumsum(counts) - counts, counts)
    offset = rng.random(len(trader)) ** 1.3 * life[trader]
    at = signed[trader] + offset.astype(np.int64)
    opening = position < np.where(is_client[trader], len(OPENING), 1)
    at[opening] = (signed[trader] + position * 600)[opening]
    code = _codes(rng, trader, position, opening, is_client)
    at = np.where(opening, at, _rhythm(rng, at, code, signed[trader] + 1800))
    at = np.minimum(at, now - 1)
    order = np.lexsort((at, trader))
    return Events(trader, at, code, *_money(rng, code)).order(order)


def _counts(rng, is_client, events):
    """Return how many events each trader has; a client has 3 at least."""
    weight = rng.lognormal(0, 1.5, len(is_client))
    weight = np.where(is_client, weight, np.minimum(weight, 3) * 0.02)
    base = np.where(is_client, len(OPENING), 1)
    left = max(events - base.sum(), 0)
    return base + rng.poisson(weight * left / weight.sum())


def _codes(rng, trader, position, opening, is_client):
    names = list(HABITS)
    code = rng.choice(
        [CODE[name] for name in names], len(trader), p=list(HABITS.values())
    ).astype(np.int8)
    client = is_client[trader]
    code[~client] = CODE["login"]
    openers = np.array([CODE[name] for name in OPENING], dtype=np.int8)
    code[opening] = openers[np.minimum(position[opening], len(OPENING) - 1)]
    signs = rng.random(len(is_client)) < SIGNED_UP
    code[opening & ~client & ~signs[trader]] = CODE["lead"]
    return code


def _rhythm(rng, at, code, earliest):
    """Move what was at night to the day, and three of four trades from weekends."""
    day = at // DAY
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    moved = (weekday >= 5) & (code == CODE["trade"]) & (rng.random(len(at)) < 0.75)
    day = day - np.where(moved, weekday - 4, 0)
    hour = np.clip(rng.normal(17, 4, len(at)), 3, 26.9)  # UTC; São Paulo is 3 behind
    return np.maximum((day * DAY + hour * 3600).astype(np.int64), earliest)


def _money(rng, code):
    """Return amount, volume and result per event; NaN where there is none."""
    size = len(code)
    nothing = np.full(size, np.nan)
    paid = (code >= CODE["deposit_approved"]) & (code <= CODE["withdrawal_paid"])
    amount = np.where(paid, np.round(rng.lognormal(5, 1, size) + 10, 2), nothing)
    trade = code == CODE["trade"]
    volume = np.where(trade, np.round(rng.lognormal(7.5, 1.2, size), 2), nothing)
    result = np.round(volume * rng.normal(-0.003, 0.04, size), 2)
    return amount, volume, result
