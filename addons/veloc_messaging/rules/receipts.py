"""What a batch of delivery reports does to the messages they are about.

Reports come late, twice and out of order, and a report may be about an earlier send
of a message that was sent again. Nothing here depends on how they were batched.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from . import message_state

FOLDED, IGNORED, NOT_UNDERSTOOD = "folded", "ignored", "not_understood"
# A provider's clock is believed as far as this before we heard of it.
OLDEST = timedelta(days=3)


class Receipt(NamedTuple):
    """One report, in the order of the columns it is read from."""

    id: int
    account_id: int
    reference: str | None
    provider_ref: str | None
    status: str | None
    error_code: int | None = None
    error_detail: str | None = None
    price_category: str | None = None
    is_billable: bool | None = None
    occurred_at: datetime | None = None
    received_at: datetime | None = None

    @property
    def at(self) -> datetime | None:
        """Return when it happened, as far as that can be believed."""
        heard, told = self.received_at, self.occurred_at
        if told and heard and heard - OLDEST <= told <= heard:
            return told
        return heard


class Known(NamedTuple):
    """A message that some report may be about."""

    id: int
    account_id: int | None
    reference: str
    provider_ref: str | None
    state: str
    partner_id: int | None = None
    channel: str = ""
    provider: str = ""


class Plan(NamedTuple):
    """What to write. ``moves`` is {state: [(message, the receipt that says so)]}.

    ``passed`` is {message id: {state: receipt}}: what was reached on the way there.
    """

    outcomes: dict[int, tuple[str, str | None, int | None]]
    moves: dict[str, list[tuple[Known, Receipt]]]
    conflicts: list[int]
    failures: list[tuple[Known, Receipt]]
    prices: dict[int, Receipt]
    passed: dict[int, dict[str, Receipt]]


def plan(receipts: Iterable[Receipt], known: Iterable[Known]) -> Plan:
    """Return what these receipts do; outcomes are (state, error, message id)."""
    theirs, ours = _index(known)
    found = Plan({}, {}, [], [], {}, {})
    reports: dict[int, tuple[Known, list[tuple[str, Receipt]]]] = {}
    for receipt in receipts:
        account_id = receipt.account_id
        message = theirs.get((account_id, receipt.provider_ref)) or ours.get(
            (account_id, receipt.reference)
        )
        state = message_state.from_provider(receipt.status or "")
        outcome = _judge(receipt, message, state)
        found.outcomes[receipt.id] = outcome
        if outcome[0] == FOLDED:
            reports.setdefault(message.id, (message, []))[1].append((state, receipt))
            if receipt.price_category or receipt.is_billable is not None:
                found.prices[message.id] = receipt
    for message, items in reports.values():
        _fold(message, items, found)
    return found


def _index(known):
    theirs, ours = {}, {}
    for message in known:
        ours[message.account_id, message.reference] = message
        if message.provider_ref:
            theirs[message.account_id, message.provider_ref] = message
    return theirs, ours


def _judge(receipt, message, state):
    if message is None:
        return IGNORED, "unknown_message", None
    if state is None:
        return NOT_UNDERSTOOD, "status", message.id
    # With another id of the provider it is about an earlier send.
    if message.provider_ref and message.provider_ref != receipt.provider_ref:
        return IGNORED, "earlier_send", message.id
    return FOLDED, None, message.id


def _fold(message, items, found):
    state, conflict = message_state.fold(message.state, [state for state, _r in items])
    if conflict:
        found.conflicts.append(message.id)
    if state != message.state:
        way = _way(message.state, items)
        found.moves.setdefault(state, []).append((message, way.pop(state)))
        if way:
            found.passed[message.id] = way
    found.failures.extend(
        (message, receipt)
        for reported, receipt in items
        if reported in message_state.RETRYABLE
    )


def _way(current, items):
    """Return {state: the receipt that led there} for each state a message reaches."""
    way = {}
    for reported, receipt in items:
        if message_state.can_move(current, reported):
            current = reported
            way[current] = receipt
    return way
