"""Twilio's options with their limits: refused here, not silently lost there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from . import base

# Twilio's pages disagree on the shortest time (5 or 15 minutes): 15 is always taken.
SOONEST, LATEST = timedelta(minutes=15), timedelta(days=35)
MAX_MEDIA = 10
MAX_VALIDITY = 36000  # seconds; also what Twilio takes when nothing is said


def prepare(
    config: base.Config, message: base.Outgoing, now: datetime
) -> dict[str, Any]:
    """Return the optional parameters of a message.

    Raises UnsupportedError for what Twilio would refuse, or drop without a word.
    """
    options: dict[str, Any] = {}
    if message.template_name and not message.content_sid:
        raise base.UnsupportedError("Twilio knows templates by their Content SID")
    if message.content_sid:
        options["content_sid"] = message.content_sid
        if message.content_variables:
            options["content_variables"] = message.content_variables
    else:
        options["body"] = message.body
    if message.media:
        if len(message.media) > MAX_MEDIA:
            raise base.UnsupportedError(f"at most {MAX_MEDIA} media")
        options["media_url"] = list(message.media)
    if message.send_at:
        options |= _schedule(config, message.send_at, now)
    elif validity := _validity(message.useful_for):
        # Twilio counts from the call, not from ``send_at``.
        options["validity_period"] = validity
    return options


def _schedule(config, send_at, now):
    if not config.messaging_service_sid:
        raise base.UnsupportedError("send_at needs a messaging service")
    moment = _utc(send_at)
    if not SOONEST <= moment - _utc(now) <= LATEST:
        raise base.UnsupportedError("send_at must be 15 minutes to 35 days ahead")
    # As text: the client writes a Z behind any time, converted or not.
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"schedule_type": "fixed", "send_at": text}


def _utc(moment):
    """Return a time in UTC; without a zone it is in UTC already."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _validity(seconds):
    """Return how long Twilio may try, None for as long as it likes."""
    if seconds is None or seconds >= MAX_VALIDITY:
        return None
    return max(int(seconds), 1)
