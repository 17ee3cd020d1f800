"""What a person changed on the preference page. Nothing they did not see moves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..const import CHANNELS

# Push has a page of its own, where the browser itself is asked.
PAGE_CHANNELS = ("email", "sms", "whatsapp", "call")
ALL_CHANNELS = tuple(code for code, _label in CHANNELS)

Box = tuple[int, str]
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Choice:
    """A sent form: versions shown per purpose, boxes ticked, or the stop button.

    ``read``: by purpose, the hash of the notice that stood on the page.
    """

    shown: Mapping[int, int]
    ticked: frozenset[Box]
    stop: bool = False
    read: Mapping[int, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Change:
    """One word to record; ``version_id`` None where no text was shown."""

    purpose_id: int
    channel: str
    granted: bool
    version_id: int | None = None


def read(fields: Mapping[str, list[str]]) -> Choice:
    """Return the choice in a form's fields; what makes no sense is not there.

    ``shown`` fields say ``purpose:version``, ``allow`` fields ``purpose:channel``,
    ``read`` fields ``purpose:hash``.
    """
    shown = {
        int(purpose): int(version)
        for purpose, version in _pairs(fields.get("shown", ()))
        if _is_id(purpose) and _is_id(version)
    }
    ticked = frozenset(
        (int(purpose), channel)
        for purpose, channel in _pairs(fields.get("allow", ()))
        if _is_id(purpose) and channel in PAGE_CHANNELS
    )
    notices = {
        int(purpose): text_hash
        for purpose, text_hash in _pairs(fields.get("read", ()))
        if _is_id(purpose) and _HASH.fullmatch(text_hash)
    }
    is_stop = "stop" in fields.get("action", ())
    return Choice(shown, ticked, is_stop, notices)


def changes(current: Mapping[Box, bool], choice: Choice) -> list[Change]:
    """Return what differs from ``current``, which lists every box of the page."""
    found = []
    for (purpose_id, channel), is_allowed in current.items():
        version_id = choice.shown.get(purpose_id)
        if version_id is None:
            continue
        wanted = (purpose_id, channel) in choice.ticked
        if wanted != is_allowed:
            found.append(Change(purpose_id, channel, wanted, version_id))
    return found


def channels(choice: Choice) -> set[str]:
    """Return the channels on which the person ticked a box they were shown."""
    return {
        channel for purpose_id, channel in choice.ticked if purpose_id in choice.shown
    }


def stop_everything(purpose_ids: Iterable[int], revoked: set[Box]) -> list[Change]:
    """Return the revocations that leave no purpose and no channel open."""
    return [
        Change(purpose_id, channel, granted=False)
        for purpose_id in purpose_ids
        for channel in ALL_CHANNELS
        if (purpose_id, channel) not in revoked
    ]


def _pairs(values: Iterable[str]) -> Iterable[tuple[str, str]]:
    return [
        (first, second)
        for first, separator, second in (value.partition(":") for value in values)
        if separator
    ]


def _is_id(text: str) -> bool:
    # isdigit() alone also takes superscripts; ten digits outgrow the column.
    return text.isascii() and text.isdigit() and len(text) < 10
