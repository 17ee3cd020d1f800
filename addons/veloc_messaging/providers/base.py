"""What every provider promises, and the few types that cross the border."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

ACCEPTED = "accepted"  # the provider has it
PERMANENT = "permanent"  # will never work for this recipient
RETRY = "retry"  # never left us; try again later
SLOW = "slow"  # not processed: too fast
CONFIG = "config"  # the account is wrong, not the message
SUPPRESS = "suppress"  # the recipient does not want to hear from us
WINDOW = "window"  # free text outside the answer window
POLICY = "policy"  # carrier or provider refuses this content or time
IN_DOUBT = "in_doubt"  # it may have left: only a look-up can tell
NOT_STARTED = "not_started"  # our own time ran out before the call

KINDS = (
    ACCEPTED,
    PERMANENT,
    RETRY,
    SLOW,
    CONFIG,
    SUPPRESS,
    WINDOW,
    POLICY,
    IN_DOUBT,
    NOT_STARTED,
)


@dataclass(frozen=True, slots=True)
class Config:
    """One account, as plain values; equal values may share one adapter."""

    code: str
    provider: str
    channel: str
    account_sid: str = ""
    secret: str = field(default="", repr=False)
    sender: str = ""
    messaging_service_sid: str = ""
    base_url: str = ""
    concurrency: int = 8


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything a provider needs, already checked. Holds no Odoo record."""

    reference: str
    to: str
    body: str
    subject: str = ""
    sender: str = ""
    status_callback: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    content_sid: str = ""
    content_variables: str = ""
    lang: str = ""
    useful_for: float | None = None  # seconds; later the provider may drop it


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one send. ``whole_account``: the next one would fail as well."""

    kind: str
    code: str = ""
    detail: str = ""
    provider_ref: str = ""
    retry_after: float | None = None
    status: str = ""
    whole_account: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """A message in doubt, as far as the provider may have seen it."""

    reference: str
    to: str
    body: str
    since: datetime
    sender: str = ""
    content_sid: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message at the provider that looks like the one in doubt."""

    provider_ref: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What a look-up saw. Only a ``complete`` one proves that nothing is there."""

    sightings: tuple[Sighting, ...] = ()
    complete: bool = False
    detail: str = ""


class ConfigError(Exception):
    """Raised by what the caller hands in when it cannot work as configured."""


class Provider(Protocol):
    """One connection to one service; safe to use from several threads."""

    def prepare(self) -> Result | None:
        """Get ready for one more send, in the caller's thread; a Result refuses."""

    def send(self, message: Outgoing) -> Result:
        """Hand over one message. Never raises for trouble of the service."""

    def find(self, lookup: Lookup) -> Search:
        """Look for a message whose answer was lost. Never raises either."""

    def close(self) -> None:
        """Let go of connections that must not stay open between two passes."""
