"""Puts the sandbox together: one loop, one HTTP port, one SMTP port."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from . import control, mail, page, twilio_api
from .callbacks import Caller
from .faults import FaultBook
from .state import STATE, State
from .store import FINAL, Store

MAX_BODY = 256 * 1024


@dataclass(frozen=True)
class Settings:
    """How one sandbox process is started."""

    account_sid: str
    auth_token: str
    host: str = "127.0.0.1"
    port: int = 8070
    smtp_port: int = 8025
    delay_ms: float = 0
    speed: float = 1.0
    state_file: Path | None = None
    inbound_urls: dict | None = None


class Sandbox:
    """A running sandbox; ``start`` and ``stop`` belong to one event loop."""

    def __init__(self, settings):
        self.settings = settings
        store, faults = Store(settings.state_file), FaultBook()
        account = (settings.account_sid, settings.auth_token)
        self.state = State(
            *account,
            store=store,
            faults=faults,
            caller=Caller(
                account, store, faults, settings.inbound_urls, settings.speed
            ),
            delay=settings.delay_ms / 1000,
        )
        self._runner = None
        self._smtp = None

    async def start(self):
        """Open both ports and take up the messages that were on their way."""
        app = web.Application(
            middlewares=[twilio_api.twilio_errors], client_max_size=MAX_BODY
        )
        app[STATE] = self.state
        for part in (twilio_api, control, page):
            part.add_routes(app.router)
        await self.state.caller.open()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        host = self.settings.host
        await web.TCPSite(self._runner, host, self.settings.port).start()
        self._smtp = await asyncio.get_running_loop().create_server(
            mail.protocol(self.state.store, self.state.faults),
            host,
            self.settings.smtp_port,
        )
        for message in self.state.store.outbound():
            if message.status not in FINAL | {"scheduled"}:
                self.state.caller.start_life(message)

    @property
    def ports(self):
        """Return the HTTP and the SMTP port that were opened."""
        smtp = self._smtp.sockets[0].getsockname()[1]
        return self._runner.addresses[0][1], smtp

    async def stop(self):
        """Close both ports and drop what is still to be posted."""
        self._smtp.close()
        await self.state.caller.close()
        await self._runner.cleanup()
