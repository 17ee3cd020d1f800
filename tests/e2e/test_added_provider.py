"""An addon of under 100 lines adds a provider; the house sends through it."""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.crowd import enqueue, enqueue_all, make_people, make_template
from tests.support.waiting import wait_until

ADDONS = Path(__file__).parents[1] / "addons"
TOKEN = "12345:not-a-secret"


class Telegram:
    """A stand-in for api.telegram.org: takes everything but for who blocked us."""

    def __init__(self):
        self.taken = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                status, told = fake.answer(self.path, json.loads(self.rfile.read(size)))
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                """Keep the test output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path, told):
        if path != f"/bot{TOKEN}/sendMessage":
            return 401, {"ok": False, "description": "Unauthorized"}
        if told["chat_id"] == "blocked":
            return 403, {"ok": False, "description": "bot was blocked by the user"}
        self.taken.append(told)
        return 200, {"ok": True, "result": {"message_id": len(self.taken)}}


@pytest.fixture(scope="module")
def telegram():
    fake = Telegram()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


@pytest.fixture(scope="module")
def house(houses, telegram):
    """A house on which the example addon is installed, with an account for it."""
    house = houses("telegram")
    server = house.server
    server.stop()
    config = server.config.read_text()
    path = house.settings.addons_path
    server.config.write_text(config.replace(path, f"{path},{ADDONS}", 1))
    install = ["-i", "veloc_telegram_example", "--stop-after-init", "--no-http"]
    subprocess.run(
        [*house.settings.odoo, "-c", str(server.config), *install],
        env={**os.environ, **server.environment},
        check=True,
        timeout=300,
        capture_output=True,
    )
    server.environment |= {
        "VELOC_SECRET_TELEGRAM": TOKEN,
        "VELOC_URL_TELEGRAM": telegram.url,
    }
    server.start()
    values = {"name": "Telegram", "code": "telegram", "provider": "telegram"}
    values |= {"channel": "push", "sequence": 1}
    house.admin.create("veloc.account", values)
    make_template(house, "tg", "account_service", push="Pedido {{ reference }}")
    return house


def person(house, chat):
    (partner_id,) = make_people(house, 1)
    house.admin.write("res.partner", [partner_id], {"telegram_chat": chat})
    return partner_id


def state(house, message_id, wanted):
    query = "SELECT state, provider_ref, failure_class FROM veloc_message WHERE id = %s"

    def reached():
        (row,) = house.database.rows(query, message_id)
        return row if row[0] == wanted else None

    return wait_until(reached, 60, what=f"the message to be {wanted}")


def test_a_message_goes_through_the_added_provider(house, telegram):
    (message_id,) = enqueue_all(house, [person(house, "4711")], "tg", "push", "tg-a")

    _state, ref, _failure = state(house, message_id, "sent")

    assert ref == str(len(telegram.taken))
    assert telegram.taken[-1]["chat_id"] == "4711"
    assert telegram.taken[-1]["text"].startswith("Pedido tg-a-")


def test_who_blocked_the_bot_is_not_written_to_again(house, telegram):
    partner_id = person(house, "blocked")
    (message_id,) = enqueue_all(house, [partner_id], "tg", "push", "tg-b")

    assert state(house, message_id, "failed")[2] == "suppress"

    (answer,) = enqueue(house, [partner_id], "tg", "push", "tg-c")
    assert (answer["outcome"], answer["reason"]) == ("refused", "channel_blocked")


def test_without_a_chat_there_is_no_address(house):
    (partner_id,) = make_people(house, 1)
    (answer,) = enqueue(house, [partner_id], "tg", "push", "tg-d")
    assert (answer["outcome"], answer["reason"]) == ("refused", "no_address")
