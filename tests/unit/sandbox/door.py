"""A webhook for the tests of Meta's side."""

import json
import threading
import time
from collections import deque
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "loopback-token"  # of the shared sandbox: one for everything


class Door:
    """A webhook: shakes hands, hears batches, answers what it is told to."""

    def __init__(self):
        self.heard, self.answers = deque(), deque()
        self.token = TOKEN
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                query = {
                    k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()
                }
                known = query.get("hub.verify_token") == door.token
                self.send_response(200 if known else 403)
                self.end_headers()
                self.wfile.write(query["hub.challenge"].encode() if known else b"")

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                door.heard.append((dict(self.headers), raw))
                self.send_response(door.answers.popleft() if door.answers else 200)
                self.end_headers()

            def log_message(self, *args):
                """Keep the test output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/door"
        serve = partial(self.server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serve, daemon=True).start()

    def changes(self):
        """Return every change that was heard."""
        trees = [json.loads(raw) for _headers, raw in list(self.heard)]
        return [c for t in trees for e in t["entry"] for c in e["changes"]]

    def wait(self, count, part="statuses", seconds=5):
        """Return the updates of a kind as soon as there are ``count``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = [u for c in self.changes() for u in c["value"].get(part, ())]
            if len(found) >= count:
                return found
            time.sleep(0.005)
        return found
