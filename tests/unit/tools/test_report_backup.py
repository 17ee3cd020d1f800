"""The program that backup scripts call: what it says, and how it fails."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools import report_backup

STARTED = "2026-03-11T02:00:00Z"


@pytest.fixture
def veloc(monkeypatch, tmp_path):
    """Return a server that answers as Veloc does, and keeps what it was told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # the library's name
            length = int(self.headers["Content-Length"])
            server.seen.append((self.path, self.headers, self.rfile.read(length)))
            self.send_response(server.status)
            self.end_headers()
            self.wfile.write(b'{"id": 7, "sha256": "abc"}')

        def log_message(self, *_args):
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    key = tmp_path / "key"
    key.write_text("secret-key\n")
    monkeypatch.setenv("VELOC_API_KEY_FILE", str(key))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def report(server, *more):
    url = f"http://127.0.0.1:{server.server_port}"
    always = ["--url", url, "--name", "nightly", "--started", STARTED]
    return report_backup.main([*always, *more])


def told(server):
    ((path, headers, body),) = server.seen
    assert path == "/json/2/veloc.backup.report/report"
    assert headers["Authorization"] == "bearer secret-key"
    return json.loads(body)["values"]


def test_size_and_hash_are_those_of_the_file(veloc, tmp_path):
    dump = tmp_path / "dump.age"
    dump.write_bytes(b"x" * 3_000_000)
    assert report(veloc, "--file", str(dump)) == 0
    values = told(veloc)
    assert values["size"] == 3_000_000
    assert values["sha256"] == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    assert values["is_good"] is True


def test_a_failed_run_says_so_and_needs_no_file(veloc):
    assert report(veloc, "--error", "disk full") == 0
    values = told(veloc)
    assert (values["is_good"], values["error"]) == (False, "disk full")
    assert "sha256" not in values


def test_a_restore_test_says_what_it_showed_and_what_not(veloc):
    arguments = ["--kind", "restore_test", "--sha256", "ab" * 32]
    assert report(veloc, *arguments, "--shown", "rows_equal", "ledger_verified") == 0
    values = told(veloc)
    assert values["rows_equal"] is values["ledger_verified"] is True
    assert values["files_checked"] is values["tombstones_replayed"] is False


def test_a_refusal_is_an_error_for_the_script_that_called(veloc, capsys):
    veloc.status = 403
    assert report(veloc) == 1
    assert "refused: 403" in capsys.readouterr().out


def test_a_server_that_is_away_is_an_error_as_well(veloc, capsys, monkeypatch):
    monkeypatch.setattr(veloc, "server_port", 9)
    assert report(veloc) == 1
    assert "not reported" in capsys.readouterr().out


def test_the_key_is_never_an_argument():
    taken = {
        name
        for action in report_backup.parser()._actions
        for name in action.option_strings
    }
    assert not {name for name in taken if name in ("--key", "--password", "--token")}
