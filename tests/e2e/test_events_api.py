"""Bad input over real HTTP: a clear error each, and the good rows are kept."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import requests

from tests.support.events import EventsApi, event, signup

MEGABYTE = 1024 * 1024


def error_code(answer):
    error = answer.json()["error"]
    assert error["message"]
    assert "Traceback" not in answer.text
    return error["code"]


@pytest.fixture(scope="module")
def trader(api):
    ref = f"api-{uuid4().hex[:8]}"
    api.send(signup(ref))
    return ref


def test_a_batch_is_taken_once_however_often_it_comes(api, trader):
    batch = [event("deposit_approved", trader, amount="10.00") for _n in range(3)]
    first, second = api.post(*batch).json(), api.post(*batch).json()
    assert (first["accepted"], first["duplicates"]) == (3, 0)
    assert (second["accepted"], second["duplicates"]) == (0, 3)


def test_the_same_id_of_another_source_is_another_event(api, trader):
    told = event("login", trader)
    assert api.send(told, source="web")["accepted"] == 1
    assert api.send(told, source="app")["accepted"] == 1


@pytest.mark.parametrize(
    "spoil",
    [
        {"id": None},
        {"id": ""},
        {"type": None},
        {"trader": None},
        {"trader": "nobody-knows-me"},
        {"at": "yesterday"},
        {"at": (datetime.now(UTC) + timedelta(days=3)).isoformat()},
        {"amount": "12,50"},
        {"amount": "NaN"},
        {"amount": "10.00", "currency": "XXQ"},
        {"data": "text"},
    ],
    ids=lambda spoil: "-".join(f"{k}={v}" for k, v in spoil.items())[:40],
)
def test_one_bad_row_is_named_and_the_good_rows_are_kept(api, trader, spoil):
    good = event("deposit_approved", trader, amount="10.00")
    bad = event("deposit_approved", trader, amount="10.00") | spoil
    answer = api.post(good, bad)
    assert answer.status_code == 200
    told = answer.json()
    assert told["accepted"] == 1
    (rejected,) = told["rejected"]
    assert rejected["index"] == 1
    assert rejected["code"]
    assert rejected["message"]


def test_an_unknown_type_is_stored_and_counted(api, trader):
    assert api.send(event("moon_landing", trader))["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"source": "e2e"}', 422),
        (b'{"source": "e2e", "events": {}}', 422),
        (b'{"source": "", "events": []}', 422),
        (b'{"events": []}', 422),
    ],
)
def test_a_body_that_is_no_batch_is_a_clear_error(api, body, status):
    headers = {"Content-Type": "application/json"}
    answer = api.http.post(api.address, data=body, headers=headers, timeout=30)
    assert answer.status_code == status
    assert error_code(answer)


def test_20_megabytes_are_refused_with_413(api):
    headers = {"Content-Type": "application/json"}
    body = b'{"source": "' + b"x" * (20 * MEGABYTE) + b'", "events": []}'
    answer = api.http.post(api.address, data=body, headers=headers, timeout=60)
    assert answer.status_code == 413
    assert error_code(answer)


def test_more_than_5000_events_are_refused_whole(api, trader):
    small = event("login", trader)
    answer = api.post(*[small | {"id": str(n)} for n in range(5001)], source="many")
    assert answer.status_code in (400, 413)
    assert error_code(answer)


@pytest.mark.parametrize("key", ["wrong-key", "0" * 40])
def test_a_wrong_key_is_401_and_stores_nothing(house, key):
    ref = f"thief-{uuid4().hex[:8]}"
    answer = EventsApi(house.url, key).post(signup(ref))
    assert answer.status_code == 401
    assert house.admin.count("veloc.trader", [("external_ref", "=", ref)]) == 0


def test_without_a_key_it_is_401(house):
    url = f"{house.url}/veloc/api/v1/events"
    answer = requests.post(url, json={"source": "x", "events": []}, timeout=30)
    assert answer.status_code == 401


def test_a_user_without_the_integration_group_is_403(house):
    answer = EventsApi(house.url, house.api_key("e2e_agent")).post(signup("x1"))
    assert answer.status_code == 403
    assert error_code(answer)


def test_get_is_not_allowed(api):
    assert api.http.get(api.address, timeout=30).status_code in (404, 405)


def test_an_idempotency_key_gives_the_same_answer_again(api, trader):
    headers = {"Idempotency-Key": uuid4().hex}
    batch = [event("login", trader), event("login", trader)]
    first = api.post(*batch, headers=headers)
    assert first.json()["accepted"] == 2
    assert api.post(*batch, headers=headers).json() == first.json()


def test_health_is_public_and_tells_no_secrets(house):
    answer = requests.get(f"{house.url}/veloc/health", timeout=30)
    assert answer.status_code == 200
    assert not {"password", "secret", "token"} & set(answer.text.lower().split('"'))


def test_the_same_batch_by_rpc_gives_the_same_answer(house, trader):
    rpc = house.rpc("e2e_integration")
    batch = [event("login", trader), event("login", trader) | {"at": "never"}]
    told = rpc.call("veloc.trader.event", "ingest", "rpc", batch)
    assert (told["accepted"], told["duplicates"]) == (1, 0)
    assert [row["index"] for row in told["rejected"]] == [1]
