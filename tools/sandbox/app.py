"""Puts the sandbox together: one loop, one HTTP port, one SMTP port."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from . import (
    content_api,
    control,
    graph_api,
    graph_control,
    mail,
    page,
    push_api,
    twilio_api,
)
from .callbacks import Caller
from .faults import FaultBook
from .graph_caller import GraphCaller
from .meta import Meta
from .pairs import Pairs
from .push_store import PushStore
from .review import Review
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
    meta: Meta | None = None


class Sandbox:
    """A running sandbox; ``start`` and ``stop`` belong to one event loop."""

    def __init__(self, settings):
        self.settings = settings
        store, faults = Store(settings.state_file), FaultBook()
        account = (settings.account_sid, settings.auth_token)
        meta = settings.meta or Meta(*[settings.auth_token] * 3)
        graph = GraphCaller(meta, store, faults, settings.speed)
        review = Review(store, settings.speed)
        review.listeners.append(graph_control.tell_decisions(graph))
        self.state = State(
            *account,
            store=store,
            faults=faults,
            caller=Caller(
                account, store, faults, settings.inbound_urls, settings.speed
            ),
            meta=meta,
            graph=graph,
            review=review,
            pairs=Pairs(),
            delay=settings.delay_ms / 1000,
        )
        self.push = PushStore(store)
        self._runner = None
        self._smtp = None

    async def start(self):
        """Open both ports and take up the messages that were on their way."""
        app = web.Application(
            middlewares=[twilio_api.twilio_errors, graph_api.graph_errors],
            client_max_size=MAX_BODY,
        )
        app[STATE] = self.state
        app[push_api.PUSH] = self.push
        apis = (twilio_api, content_api, graph_api, push_api)
        for part in (*apis, control, graph_control, page):
            part.add_routes(app.router)
        await self.state.caller.open()
        await self.state.graph.open()
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
                self.state.start_life(message)
        self.state.review.resume()

    @property
    def ports(self):
        """Return the HTTP and the SMTP port that were opened."""
        smtp = self._smtp.sockets[0].getsockname()[1]
        return self._runner.addresses[0][1], smtp

    async def stop(self):
        """Close both ports and drop what is still to be posted."""
        self._smtp.close()
        await self.state.review.stop()
        await self.push.close()
        await self.state.caller.close()
        await self.state.graph.close()
        await self._runner.cleanup()
