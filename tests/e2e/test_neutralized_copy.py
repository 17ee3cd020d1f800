"""A copy of the database never sends: neutralized, or made with a plain createdb -T."""

import os
import subprocess
import xmlrpc.client

import pytest

from tests.support.crowd import consent, enqueue_all, make_people, make_template
from tests.support.house import PASSWORD
from tests.support.postgres import Database
from tests.support.rpc import RpcClient
from tests.support.waiting import wait_until

TEMPLATE = "copied"
LATER = "2099-01-01 12:00:00"
DISPATCHERS = ("urgent", "bulk_1", "bulk_2")


@pytest.fixture(scope="module")
def original(houses):
    """Return a house that has sent once, with messages that wait, and is down."""
    house = houses("original")
    text = "Novidades, {{ first_name | default('cliente') }}. Para sair responda SAIR"
    make_template(house, TEMPLATE, "marketing", sms=text)
    people = make_people(house, 4)
    consent(house, people, "marketing", "sms")
    (first,) = enqueue_all(house, people[:1], TEMPLATE, "sms", "copy")
    house.wait_for_state(first, "accepted", "sent", "delivered", "read")
    enqueue_all(house, people[1:], TEMPLATE, "sms", "copy", not_before=LATER)
    house.server.kill()
    house.database.wait_until_unused()
    house.database.rows(
        "UPDATE veloc_message SET next_attempt_at = now() AT TIME ZONE 'UTC' "
        "WHERE next_attempt_at = %s",
        LATER,
    )
    return house


@pytest.fixture
def copy_of(original, settings):
    """Return a function that copies the database and starts a server on the copy."""
    made = []

    def make(name, *, neutralize=False):
        copy = Database(settings, f"{original.database.name}_{name}")
        copy.create(original.database.name)
        made.append(copy)
        real, original.database = original.database, copy
        try:
            server = original.add_server(cron_threads=2)
        finally:
            original.database = real
        made.append(server)
        if neutralize:
            _neutralize(settings, server, copy)
        server.start()
        return copy, server

    yield make
    for thing in reversed(made):
        thing.drop() if isinstance(thing, Database) else thing.kill()


def _neutralize(settings, server, copy):
    command = [*settings.odoo, "neutralize", "-c", str(server.config)]
    done = subprocess.run(
        [*command, "-d", copy.name],
        env={**os.environ, **server.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def _dispatch(server, copy, settings):
    rpc = RpcClient(
        server.url, copy.name, settings.admin_login, settings.admin_password
    )
    for name in DISPATCHERS:
        try:
            rpc.run_cron(f"veloc_messaging.ir_cron_dispatch_{name}")
        except xmlrpc.client.Fault as fault:
            # A job that runs already in the server's own thread is as good.
            if "already executing" not in fault.faultString:
                raise
    return rpc


def _texts(house):
    return len(house.sandbox.messages())


def test_a_plain_copy_sends_nothing_until_somebody_says_it_is_the_real_one(
    original, copy_of, settings
):
    before = _texts(original)
    copy, server = copy_of("plain")
    for _again in range(2):
        _dispatch(server, copy, settings)

    waiting = "SELECT count(*) FROM veloc_message WHERE state = 'queued' AND "
    waiting += "template_version_id = (SELECT max(template_version_id) "
    waiting += "FROM veloc_message WHERE source = 'rpc')"
    assert copy.value(waiting) == 3
    assert _texts(original) == before
    alerts = "SELECT id FROM veloc_messaging_alert WHERE kind = 'database_copy' "
    (alert,) = copy.rows(alerts + "AND closed_at IS NULL")

    manager = RpcClient(server.url, copy.name, "e2e_manager", PASSWORD)
    assert manager.call("veloc.messaging.alert", "action_real_one", [alert[0]]) is True
    wait_until(lambda: _texts(original) == before + 3, 60, what="the waiting ones")


def test_a_neutralized_copy_sends_nothing_ever(original, copy_of, settings):
    before = _texts(original)
    copy, server = copy_of("neutral", neutralize=True)
    _dispatch(server, copy, settings)

    states = copy.counts("SELECT state, count(*) FROM veloc_account GROUP BY 1")
    assert set(states) == {"paused"}
    left = "SELECT count(*) FROM veloc_message WHERE state IN ('queued', 'sending')"
    assert copy.value(left) == 0
    assert copy.value("SELECT count(*) FROM veloc_account WHERE base_url <> ''") == 0
    assert _texts(original) == before
