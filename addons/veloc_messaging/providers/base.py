"""What every provider promises, and the few types that cross the border."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

# Also for the addons above, which may know this module only.
from ..rules.provider_event import Event as Event
from ..rules.webhook import Call as Call
from ..rules.webhook import Secrets as Secrets
from ..rules.webhook import Webhook as Webhook

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
    # More secrets and settings by name, as this provider needs them.
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    options: tuple[tuple[str, str], ...] = ()

    def named_secret(self, name: str) -> str:
        """Return another secret than the main one, "" when it is not set."""
        return dict(self.secrets).get(name, "")

    def option(self, name: str) -> str:
        """Return a setting of the account that only this provider knows."""
        return dict(self.options).get(name, "")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do; what is not declared is refused, not dropped."""

    channels: frozenset[str]
    templates: bool = False  # templates approved by the channel
    scheduling: bool = False  # it keeps a message until ``send_at``
    validity: bool = False  # it drops a message after ``useful_for``
    callbacks: bool = False  # it reports what became of a message
    lookup: bool = False  # ``find`` can prove that a message is not there
    replies: bool = False  # ``reply_to``
    media: bool = False
    fetch: bool = False  # ``fetch`` tells what became of a message it has


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that asked for push messages."""

    endpoint: str
    p256dh: str
    auth: str


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
    template_name: str = ""
    reply_to: str = ""  # the provider's id of the message this one answers
    send_at: datetime | None = None
    media: tuple[str, ...] = ()  # addresses the provider fetches
    devices: tuple[Device, ...] = ()
    urgency: str = "normal"
    data: tuple[tuple[str, str], ...] = ()


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
    gone: tuple[str, ...] = ()  # devices that will never listen again


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


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """A template to be approved; ``body`` has its gaps as {{1}}, {{2}} …"""

    name: str
    lang: str
    category: str  # UTILITY, MARKETING or AUTHENTICATION
    body: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateState:
    """What became of it: draft, pending, approved, rejected, paused or disabled."""

    ref: str
    status: str
    reason: str = ""


class ConfigError(Exception):
    """Raised by what the caller hands in when it cannot work as configured."""


class UnsupportedError(ConfigError):
    """Raised when a message asks for something its provider does not declare."""


# Option of a message → the capability it needs.
_NEEDS = {
    "content_sid": "templates",
    "template_name": "templates",
    "send_at": "scheduling",
    "reply_to": "replies",
    "media": "media",
}


def refuse_unsupported(capabilities: Capabilities, message: Outgoing) -> None:
    """Raise UnsupportedError for an option that would silently be lost."""
    for option, capability in _NEEDS.items():
        if getattr(message, option) and not getattr(capabilities, capability):
            raise UnsupportedError(f"{option} is not supported")


class Provider(Protocol):
    """One connection to one service; safe to use from several threads."""

    def prepare(self) -> Result | None:
        """Get ready for one more send, in the caller's thread; a Result refuses."""

    def send(self, message: Outgoing) -> Result:
        """Hand over one message. Never raises for trouble of the service."""

    def find(self, lookup: Lookup) -> Search:
        """Look for a message whose answer was lost. Never raises either."""

    # With Capabilities.fetch also ``fetch(provider_ref) -> Event | None``: what a
    # callback would have said; never raises. With Capabilities.templates may have
    # ``submit_template(spec)`` and ``template_state(ref)``, both -> TemplateState.

    def close(self) -> None:
        """Let go of connections that must not stay open between two passes."""
