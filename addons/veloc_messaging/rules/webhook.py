"""One call of a provider at our door, and what a provider must know to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .provider_event import Event

DEFAULT_MAX_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of an account. ``named`` has only those that are set."""

    main: str = field(default="", repr=False)
    named: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came in; ``url`` is the public address, query undecoded.

    A form has ``pairs``, anything else its raw ``body``. Header names are lower case.
    """

    url: str
    headers: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...] | None = None
    body: bytes | None = None


class Webhook:
    """How one provider's calls are checked and read. Pure: no network, no clock."""

    ok_status = 204
    max_bytes = DEFAULT_MAX_BYTES
    # Whether the provider verifies the address with a GET before it uses it.
    has_handshake = False

    def handshake(self, secrets: Secrets, query: Mapping[str, str]) -> str | None:
        """Return the text to answer a verification with, None to refuse it."""
        return None

    def is_valid(self, secrets: Secrets, call: Call) -> bool:
        """Return whether somebody who knows the secret made this call."""
        raise NotImplementedError

    def parse(self, payload: str) -> list[Event]:
        """Return the events in a payload; never raises.

        ``payload`` is a form in URL encoding or the text of the body. What cannot be
        understood is an event of kind "other".
        """
        raise NotImplementedError
