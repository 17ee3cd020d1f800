"""A provider that says the same thing several times at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.support.sandbox import ACCOUNT_SID, TOKEN
from tools.sandbox.callbacks import signature

CLIENTS = 8
ROUNDS = 15
STORED = "SELECT count(*) FROM veloc_provider_event WHERE provider_ref = %s"
REFUSED = "SELECT coalesce(sum(count), 0) FROM veloc_webhook_refusal"


@pytest.fixture
def at_once(house):
    """Return a function that posts a form from all clients; it returns the codes."""
    with ThreadPoolExecutor(CLIENTS) as pool:

        def post(form, sign):
            url = f"{house.url}/veloc/webhook/twilio/sandbox-sms"
            headers = {"X-Twilio-Signature": sign(TOKEN, url, form)}
            calls = [
                pool.submit(house.post, url, form, headers) for _n in range(CLIENTS)
            ]
            return {call.result().status_code for call in calls}

        yield post


@pytest.fixture
def conflicts(house):
    """Return a function: the conflicts logged since the test began."""
    before = len(house.server.conflicts())
    return lambda: house.server.conflicts()[before:]


def test_a_report_told_eight_times_at_once_is_stored_once_and_nobody_waits(
    house, at_once, conflicts
):
    for _round in range(ROUNDS):
        sid = f"SM{uuid4().hex}"
        form = {
            "MessageSid": sid,
            "MessageStatus": "delivered",
            "AccountSid": ACCOUNT_SID,
        }
        assert at_once(form, signature) == {204}
        assert house.database.value(STORED, sid) == 1
    assert conflicts() == []


def test_forged_calls_at_once_are_all_refused_all_counted_and_hold_nobody_up(
    house, at_once, conflicts
):
    before = house.database.value(REFUSED)
    for _round in range(ROUNDS):
        form = {"MessageSid": f"SM{uuid4().hex}"}
        assert at_once(form, lambda *_signed: "forged") == {403}
    assert house.database.value(REFUSED) == before + ROUNDS * CLIENTS
    assert conflicts() == []
