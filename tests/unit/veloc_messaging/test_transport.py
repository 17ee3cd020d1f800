"""What every adapter's call may end in, told apart to the byte."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection

import pytest
from urllib3.exceptions import SSLError

from odoo.addons.veloc_messaging.providers import transport


def outcome(url, body="x=1"):
    try:
        transport.Transport().call("POST", url, body)
    except transport.NetworkError as error:
        return transport.network_result(error).kind
    return "answered"


@pytest.fixture
def listener():
    """A socket whose connections a test answers as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def serve(server, talk):
    def accept():
        connection, _address = server.accept()
        with connection:
            talk(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    return thread


def port_of(server):
    return server.getsockname()[1]


def test_an_answer_is_an_answer(loopback):
    assert outcome(loopback.url) == "answered"


def test_a_closed_door_lets_nothing_out(closed_port):
    assert outcome(f"http://127.0.0.1:{closed_port}") == "retry"


def test_a_host_that_hangs_in_the_handshake_got_nothing(listener, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", (0.2, 0.2))
    over = threading.Event()
    serve(listener, lambda _connection: over.wait(5))

    assert outcome(f"https://127.0.0.1:{port_of(listener)}") == "retry"
    over.set()


def test_a_host_that_does_not_speak_tls_got_nothing(loopback):
    assert outcome(loopback.url.replace("http:", "https:")) == "retry"


def test_head_and_body_leave_together(loopback, monkeypatch):
    sent = []
    send = HTTPConnection.send
    monkeypatch.setattr(
        HTTPConnection, "send", lambda self, data: (sent.append(data), send(self, data))
    )

    assert outcome(loopback.url, "To=1") == "answered"

    (packet,) = sent
    assert packet.startswith(b"POST ")
    assert packet.endswith(b"\r\n\r\nTo=1")


def test_a_line_cut_after_the_request_leaves_a_doubt(listener):
    seen = []
    thread = serve(listener, lambda connection: seen.append(connection.recv(4096)))

    assert outcome(f"http://127.0.0.1:{port_of(listener)}") == "in_doubt"
    thread.join(5)
    assert seen[0].startswith(b"POST / ")


def test_silence_after_the_request_leaves_a_doubt(loopback, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", (1.0, 0.2))
    loopback.reply = "hang"

    assert outcome(loopback.url) == "in_doubt"


def test_half_an_answer_leaves_a_doubt(loopback):
    loopback.reply = "cut"

    assert outcome(loopback.url) == "in_doubt"


def test_a_fault_of_tls_after_the_handshake_leaves_a_doubt():
    error = SSLError("bad record mac")

    assert transport.network_result(error).kind == "in_doubt"


@pytest.mark.parametrize("url", ["http://[", "ftp://example.com/"])
def test_a_nonsense_address_is_a_matter_of_set_up(url):
    try:
        transport.Transport().call("POST", url)
    except transport.NetworkError as error:
        result = transport.network_result(error)
    assert (result.kind, result.whole_account) == ("config", True)


def test_a_connection_is_kept(listener):
    def answer_twice(connection):
        for _turn in range(2):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    thread = serve(listener, answer_twice)
    calls = transport.Transport()
    url = f"http://127.0.0.1:{port_of(listener)}"

    statuses = [calls.call("POST", url).status for _turn in range(2)]

    thread.join(5)
    assert statuses == [204, 204]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-1", 0.0), ("soon", None), ("", None), (None, None)],
)
def test_how_long_to_wait_is_read(value, seconds):
    assert transport.retry_after(value) == seconds


def test_a_date_to_come_back_is_read():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)

    assert 50 < transport.retry_after(date) <= 60
