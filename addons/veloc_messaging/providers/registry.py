"""Which providers there are, and one adapter per account and process.

A provider registers itself where it is defined; an addon may register more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..rules.webhook import Webhook
from .base import Capabilities, Config, ConfigError, Provider

_lock = threading.Lock()
_kinds: dict[str, Kind] = {}
_adapters: dict[str, tuple[Config, Provider]] = {}


@dataclass(frozen=True)
class Kind:
    """One provider: what it can do, how an adapter is made, how its calls are read.

    ``open`` gets the configuration and what the account opens for it (e-mail: a
    function that makes SMTP sessions). With ``keep`` the adapter lives as long as the
    process and the account's settings, otherwise for one pass.
    """

    code: str
    label: str
    capabilities: Capabilities
    open: Callable[[Config, Callable | None], Provider]
    webhook: Webhook | None = None
    keep: bool = True


def register(kind: Kind) -> None:
    """Add a provider; the same code again replaces it."""
    _kinds[kind.code] = kind


def kinds() -> Mapping[str, Kind]:
    """Return every provider by its code."""
    return MappingProxyType(_kinds)


def codes_able_to(capability: str) -> list[str]:
    """Return the providers that declare a capability."""
    return sorted(
        kind.code for kind in _kinds.values() if getattr(kind.capabilities, capability)
    )


def provider(config: Config, open_session: Callable | None = None) -> Provider:
    """Return the adapter for an account; a changed account gets a new one."""
    kind = _kinds.get(config.provider)
    if kind is None:
        raise ConfigError(f"no provider {config.provider}")
    if not kind.keep:
        return kind.open(config, open_session)
    with _lock:
        known = _adapters.get(config.code)
        if known and known[0] == config:
            return known[1]
        adapter = kind.open(config, open_session)
        _adapters[config.code] = (config, adapter)
        return adapter
