"""Moments as programs write them, brought to the one form we store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def read(value: Any) -> datetime | None:
    """Return RFC 3339 text or a datetime as naive UTC seconds, None if neither.

    Without an offset it is UTC already, as Odoo writes it.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        value = value.astimezone(UTC) if value.tzinfo else value
    except OverflowError:
        return None
    return value.replace(tzinfo=None, microsecond=0)
