"""Twilio's options: what is offered is checked, what is not is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from odoo.addons.veloc_messaging.providers import base, twilio, twilio_options

SID, KEY = "AC" + "0" * 32, "SK" + "0" * 32
SERVICE = "MG" + "0" * 32
NOW = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
BRAZIL = timezone(timedelta(hours=-3))
MESSAGE = base.Outgoing("ref1", "+5511961234567", "Olá")
PLAIN = base.Config("sms", "twilio", "sms", SID, "s3cret", sender="+5511999990000")
GROUPED = replace(PLAIN, messaging_service_sid=SERVICE)


def prepare(config=GROUPED, now=NOW, **values):
    return twilio_options.prepare(config, replace(MESSAGE, **values), now)


# === SEND AT === #


def test_nine_in_sao_paulo_is_noon_in_utc():
    options = prepare(send_at=datetime(2026, 3, 11, 9, 0, tzinfo=BRAZIL))

    assert options["send_at"] == "2026-03-11T12:00:00Z"
    assert options["schedule_type"] == "fixed"


def test_a_time_without_a_zone_is_in_utc():
    options = prepare(send_at=datetime(2026, 3, 11, 12, 0))

    assert options["send_at"] == "2026-03-11T12:00:00Z"


@pytest.mark.parametrize(
    "ahead", [timedelta(minutes=15), timedelta(hours=1), timedelta(days=35)]
)
def test_from_15_minutes_to_35_days_ahead_is_taken(ahead):
    assert "send_at" in prepare(send_at=NOW + ahead)


@pytest.mark.parametrize(
    "ahead",
    [
        timedelta(minutes=14, seconds=59),
        timedelta(0),
        -timedelta(hours=1),
        timedelta(days=35, seconds=1),
    ],
)
def test_anything_else_is_refused(ahead):
    with pytest.raises(base.UnsupportedError, match="15 minutes to 35 days"):
        prepare(send_at=NOW + ahead)


def test_three_hours_are_not_lost_on_the_way_to_the_limit():
    # 09:00-03:00 taken for 09:00Z would be in the past.
    assert prepare(send_at=(NOW + timedelta(minutes=20)).astimezone(BRAZIL))


def test_send_at_needs_a_messaging_service():
    with pytest.raises(base.UnsupportedError, match="messaging service"):
        prepare(PLAIN, send_at=NOW + timedelta(hours=1))


# === THE REST === #


def test_a_template_goes_by_its_content_sid():
    options = prepare(content_sid="HX1", content_variables='{"1": "Ana"}')

    assert options == {"content_sid": "HX1", "content_variables": '{"1": "Ana"}'}


def test_a_template_known_to_meta_only_is_refused():
    with pytest.raises(base.UnsupportedError, match="Content SID"):
        prepare(template_name="lembrete")


def test_media_are_handed_over_up_to_ten():
    addresses = tuple(f"https://x.example/{n}.png" for n in range(10))

    assert prepare(media=addresses)["media_url"] == list(addresses)
    with pytest.raises(base.UnsupportedError):
        prepare(media=(*addresses, "https://x.example/11.png"))


@pytest.mark.parametrize(
    ("useful_for", "validity"),
    [(None, None), (0.4, 1), (90.7, 90), (35999, 35999), (36000, None), (1e9, None)],
)
def test_how_long_twilio_may_try(useful_for, validity):
    assert prepare(useful_for=useful_for).get("validity_period") == validity


# === THROUGH THE ADAPTER === #


@pytest.fixture
def provider(loopback):
    loopback.reply = (201, {}, {"sid": "SM1", "status": "accepted"})
    return twilio.TwilioProvider(replace(GROUPED, base_url=loopback.url))


@pytest.mark.parametrize(
    "option",
    [
        {"reply_to": "SM0"},
        {"template_name": "lembrete"},
        {"send_at": datetime(2020, 1, 1)},
        {"media": tuple("abcdefghijk")},
    ],
)
def test_what_it_cannot_do_is_refused_before_anything_leaves(
    provider, loopback, option
):
    with pytest.raises(base.UnsupportedError):
        provider.send(replace(MESSAGE, **option))

    assert not loopback.calls


def test_a_scheduled_message_reaches_twilio_in_utc(provider, loopback):
    moment = datetime.now(BRAZIL).replace(microsecond=0) + timedelta(hours=2)

    provider.send(replace(MESSAGE, send_at=moment))

    form = loopback.calls[0].form
    assert form["SendAt"] == moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (form["ScheduleType"], form["MessagingServiceSid"]) == ("fixed", SERVICE)
    assert "From" not in form


def test_every_declared_capability_is_there(provider):
    assert twilio.CAPABILITIES.fetch
    assert twilio.CAPABILITIES.templates
    assert callable(provider.fetch)
    assert callable(provider.submit_template)


# === CREDENTIALS === #


def authorization(loopback):
    return loopback.calls[0].headers["Authorization"]


def test_the_auth_token_is_used_with_the_account(provider, loopback):
    provider.send(MESSAGE)

    # AC000…:s3cret
    assert authorization(loopback).startswith("Basic QUMwMDAw")
    assert f"/Accounts/{SID}/" in loopback.calls[0].path


def test_an_api_key_is_used_instead_when_there_is_one(loopback):
    loopback.reply = (201, {}, {"sid": "SM1", "status": "queued"})
    config = replace(
        PLAIN,
        base_url=loopback.url,
        secret="",
        secrets=(("api_key", "k3y"),),
        options=(("api_key_sid", KEY),),
    )

    result = twilio.TwilioProvider(config).send(MESSAGE)

    assert result.kind == "accepted"
    assert authorization(loopback).startswith("Basic U0swMDAw")
    assert f"/Accounts/{SID}/" in loopback.calls[0].path


def test_an_api_key_without_its_secret_is_no_credential(loopback):
    config = replace(PLAIN, base_url=loopback.url, options=(("api_key_sid", KEY),))

    assert twilio.TwilioProvider(config).send(MESSAGE).code == "no_secret"
    assert not loopback.calls


# === FETCH === #


def test_fetching_says_what_a_callback_would_have_said(provider, loopback):
    loopback.reply = (
        200,
        {},
        {"sid": "SM1", "status": "undelivered", "error_code": 30005},
    )

    event = provider.fetch("SM1")

    assert (event.kind, event.status, event.error_code) == (
        "status",
        "undelivered",
        30005,
    )
    # The same as of the callback, which may still come.
    assert event.key == "st|SM1|undelivered|30005"
    assert event.account_ref == SID


@pytest.mark.parametrize(
    "reply",
    [
        (404, {}, {"code": 20404, "message": "no", "status": 404}),
        (500, {}, "<html>"),
        (200, {}, "<html>"),
        (200, {}, {"sid": "SM2", "status": "sent"}),
        "drop",
    ],
)
def test_no_clear_answer_is_no_event(provider, loopback, reply):
    loopback.reply = reply

    assert provider.fetch("SM1") is None
