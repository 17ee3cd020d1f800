"""Reports and answers are posted back signed, as Twilio posts them."""

import pytest
from twilio.request_validator import RequestValidator

from tools.sandbox.callbacks import RetryRule, signature

TOKEN = "loopback-token"
KEY = "0123456789abcdef0123456789abcdef"
WHATSAPP = {"to": "whatsapp:+5511961234567", "from_": "whatsapp:+5511400400400"}


def test_an_sms_is_reported_sent_then_delivered(send, ear):
    sid = send(status_callback=f"{ear.url}/hook").sid
    assert ear.statuses(2) == ["sent", "delivered"]
    assert {form["MessageSid"] for _path, _headers, form in ear.heard} == {sid}


def test_whatsapp_is_reported_read_as_well(send, ear):
    send(status_callback=f"{ear.url}/hook", **WHATSAPP)
    assert ear.statuses(3) == ["sent", "delivered", "read"]


def test_a_messaging_service_reports_queued_first(send, ear):
    service = {"from_": None, "messaging_service_sid": "MG" + "1" * 32}
    send(status_callback=f"{ear.url}/hook", **service)
    assert ear.statuses(3) == ["queued", "sent", "delivered"]


def test_the_fragment_is_neither_posted_nor_signed(send, ear):
    url = f"{ear.url}/hook/{KEY}?a=1&b=%20x"
    send(status_callback=f"{url}#rc=5&rp=5xx,ct,rt", body="ç & ã")
    path, headers, form = ear.wait(1)[0]
    assert path == f"/hook/{KEY}?a=1&b=%20x"
    assert RequestValidator(TOKEN).validate(url, form, headers["X-Twilio-Signature"])
    assert headers["I-Twilio-Idempotency-Token"]


def test_the_signature_is_the_official_one():
    params = {"b": "ção", "a": "", "A": "x=y&z"}
    url = "https://veloc.example/hook?x=1"
    official = RequestValidator(TOKEN).compute_signature(url, params)
    assert signature(TOKEN, url, params) == official


def test_a_failed_report_is_repeated_with_the_same_token(send, ear):
    ear.answers.extend([503, 503])
    send(status_callback=f"{ear.url}/hook#rc=5&rp=5xx")
    assert ear.statuses(4) == ["sent", "sent", "sent", "delivered"]
    tokens = [headers["I-Twilio-Idempotency-Token"] for _p, headers, _f in ear.heard]
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]


def test_without_a_retry_rule_a_500_is_not_repeated(send, ear):
    ear.answers.append(500)
    send(status_callback=f"{ear.url}/hook")
    assert ear.statuses(2) == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("fragment", "outcome", "wanted"),
    [
        ("", 500, False),
        ("", "ct", True),
        ("", "rt", False),
        ("rc=5&rp=5xx", 503, True),
        ("rc=5&rp=5xx", 404, False),
        ("rp=4xx", 404, True),
        ("rp=all", "rt", True),
        ("rp=all", 200, False),
    ],
)
def test_the_fragment_says_what_is_tried_again(fragment, outcome, wanted):
    assert RetryRule.from_fragment(fragment).wants(outcome) is wanted


@pytest.mark.parametrize(("fragment", "times"), [("rc=9", 5), ("rc=x", 1), ("rc=0", 0)])
def test_the_number_of_retries_stays_within_twilios_limits(fragment, times):
    assert RetryRule.from_fragment(fragment).times == times


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({"kind": "duplicate_callback"}, ["sent", "sent", "delivered", "delivered"]),
        ({"kind": "reversed_callback"}, ["delivered", "sent"]),
        ({"kind": "late_callback", "seconds": 0.05}, ["sent", "delivered"]),
        ({"kind": "undelivered", "code": 30005}, ["sent", "undelivered"]),
    ],
)
def test_callbacks_can_misbehave(sandbox, send, ear, fault, statuses):
    sandbox.fault(**fault)
    send(status_callback=f"{ear.url}/hook")
    assert ear.statuses(len(statuses)) == statuses


def test_an_undelivered_message_names_the_reason(sandbox, send, ear):
    sandbox.fault("undelivered", code=30005)
    sid = send(status_callback=f"{ear.url}/hook").sid
    assert ear.wait(2)[1][2]["ErrorCode"] == "30005"
    assert sandbox.client().messages(sid).fetch().error_code == 30005


def test_a_message_without_reports_is_delivered_in_silence(sandbox, send, ear):
    sandbox.fault("no_callback", count=1)
    sid = send(status_callback=f"{ear.url}/hook").sid
    send(status_callback=f"{ear.url}/hook")
    assert ear.statuses(2) == ["sent", "delivered"]
    assert sid not in {form["MessageSid"] for _p, _h, form in ear.heard}
    assert sandbox.client().messages(sid).fetch().status == "delivered"


def test_an_answer_goes_to_the_door_of_the_callbacks(sandbox, send, ear):
    send(status_callback=f"{ear.url}/veloc/webhook/twilio/sandbox-sms/{KEY}#rc=1")
    ear.wait(2)
    answer = sandbox.post(
        "inbound", body="SAIR", **{"from": "+5511961234567", "to": "29000"}
    )
    path, headers, form = ear.wait(3)[2]
    assert answer["webhook"] == 204
    assert path == "/veloc/webhook/twilio/sandbox-sms"
    assert (form["Body"], form["From"], form["To"]) == (
        "SAIR",
        "+5511961234567",
        "29000",
    )
    url = f"{ear.url}{path}"
    assert RequestValidator(TOKEN).validate(url, form, headers["X-Twilio-Signature"])


def test_a_configured_inbound_address_wins(start_sandbox, ear):
    sandbox = start_sandbox(inbound_urls={"whatsapp": f"{ear.url}/wa"})
    people = {"from": "whatsapp:+5511961234567", "to": "whatsapp:+5511400400400"}
    assert sandbox.post("inbound", body="Oi", **people)["webhook"] == 204
    path, _headers, form = ear.wait(1)[0]
    assert (path, form["WaId"]) == ("/wa", "5511961234567")


def test_a_stop_reply_is_posted_and_remembered(sandbox, send, ear):
    sandbox.fault("stop_reply", count=1)
    send(status_callback=f"{ear.url}/hook/{KEY}")
    assert ear.wait(3)[2][2]["Body"] == "STOP"
    assert sandbox.get("stats")["opted_out"] == 1


def test_an_answer_without_all_parts_is_refused(sandbox):
    assert sandbox.post("inbound", to="29000")["error"]["code"] == "bad_request"
