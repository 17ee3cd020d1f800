"""What the error codes of providers mean to us; the table is data.

Twilio and Meta both say that the meaning of a code may change, so it stands in
``provider_errors.json``. A code that is not there gets a safe default: an answer in
the 4xx is final for this message, a 5xx leaves the outcome open, and a failure that
is reported later may be tried again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import base

CHANNEL, MARKETING = "channel", "marketing"
# A scope of policy: the number itself is restricted, not this message.
ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """One row. ``scope`` says whom it concerns when that is not the whole account."""

    kind: str
    scope: str = ""
    hold_hours: int = 0  # nothing of this kind to this person before
    wait_seconds: float | None = None  # nothing to this person before
    suppress: str = ""  # what the person does not want: CHANNEL or MARKETING

    @property
    def whole_account(self) -> bool:
        """Whether the next message would fail the same way, whoever it is for."""
        if self.kind == base.POLICY:
            return self.scope == ACCOUNT
        return self.kind == base.CONFIG and not self.scope


@cache
def _tables() -> dict[str, tuple[dict[int, ErrorClass], dict[int, ErrorClass]]]:
    """Return {provider: (by code, by HTTP status)}."""
    path = Path(__file__).with_name("provider_errors.json")
    tables = {}
    for provider, rows in json.loads(path.read_text(encoding="utf-8")).items():
        if provider == "about":
            continue
        by_code, by_status = tables[provider] = {}, {}
        for row in rows:
            table = by_status if row.get("where") == "http" else by_code
            table[row["code"]] = _error_class(row)
    return tables


def _error_class(row):
    kind = row["class"]
    return ErrorClass(
        kind,
        scope=row.get("scope", ""),
        hold_hours=row.get("hold_hours", 0),
        wait_seconds=row.get("wait_seconds"),
        suppress=row.get("suppress", CHANNEL) if kind == base.SUPPRESS else "",
    )


def of_answer(provider: str, status: int, code: int | None = None) -> ErrorClass:
    """Return the class of an error answer to a request that certainly arrived."""
    by_code, by_status = _tables().get(provider, ({}, {}))
    default = by_status.get(status)
    if default and default.kind in {base.SLOW, base.IN_DOUBT} and code not in by_code:
        return default
    if status >= 500 and (provider == "twilio" or code not in by_code):
        # Nobody promises that a server that fails has not sent.
        return ErrorClass(base.IN_DOUBT)
    if code in by_code:
        return by_code[code]
    # Clients give the HTTP status as code when the answer was not the provider's own:
    # something between us spoke, and the next message would meet it as well.
    if default:
        return default
    if code in {None, status} and by_status:
        return ErrorClass(base.CONFIG)
    return ErrorClass(base.PERMANENT)


def knows(provider: str, code: int | None) -> bool:
    """Return whether the table has a row for this code."""
    return code in _tables().get(provider, ({}, {}))[0]


def consequence(provider: str, code: int | None) -> ErrorClass:
    """Return the class of an error that was reported after acceptance."""
    by_code, _by_status = _tables().get(provider, ({}, {}))
    return by_code.get(code) or ErrorClass(base.RETRY)


def of_callback(provider: str, code: int | None) -> str:
    """Return the kind of an error that was reported after acceptance."""
    return consequence(provider, code).kind
