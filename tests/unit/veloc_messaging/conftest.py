"""A real HTTP server on the loopback, for the tests of the providers."""

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from odoo.addons.veloc_messaging.providers import base, whatsapp


@dataclass
class Call:
    method: str
    path: str
    form: dict
    headers: dict
    body: bytes = b""

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Loopback:
    """Answers every call with ``reply`` and remembers it.

    A reply is ``(status, headers, body)``, ``"drop"`` (read, then cut the line),
    ``"cut"`` (half an answer) or ``"hang"`` (no answer until the end of the test).
    """

    url: str = ""
    reply: object = (201, {}, {})
    calls: list = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    loopback: Loopback
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        form = dict(parse_qsl(body.decode()))
        call = Call(self.command, self.path, form, dict(self.headers), body)
        self.loopback.calls.append(call)
        reply = (
            self.loopback.reply(call)
            if callable(self.loopback.reply)
            else self.loopback.reply
        )
        if reply == "hang":
            self.loopback.over.wait(10)
        if reply in ("hang", "drop"):
            self.close_connection = True
            return
        if reply == "cut":
            self._cut()
        else:
            self._answer(*reply)

    do_GET = do_POST  # noqa: N815 - http.server calls this name

    def _cut(self):
        self.send_response(201)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"sid": "SM')
        self.close_connection = True

    def _answer(self, status, headers, body):
        payload = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        # A reply may have a clock of its own.
        answer = self.send_response_only if "Date" in headers else self.send_response
        answer(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


@pytest.fixture
def loopback():
    state = Loopback()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("StateHandler", (Handler,), {"loopback": state})
    )
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    yield state
    state.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def meta(loopback):
    """The adapter of Meta's Cloud API, talking to the loopback."""
    config = base.Config(
        *("wa", "whatsapp", "whatsapp", "106540352242922", "s3cret"),
        base_url=loopback.url,
        options=(("waba_id", "102290129340398"),),
    )
    return whatsapp.WhatsappProvider(config)


@pytest.fixture
def closed_port():
    """The number of a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
