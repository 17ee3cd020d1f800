"""One adapter per account and process, so that connections are kept."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .base import Config, Provider
from .sandbox import SandboxProvider
from .smtp import SmtpProvider
from .twilio import TwilioProvider

_lock = threading.Lock()
_adapters: dict[str, tuple[Config, Provider]] = {}


def provider(config: Config, open_session: Callable | None = None) -> Provider:
    """Return the adapter for an account; a changed account gets a new one.

    ``open_session`` makes SMTP sessions. It is bound to the caller's transaction, so
    an e-mail adapter lives for one pass only.
    """
    if config.provider == "smtp":
        return SmtpProvider(config, open_session)
    with _lock:
        known = _adapters.get(config.code)
        if known and known[0] == config:
            return known[1]
        kind = {"twilio": TwilioProvider, "sandbox": SandboxProvider}[config.provider]
        adapter = kind(config)
        _adapters[config.code] = (config, adapter)
        return adapter
