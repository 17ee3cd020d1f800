"""What Twilio's error codes mean to us; the table is ``twilio_errors.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import base


@dataclass(frozen=True, slots=True)
class ErrorClass:
    kind: str
    whole_account: bool = False


@cache
def _table() -> dict[int, ErrorClass]:
    path = Path(__file__).with_name("twilio_errors.json")
    return {
        row["code"]: ErrorClass(
            row["class"],
            row["class"] == base.CONFIG and row.get("scope") != "recipient",
        )
        for row in json.loads(path.read_text(encoding="utf-8"))["errors"]
    }


def of_answer(status: int, code: int | None) -> ErrorClass:
    """Return the class of an error answer to a request that was certainly read."""
    if status in {408, 429}:
        return ErrorClass(base.SLOW)
    if code in _table():
        return _table()[code]
    # The client gives the HTTP status as code when the answer was no JSON: something
    # between us and Twilio spoke, and the next message would meet it as well.
    if status in {401, 403} or code in {None, status}:
        return ErrorClass(base.CONFIG, whole_account=True)
    return ErrorClass(base.PERMANENT)


def of_callback(code: int | None) -> str:
    """Return the class of an error reported after acceptance."""
    found = _table().get(code)
    return found.kind if found else base.RETRY
