"""Failures on demand fail the way the real world does."""

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

AUTH = ("AC" + "5a" * 16, "loopback-token")
FORM = {"To": "+5511961234567", "From": "29000", "Body": "Olá"}


def post(sandbox, timeout=5):
    return requests.post(sandbox.api, auth=AUTH, data=FORM, timeout=timeout)


@pytest.mark.parametrize(
    ("kind", "status", "code", "accepted"),
    [
        ("rate_limit", 429, 20429, 0),
        ("unauthorized", 401, 20003, 0),
        ("html_500", 500, 500, 0),
        ("html_500_after_accept", 500, 500, 1),
    ],
)
def test_a_fault_is_seen_by_the_official_client(
    sandbox, send, kind, status, code, accepted
):
    sandbox.fault(kind, count=1)
    with pytest.raises(TwilioRestException) as failure:
        send()
    assert (failure.value.status, failure.value.code) == (status, code)
    assert sandbox.get("stats")["accepted"] == accepted
    assert send().status == "queued"


def test_too_many_requests_says_when_to_come_back(sandbox):
    sandbox.fault("rate_limit", retry_after=7)
    assert post(sandbox).headers["Retry-After"] == "7"


def test_the_server_error_is_html(sandbox):
    sandbox.fault("html_500")
    assert post(sandbox).text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(("kind", "accepted"), [("hang", 0), ("hang_after_accept", 1)])
def test_a_hanging_provider_times_out(sandbox, kind, accepted):
    sandbox.fault(kind, seconds=0.6)
    with pytest.raises(requests.exceptions.ReadTimeout):
        post(sandbox, timeout=0.2)
    assert sandbox.get("stats")["accepted"] == accepted


@pytest.mark.parametrize(("kind", "accepted"), [("drop", 0), ("drop_after_accept", 1)])
def test_a_dropped_connection_is_a_connection_error(sandbox, kind, accepted):
    sandbox.fault(kind)
    with pytest.raises(requests.exceptions.ConnectionError):
        post(sandbox)
    assert sandbox.get("stats")["accepted"] == accepted


def test_a_chosen_twilio_error_can_be_asked_for(sandbox, send):
    sandbox.fault("refuse", code=21610, count=1)
    with pytest.raises(TwilioRestException) as failure:
        send()
    assert failure.value.code == 21610


def test_a_fault_strikes_only_whom_it_names(sandbox, send):
    sandbox.fault("html_500", match={"to": "+5511961119999"})
    assert send().status == "queued"
    with pytest.raises(TwilioRestException):
        send(to="+5511961119999")


def test_a_share_strikes_about_that_share(sandbox, send):
    sandbox.fault("rate_limit", share=0.5)
    failures = 0
    for _time in range(40):
        try:
            send()
        except TwilioRestException:
            failures += 1
    assert 8 <= failures <= 32
    assert sandbox.get("faults")["faults"][0]["hits"] == failures


def test_cleared_faults_are_gone(sandbox, send):
    sandbox.fault("html_500")
    sandbox.post("faults/clear")
    assert send().status == "queued"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "odd"},
        {"kind": "hang", "odd": 1},
        {"kind": "hang", "match": 1},
        {"kind": "hang", "hits": 1},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(sandbox, data):
    url = f"{sandbox.url}/sandbox/faults"
    assert requests.post(url, json=data, timeout=5).status_code == 400
    assert sandbox.get("faults")["faults"] == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(sandbox, body):
    headers = {"Content-Type": "application/json"}
    url = f"{sandbox.url}/sandbox/faults"
    answer = requests.post(url, data=body, headers=headers, timeout=5)
    assert answer.status_code == 400
