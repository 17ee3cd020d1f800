from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from odoo.addons.veloc_messaging.providers import base, transport, twilio

SID = "AC" + "0" * 32
SINCE = datetime(2026, 3, 11, 15, 0)
OUTGOING = base.Outgoing(
    reference="ref1",
    to="+5511961234567",
    body="Olá",
    sender="+5511999990000",
    status_callback="https://veloc.example.com/veloc/webhook/twilio/sms/ref1",
)
LOOKUP = base.Lookup("ref1", "+5511961234567", "Olá", SINCE, "+5511999990000")
RECORD = {
    "sid": "SM1",
    "status": "sent",
    "body": "Olá",
    "from": "+5511999990000",
    "to": "+5511961234567",
    "direction": "outbound-api",
    "date_created": "Wed, 11 Mar 2026 15:00:05 +0000",
    "date_sent": None,
}


def created(**values):
    return 201, {"Content-Type": "application/json"}, {**RECORD, **values}


def problem(status, code, headers=None, message="no"):
    return status, headers or {}, {"code": code, "message": message, "status": status}


def listed(*records):
    return 200, {}, {"messages": list(records), "next_page_uri": None, "page": 0}


@pytest.fixture
def provider(loopback):
    return twilio.TwilioProvider(
        base.Config("sms", "twilio", "sms", SID, "s3cret", base_url=loopback.url)
    )


@pytest.fixture
def short_timeout(monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", (1.0, 0.2))


# === SENDING === #


def test_a_message_is_created_with_what_twilio_wants(provider, loopback):
    loopback.reply = created(status="queued")

    result = provider.send(OUTGOING)

    assert (result.kind, result.provider_ref, result.status) == (
        "accepted",
        "SM1",
        "queued",
    )
    (call,) = loopback.calls
    assert call.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert call.headers["Authorization"].startswith("Basic ")
    assert call.form == {
        "To": "+5511961234567",
        "From": "+5511999990000",
        "Body": "Olá",
        "StatusCallback": OUTGOING.status_callback + twilio.CALLBACK_OPTIONS,
    }


def test_a_messaging_service_replaces_the_sender(provider, loopback):
    provider.config = replace(provider.config, messaging_service_sid="MG1")
    loopback.reply = created()

    provider.send(OUTGOING)

    form = loopback.calls[0].form
    assert form["MessagingServiceSid"] == "MG1"
    assert "From" not in form


def test_whatsapp_addresses_and_templates(provider, loopback):
    provider.config = replace(provider.config, channel="whatsapp")
    loopback.reply = created()

    provider.send(
        replace(OUTGOING, content_sid="HX1", content_variables='{"1": "Ana"}')
    )

    form = loopback.calls[0].form
    assert (form["To"], form["From"]) == (
        "whatsapp:+5511961234567",
        "whatsapp:+5511999990000",
    )
    assert (form["ContentSid"], form["ContentVariables"]) == ("HX1", '{"1": "Ana"}')
    assert "Body" not in form


@pytest.mark.parametrize(
    ("useful_for", "sent"),
    [(None, None), (600.9, "600"), (0.2, "1"), (36000.0, None), (1e9, None)],
)
def test_twilio_may_not_try_for_longer_than_it_is_useful(
    provider, loopback, useful_for, sent
):
    loopback.reply = created()

    provider.send(replace(OUTGOING, useful_for=useful_for))

    assert loopback.calls[0].form.get("ValidityPeriod") == sent


def test_the_proxy_of_the_environment_is_not_used(provider, loopback, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    loopback.reply = created()

    assert provider.send(OUTGOING).kind == "accepted"


def test_a_base_url_may_have_a_path(loopback):
    config = base.Config(
        "s", "twilio", "sms", SID, "x", base_url=f"{loopback.url}/fake/"
    )
    loopback.reply = created()

    twilio.TwilioProvider(config).send(OUTGOING)

    assert loopback.calls[0].path.startswith("/fake/2010-04-01/")


@pytest.mark.parametrize("missing", ["secret", "account_sid"])
def test_without_credentials_nothing_is_tried(provider, loopback, missing):
    provider.config = replace(provider.config, **{missing: ""})

    result = provider.send(OUTGOING)

    assert (result.kind, result.whole_account) == ("config", True)
    assert not loopback.calls


def test_many_threads_get_their_own_answers(provider, loopback):
    loopback.reply = lambda call: created(sid=f"SM{call.form['Body']}")
    letters = [replace(OUTGOING, body=str(n)) for n in range(60)]

    with ThreadPoolExecutor(8) as executor:
        refs = [r.provider_ref for r in executor.map(provider.send, letters)]

    assert refs == [f"SM{n}" for n in range(60)]


def test_the_secret_is_not_in_the_representation(provider):
    assert "s3cret" not in repr(provider.config)


# === REFUSALS === #


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21211, "permanent"),
        (400, 21610, "suppress"),
        (400, 21612, "permanent"),
        (400, 63016, "window"),
        (400, 30007, "policy"),
        (429, 20429, "slow"),
        (400, 21611, "slow"),
        (401, 20003, "config"),
        (404, 20404, "config"),
        (400, 21606, "config"),
        (400, 99999, "permanent"),
    ],
)
def test_a_refusal_is_classed_by_its_code(provider, loopback, status, code, kind):
    loopback.reply = problem(status, code)

    result = provider.send(OUTGOING)

    assert (result.kind, result.code) == (kind, str(code))


def test_a_refusal_of_the_account_is_told_from_one_of_the_recipient(provider, loopback):
    loopback.reply = problem(401, 20003)
    assert provider.send(OUTGOING).whole_account
    loopback.reply = problem(400, 21408)
    result = provider.send(OUTGOING)
    assert (result.kind, result.whole_account) == ("config", False)


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("soon", None)]
)
def test_retry_after_is_read(provider, loopback, value, seconds):
    loopback.reply = problem(429, 20429, {"Retry-After": value})

    assert provider.send(OUTGOING).retry_after == seconds


def test_retry_after_may_be_a_date(provider, loopback):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    loopback.reply = problem(429, 20429, {"Retry-After": moment})

    assert provider.send(OUTGOING).retry_after == pytest.approx(100, abs=5)


def test_retry_after_of_an_earlier_answer_is_forgotten(provider, loopback):
    loopback.reply = problem(429, 20429, {"Retry-After": "7"})
    provider.send(OUTGOING)
    loopback.reply = problem(429, 20429)

    assert provider.send(OUTGOING).retry_after is None


@pytest.mark.parametrize("status", [403, 404, 407, 413])
def test_a_page_of_a_proxy_blames_the_account_not_the_recipient(
    provider, loopback, status
):
    loopback.reply = (status, {"Content-Type": "text/html"}, "<h1>Proxy</h1>")

    result = provider.send(OUTGOING)

    assert (result.kind, result.whole_account) == ("config", True)


def test_a_modern_problem_document_is_understood(provider, loopback):
    document = {"type": "x", "title": "Bad To", "status": 400, "code": 21211}
    loopback.reply = (400, {"Content-Type": "application/problem+json"}, document)

    result = provider.send(OUTGOING)

    assert (result.kind, result.code, result.detail) == ("permanent", "21211", "Bad To")


# === OUTCOME UNKNOWN === #


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", {"code": 20500}])
def test_a_server_error_leaves_the_message_in_doubt(provider, loopback, status, body):
    loopback.reply = (status, {}, body)

    assert provider.send(OUTGOING).kind == "in_doubt"


@pytest.mark.parametrize("reply", ["drop", "cut", (201, {}, "<html>"), (201, {}, {})])
def test_a_broken_answer_leaves_the_message_in_doubt(provider, loopback, reply):
    loopback.reply = reply

    assert provider.send(OUTGOING).kind == "in_doubt"
    assert len(loopback.calls) == 1  # and nobody repeated it behind our back


def test_no_answer_in_time_leaves_the_message_in_doubt(
    provider, loopback, short_timeout
):
    loopback.reply = "hang"

    result = provider.send(OUTGOING)

    assert (result.kind, result.code) == ("in_doubt", "read_timeout")


def test_a_redirect_is_not_followed(provider, loopback):
    loopback.reply = (307, {"Location": f"{loopback.url}/elsewhere"}, "")

    assert provider.send(OUTGOING).kind == "in_doubt"
    assert len(loopback.calls) == 1


# === NEVER LEFT === #


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "nowhere.invalid"])
def test_what_could_not_connect_may_be_sent_again(provider, closed_port, host):
    address = f"http://{host.format(port=closed_port)}"
    provider.http.base = twilio.urlsplit(address)

    assert provider.send(OUTGOING).kind == "retry"


def test_a_failed_handshake_may_be_tried_again(provider, loopback):
    provider.http.base = twilio.urlsplit(loopback.url.replace("http:", "https:"))

    assert provider.send(OUTGOING).kind == "retry"
    assert not loopback.calls


def test_a_nonsense_base_url_is_a_matter_of_set_up(provider):
    provider.http.base = twilio.urlsplit("ftp://x")

    assert provider.send(OUTGOING).kind == "config"


# === LOOK-UP === #


def test_a_look_up_finds_the_message(provider, loopback):
    loopback.reply = listed(RECORD)

    search = provider.find(LOOKUP)

    assert search == base.Search((base.Sighting("SM1", "sent"),), complete=True)
    assert "To=%2B5511961234567" in loopback.calls[0].path


@pytest.mark.parametrize(
    "other",
    [
        {"body": "Tchau"},
        {"from": "+5511999999999"},
        {"direction": "inbound"},
        {"date_created": "Wed, 11 Mar 2026 14:00:00 +0000"},
    ],
)
def test_another_message_is_no_sighting(provider, loopback, other):
    loopback.reply = listed(RECORD | other)

    assert provider.find(LOOKUP) == base.Search(complete=True)


def test_with_our_clock_an_hour_ahead_the_message_is_still_seen(provider, loopback):
    # Created at 15:00:05 by their clock; by ours it left at 16:00.
    theirs = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    status, _headers, records = listed(RECORD)
    loopback.reply = (status, {"Date": theirs}, records)

    search = provider.find(replace(LOOKUP, since=SINCE + timedelta(hours=1)))

    assert [seen.provider_ref for seen in search.sightings] == ["SM1"]


def test_a_message_that_waits_in_the_queue_of_twilio_is_seen(provider, loopback):
    loopback.reply = listed(RECORD | {"status": "queued", "date_sent": None})

    assert provider.find(LOOKUP).sightings[0].status == "queued"


def test_behind_a_messaging_service_any_sender_counts(provider, loopback):
    provider.config = replace(provider.config, messaging_service_sid="MG1")
    loopback.reply = listed(RECORD | {"from": "+5511888888888"})

    assert provider.find(LOOKUP).sightings


def test_the_text_of_an_approved_template_is_not_compared(provider, loopback):
    loopback.reply = listed(RECORD | {"body": "Put together by Twilio"})

    assert provider.find(replace(LOOKUP, content_sid="HX1")).sightings


def test_more_messages_than_were_read_prove_no_absence(provider, loopback, monkeypatch):
    monkeypatch.setattr(twilio, "LOOKUP_LIMIT", 2)
    loopback.reply = listed(RECORD, RECORD | {"body": "x"}, RECORD | {"body": "y"})

    assert not provider.find(LOOKUP).complete


@pytest.mark.parametrize(
    "reply", [problem(401, 20003), (502, {}, "<html>"), "drop", (200, {}, "<html>")]
)
def test_a_failed_look_up_proves_nothing(provider, loopback, reply):
    loopback.reply = reply

    search = provider.find(LOOKUP)

    assert (search.sightings, search.complete) == ((), False)
    assert search.detail
