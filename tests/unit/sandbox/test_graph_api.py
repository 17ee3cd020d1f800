"""Meta's Cloud API of the sandbox: what it takes, refuses and reports."""

import hashlib
import hmac

import pytest
import requests

from tools.sandbox.graph_caller import signature
from tools.sandbox.meta import Meta, Person, user_id, wa_id

TOKEN = "loopback-token"  # of the shared sandbox: one for everything
META = Meta(TOKEN, TOKEN, TOKEN)
AUTH = {"Authorization": f"Bearer {TOKEN}"}
ANA = "5511961234567"
TEXT = {
    "messaging_product": "whatsapp",
    "to": ANA,
    "type": "text",
    "text": {"body": "Olá"},
}
TEMPLATE = {
    "name": "aviso",
    "language": {"code": "pt_BR"},
    "components": [{"type": "BODY", "parameters": [{"type": "text", "text": "Ana"}]}],
}


def code(answer):
    return answer.json()["error"]["code"]


# === WHAT IT TAKES === #


def test_a_template_is_accepted_with_ids_of_message_and_person(api, sandbox):
    data = {**TEXT, "type": "template", "template": TEMPLATE}
    answer = api({**data, "biz_opaque_callback_data": "ref1"})
    assert answer.status_code == 200
    assert answer.json()["messages"][0]["id"].startswith("wamid.")
    assert answer.json()["contacts"] == [
        {"input": ANA, "user_id": user_id(ANA), "wa_id": ANA}
    ]
    (kept,) = sandbox.get("messages")["messages"]
    assert (kept["to"], kept["key"], kept["api"]) == (
        f"whatsapp:+{ANA}",
        "ref1",
        "graph",
    )
    assert kept["template"]["parameters"] == {"1": "Ana"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"messaging_product": "sms"}, 100),
        ({"to": None}, 131008),
        ({"to": "abc"}, 131009),
        ({"to": META.number}, 131021),
        ({"to": None, "recipient": "nobody"}, 131009),
        ({"type": "dance"}, 131051),
        ({"text": "Olá"}, 131008),
        ({"text": {"body": ""}}, 131008),
        ({"text": {"body": "x" * 4097}}, 131009),
        ({"type": "template", "template": {"name": "a"}}, 131008),
        ({"type": "template", "template": {**TEMPLATE, "name": "missing_a"}}, 132001),
        ({"type": "image", "image": {}}, 131008),
        ({"to": "15005550005"}, 131056),
        ({"to": "15005550006"}, 130429),
        ({"to": "15005550008"}, 132001),
    ],
)
def test_what_meta_refuses_is_refused(api, sandbox, change, expected):
    assert code(api({**TEXT, **change})) == expected
    assert sandbox.get("stats")["accepted"] == 0


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_without_the_token_nothing_is_taken(api, headers):
    answer = api(TEXT, headers=headers)
    assert (answer.status_code, code(answer)) == (401, 190)


def test_another_number_is_unknown_and_so_is_a_body_without_json(api, sandbox):
    assert code(api(TEXT, owner="1")) == 100
    url = f"{sandbox.url}/v26.0/{META.phone_number_id}/messages"
    assert code(requests.post(url, data=b"{", headers=AUTH, timeout=5)) == 100


@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [
        ("rate_limit", 429, 0),
        ("unauthorized", 401, 0),
        ("html_500", 500, 0),
        ("html_500_after_accept", 500, 1),
    ],
)
def test_faults_strike_this_api_as_well(api, sandbox, kind, status, accepted):
    sandbox.fault(kind, count=1, match={"to": f"whatsapp:+{ANA}"})
    assert api(TEXT).status_code == status
    assert sandbox.get("stats")["accepted"] == accepted


@pytest.mark.parametrize("kind", ["drop", "drop_after_accept"])
def test_a_dropped_line_is_no_answer(api, sandbox, kind):
    sandbox.fault(kind, count=1)
    with pytest.raises(requests.ConnectionError):
        api(TEXT)


def test_a_chosen_code_can_be_asked_for(api, sandbox):
    sandbox.fault("refuse", code=131049, count=1)
    assert code(api(TEXT)) == 131049


def test_one_person_takes_a_burst_and_then_one_in_six_seconds(api, sandbox):
    sandbox.post("graph/pair", burst=2, every=60)
    assert [api(TEXT).status_code for _n in range(2)] == [200, 200]
    assert code(api(TEXT)) == 131056
    assert api({**TEXT, "to": "5511961230000"}).status_code == 200
    sandbox.post("graph/pair", burst=45, every=6)


# === WHAT IT REPORTS === #


def test_a_life_is_told_in_signed_batches(api, door):
    data = {**TEXT, "type": "template", "template": TEMPLATE}
    refs = [f"ref{n}" for n in range(20)]
    for ref in refs:
        api({**data, "biz_opaque_callback_data": ref})
    reports = door.wait(60)
    by_ref = {ref: [] for ref in refs}
    for report in reports:
        by_ref[report["biz_opaque_callback_data"]].append(report["status"])
    assert set(map(tuple, by_ref.values())) == {("sent", "delivered", "read")}
    assert len(door.heard) < 60
    for headers, raw in door.heard:
        digest = hmac.new(TOKEN.encode(), raw, hashlib.sha256).hexdigest()
        assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert reports[0]["pricing"]["category"] == "utility"


def test_the_signature_is_that_of_the_vectors():
    body = b'{"object":"whatsapp_business_account","entry":[]}'
    assert signature("app-secret", body).startswith("sha256=d3e4f9da0ce6")


def test_free_text_outside_the_window_fails_and_an_answer_opens_it(api, sandbox, door):
    api(TEXT)
    (failed,) = door.wait(1)
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131047)
    people = {"from": f"whatsapp:+{ANA}", "to": META.address}
    assert sandbox.post("inbound", body="Oi", **people)["webhook"] == 200
    api(TEXT)
    assert [r["status"] for r in door.wait(4)] == [
        "failed",
        "sent",
        "delivered",
        "read",
    ]


@pytest.mark.parametrize("number", ["15005550001", "15005550003", "15005550004"])
def test_magic_numbers_fail_later(api, door, number):
    template = {**TEXT, "to": number, "type": "template", "template": TEMPLATE}
    assert api(template).status_code == 200
    (failed,) = door.wait(1)
    assert failed["status"] == "failed"
    assert failed["errors"][0]["code"] in (131026, 131049, 131050)


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        (
            {"kind": "duplicate_callback"},
            ["sent"] * 2 + ["delivered"] * 2 + ["read"] * 2,
        ),
        ({"kind": "reversed_callback"}, ["read", "delivered", "sent"]),
        ({"kind": "undelivered"}, ["failed"]),
    ],
)
def test_reports_misbehave_on_demand(api, sandbox, door, fault, statuses):
    sandbox.fault(count=1, **fault)
    api({**TEXT, "type": "template", "template": TEMPLATE})
    assert [r["status"] for r in door.wait(len(statuses))] == statuses


def test_a_batch_is_repeated_until_the_answer_is_exactly_200(api, door):
    door.answers.extend([500, 204])
    api({**TEXT, "type": "template", "template": TEMPLATE})
    reports = door.wait(5)
    assert [r["status"] for r in reports] == ["sent"] * 3 + ["delivered", "read"]


def test_a_webhook_that_does_not_know_the_token_is_not_kept(sandbox, door):
    door.token = "another"
    answer = sandbox.post("graph/subscribe", url=door.url)
    assert answer == {"subscribed": False}


# === PEOPLE === #


def test_old_accounts_lack_the_nine_and_hidden_people_the_number(sandbox, door):
    assert wa_id("5585961234567") == "558561234567"
    assert wa_id("551132345678") == "551132345678"
    old = {"from": "whatsapp:+5585961234567", "to": META.address}
    sandbox.post("inbound", body="Oi", **old)
    hidden = {"from": "whatsapp:BR.42", "to": META.address}
    sandbox.post("inbound", body="Oi", **hidden)
    first, second = door.wait(2, "messages")
    assert first["from"] == "558561234567"
    assert "from" not in second
    assert second["from_user_id"] == "BR.42"
    contacts = [c for change in door.changes() for c in change["value"]["contacts"]]
    assert "wa_id" not in contacts[1]
    assert Person("whatsapp:BR.42").wa_id == ""


def test_a_person_presses_a_button_or_switches_marketing_off(sandbox, door):
    button = {"type": "button", "button": {"payload": "OPTOUT", "text": "Parar"}}
    people = {"from": f"whatsapp:+{ANA}", "to": META.address}
    sandbox.post("inbound", body="Parar", message=button, **people)
    assert door.wait(1, "messages")[0]["button"]["payload"] == "OPTOUT"
    sandbox.post("graph/preference", value="stop", **{"from": people["from"]})
    (wish,) = door.wait(1, "user_preferences")
    assert (wish["value"], wish["category"]) == ("stop", "marketing_messages")


def test_the_page_shows_the_message_and_takes_an_answer(api, sandbox, door):
    api({**TEXT, "type": "template", "template": TEMPLATE})
    page = requests.get(sandbox.url, timeout=5).text
    assert "WhatsApp (Meta)" in page
    assert "template aviso (Ana)" in page
    form = {"from": f"whatsapp:+{ANA}", "to": META.address, "body": "SAIR"}
    url = f"{sandbox.url}/sandbox/inbound"
    answer = requests.post(url, data=form, allow_redirects=False, timeout=5)
    assert answer.status_code == 303
    assert door.wait(1, "messages")[0]["text"]["body"] == "SAIR"
