"""A real HTTP server on the loopback, for the tests of the providers."""

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest


@dataclass
class Call:
    method: str
    path: str
    form: dict
    headers: dict


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


def _handler(loopback):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            call = Call(self.command, self.path, form, dict(self.headers))
            loopback.calls.append(call)
            reply = loopback.reply(call) if callable(loopback.reply) else loopback.reply
            if reply == "hang":
                loopback.over.wait(10)
            if reply in ("hang", "drop"):
                self.close_connection = True
                return
            if reply == "cut":
                self.send_response(201)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"sid": "SM')
                self.close_connection = True
                return
            self._answer(*reply)

        do_GET = do_POST  # noqa: N815 - http.server calls this name

        def _answer(self, status, headers, body):
            payload = (
                body.encode() if isinstance(body, str) else json.dumps(body).encode()
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    return Handler


@pytest.fixture
def loopback():
    state = Loopback()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
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
def closed_port():
    """The number of a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
