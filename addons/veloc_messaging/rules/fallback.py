"""Which channel comes after one that failed."""

from __future__ import annotations

MARK = "/fb:"


def parse(text: str | None) -> tuple[str, ...]:
    """Return the channels of a list like "sms, email"; each once.

    >>> parse("sms, email,sms")
    ('sms', 'email')
    """
    names = [name.strip() for name in (text or "").split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


def next_channel(text: str | None, failed: str, first: str) -> str | None:
    """Return the channel after ``failed``, None at the end of the list.

    ``first`` is the channel of the first message, which is never tried again. The list
    is gone through once: no order of failures makes a circle.

    >>> next_channel("sms,email", "whatsapp", "whatsapp")
    'sms'
    >>> next_channel("whatsapp,sms,email", "sms", "whatsapp")
    'email'
    """
    channels = parse(text)
    start = channels.index(failed) + 1 if failed in channels and failed != first else 0
    return next((name for name in channels[start:] if name != first), None)


def key_of(key: str, channel: str) -> str:
    """Return the key of the message that stands in on a channel.

    >>> key_of("step-7/fb:sms", "email")
    'step-7/fb:email'
    """
    return f"{key.partition(MARK)[0]}{MARK}{channel}"
