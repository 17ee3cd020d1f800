"""A sandbox on free ports in a thread of its own, and the official Twilio client."""

import asyncio
import threading
import time
from collections import deque
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tools.sandbox.app import Sandbox, Settings
from tools.sandbox.meta import Meta

from .door import Door

ACCOUNT_SID = "AC" + "5a" * 16
TOKEN = "loopback-token"
META = Meta(TOKEN, TOKEN, TOKEN)
AUTH = {"Authorization": f"Bearer {TOKEN}"}


class RunningSandbox:
    """A sandbox and the ways in: HTTP, the Twilio client, SMTP."""

    def __init__(self, **options):
        self._clients = {}
        self.loop = asyncio.new_event_loop()
        self.sandbox = Sandbox(
            Settings(ACCOUNT_SID, TOKEN, port=0, smtp_port=0, speed=0.05, **options)
        )
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self._run(self.sandbox.start())
        self.port, self.smtp_port = self.sandbox.ports
        self.url = f"http://127.0.0.1:{self.port}"
        self.api = f"{self.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def client(self, token=TOKEN, timeout=3):
        """Return the official client, bent to the loopback; kept per token."""
        if token not in self._clients:
            loopback = _Loopback(self.url, timeout)
            self._clients[token] = Client(ACCOUNT_SID, token, http_client=loopback)
        return self._clients[token]

    def fault(self, kind, **options):
        """Put a fault in force."""
        data = {"kind": kind, **options}
        answer = requests.post(f"{self.url}/sandbox/faults", json=data, timeout=5)
        assert answer.status_code == 201, answer.text

    def get(self, path):
        """Return a control route's answer."""
        return requests.get(f"{self.url}/sandbox/{path}", timeout=5).json()

    def post(self, path, **data):
        """Post JSON to a control route and return the answer."""
        url = f"{self.url}/sandbox/{path}"
        return requests.post(url, json=data, timeout=5).json()

    def stop(self):
        """End the sandbox and its thread."""
        self._run(self.sandbox.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


class _Loopback(TwilioHttpClient):
    def __init__(self, base, timeout):
        super().__init__(timeout=timeout)
        self.base = base

    def request(self, method, url, *args, **kwargs):
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(
            method, f"{self.base}{parts.path}{query}", *args, **kwargs
        )


class Ear:
    """A small web server that hears callbacks and can be told to fail."""

    def __init__(self):
        self.heard = deque()
        self.answers = deque()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                form = parse_qsl(self.rfile.read(size).decode(), True)
                ear.heard.append((self.path, dict(self.headers), dict(form)))
                self.send_response(ear.answers.popleft() if ear.answers else 204)
                self.end_headers()

            def log_message(self, *args):
                """Keep the test output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        serve = partial(self.server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serve, daemon=True).start()

    def wait(self, count, seconds=5):
        """Return what was heard as soon as there are ``count`` posts."""
        end = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < end:
            time.sleep(0.005)
        return list(self.heard)

    def statuses(self, count):
        """Return the message statuses in the order in which they came."""
        return [form["MessageStatus"] for _path, _headers, form in self.wait(count)]


@pytest.fixture(scope="session")
def _shared_sandbox():
    running = RunningSandbox()
    yield running
    running.stop()


@pytest.fixture
def sandbox(_shared_sandbox):
    _shared_sandbox.post("reset")
    return _shared_sandbox


@pytest.fixture
def start_sandbox():
    """Return a function that starts a sandbox of its own."""
    started = []

    def start(**options):
        started.append(RunningSandbox(**options))
        return started[-1]

    yield start
    for running in started:
        if running.thread.is_alive():
            running.stop()


@pytest.fixture
def ear():
    ear = Ear()
    yield ear
    ear.server.shutdown()
    ear.server.server_close()


@pytest.fixture
def send(sandbox):
    """Return a function that sends one SMS with the official client."""

    def send(to="+5511961234567", body="Olá", **values):
        values.setdefault("from_", "29000")
        return sandbox.client().messages.create(to=to, body=body, **values)

    return send


@pytest.fixture
def door(sandbox):
    door = Door()
    assert sandbox.post("graph/subscribe", url=door.url) == {"subscribed": True}
    yield door
    sandbox.post("graph/pair", burst=45, every=6)
    door.server.shutdown()
    door.server.server_close()


@pytest.fixture
def api(sandbox):
    """Return a function that posts to the Graph API."""

    def post(data, path="messages", owner=META.phone_number_id, headers=AUTH):
        url = f"{sandbox.url}/v26.0/{owner}/{path}"
        return requests.post(url, json=data, headers=headers, timeout=5)

    return post
