"""The double answers the official client the way Twilio does."""

from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

PHONE = "+5511961234567"
WHATSAPP = {"to": "whatsapp:+5511961234567", "from_": "whatsapp:+5511400400400"}


def test_an_accepted_sms_comes_back_in_twilios_shape(send):
    message = send(body="Olá, Ana")
    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    assert (message.status, message.to, message.from_) == ("queued", PHONE, "29000")
    assert message.num_segments == "1"
    assert message.date_created.tzinfo is not None
    assert message.price is None
    assert message.direction == "outbound-api"


def test_a_whatsapp_message_gets_an_mm_sid(send):
    assert send(**WHATSAPP).sid.startswith("MM")


def test_a_messaging_service_answers_accepted_with_no_segments_yet(send):
    message = send(from_=None, messaging_service_sid="MG" + "1" * 32)
    assert (message.status, message.num_segments) == ("accepted", "0")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "11961234567"}, 21211),
        ({"to": "not a phone"}, 21211),
        ({"to": "+551130041234"}, 21614),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"from_": None}, 21603),
        ({"from_": "+15005550001"}, 21212),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15005550008"}, 21611),
        ({"from_": "++"}, 21212),
        ({"from_": PHONE}, 21266),
        ({"from_": "whatsapp:+5511400400400"}, 21910),
        ({"from_": None, "messaging_service_sid": "MG1"}, 21701),
        ({"body": ""}, 21602),
        ({"body": "a" * 1601}, 21617),
        ({"content_sid": "HX1"}, 21655),
        ({"content_sid": "HX" + "0" * 32, "content_variables": "[1]"}, 21656),
        ({"content_sid": "HX" + "0" * 32, "content_variables": "{"}, 21656),
        ({"status_callback": "ftp://example.com"}, 21609),
        ({"status_callback": "http://under_score.example"}, 21609),
        ({"schedule_type": "fixed"}, 35118),
        ({"schedule_type": "odd"}, 35126),
        ({"schedule_type": "fixed", "messaging_service_sid": "MG" + "1" * 32}, 35111),
    ],
)
def test_what_twilio_refuses_is_refused_with_twilios_code(sandbox, send, values, code):
    with pytest.raises(TwilioRestException) as refusal:
        send(**values)
    assert refusal.value.code == code
    assert refusal.value.status == 400
    assert sandbox.get("stats")["accepted"] == 0


def test_exactly_1600_characters_are_accepted(send):
    assert send(body="a" * 1600).num_segments == "11"


def test_an_accent_outside_gsm_7_halves_the_segment(send):
    assert send(body="ã" * 71).num_segments == "2"
    assert send(body="é" * 71).num_segments == "1"


def test_the_error_body_has_twilios_four_fields(sandbox):
    auth = ("AC" + "5a" * 16, "loopback-token")
    answer = requests.post(sandbox.api, auth=auth, data={"To": PHONE}, timeout=5)
    assert answer.json() == {
        "code": 21603,
        "message": "A 'From' phone number is required.",
        "more_info": "https://www.twilio.com/docs/errors/21603",
        "status": 400,
    }


def test_a_wrong_token_is_401_with_code_20003(sandbox):
    with pytest.raises(TwilioRestException) as refusal:
        sandbox.client(token="wrong").messages("SM" + "0" * 32).fetch()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic !", "Basic YQ=="])
def test_broken_credentials_are_401_and_never_500(sandbox, header):
    headers = {"Authorization": header}
    assert requests.get(sandbox.api, headers=headers, timeout=5).status_code == 401


def test_a_message_can_be_fetched_and_deleted(sandbox, send):
    client, sid = sandbox.client(), send(body="uma vez").sid
    assert client.messages(sid).fetch().body == "uma vez"
    assert client.messages(sid).delete()
    with pytest.raises(TwilioRestException) as refusal:
        client.messages(sid).fetch()
    assert (refusal.value.status, refusal.value.code) == (404, 20404)


def test_a_body_can_be_redacted(sandbox, send):
    sid = send().sid
    sandbox.client().messages(sid).update(body="")
    assert sandbox.client().messages(sid).fetch().body == ""


def test_only_a_scheduled_message_can_be_canceled(sandbox, send):
    client = sandbox.client()
    scheduled = send(
        from_=None,
        messaging_service_sid="MG" + "1" * 32,
        schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(hours=1),
    )
    assert scheduled.status == "scheduled"
    canceled = client.messages(scheduled.sid).update(status="canceled")
    assert canceled.status == "canceled"
    with pytest.raises(TwilioRestException) as refusal:
        client.messages(scheduled.sid).update(status="canceled")
    assert refusal.value.code == 30409


def test_the_list_filters_by_recipient_sender_and_day(sandbox, send):
    client, today = sandbox.client(), datetime.now(UTC).date()
    wanted = send(to="+5511961110001").sid
    send(to="+5511961110002", from_="29001")
    tomorrow = today + timedelta(days=1)

    def found(**filters):
        return {message.sid for message in client.messages.list(**filters)}

    assert found(to="+5511961110001") == {wanted}
    assert found(from_="29000") == {wanted}
    assert found(to="+5511961110001", date_sent=today) == {wanted}
    assert found(to="+5511961110001", date_sent_after=today) == {wanted}
    assert found(to="+5511961110001", date_sent_before=today) == {wanted}
    assert found(date_sent=date(2020, 1, 1)) == set()
    assert found(date_sent_after=tomorrow) == set()
    assert len(found()) == 2


def test_the_client_walks_all_pages_newest_first(sandbox, send):
    sids = [send(body=str(number)).sid for number in range(5)]
    listed = sandbox.client().messages.list(page_size=2)
    assert [message.sid for message in listed] == sids[::-1]


def test_a_person_who_said_stop_gets_21610_until_they_say_start(sandbox, send):
    person = {"from": PHONE, "to": "29000"}
    sandbox.post("inbound", body=" stop ", **person)
    with pytest.raises(TwilioRestException) as refusal:
        send()
    assert refusal.value.code == 21610
    sandbox.post("inbound", body="START", **person)
    assert send().status == "queued"


def test_a_sentence_with_stop_in_it_is_no_opt_out(sandbox, send):
    sandbox.post("inbound", body="please stop that", **{"from": PHONE, "to": "29000"})
    assert send().status == "queued"


def test_the_same_message_twice_is_counted_twice(sandbox, send):
    callback = "http://127.0.0.1:9/hook/" + "a" * 32
    for _time in range(2):
        send(status_callback=callback)
    stats = sandbox.get("stats")
    assert (stats["accepted"], stats["distinct"]) == (2, 1)
    assert stats["doubled_keys"] == ["a" * 32]
    assert sandbox.get("messages")["counts"][0]["count"] == 2
