"""Meta's Cloud API of the sandbox: what it takes, refuses and reports."""

import hashlib
import hmac
import json
import threading
import time
from collections import deque
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

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


class Door:
    """A webhook: shakes hands, hears batches, answers what it is told to."""

    def __init__(self):
        self.heard, self.answers = deque(), deque()
        self.token = TOKEN
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                query = {
                    k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()
                }
                known = query.get("hub.verify_token") == door.token
                self.send_response(200 if known else 403)
                self.end_headers()
                self.wfile.write(query["hub.challenge"].encode() if known else b"")

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                door.heard.append((dict(self.headers), raw))
                self.send_response(door.answers.popleft() if door.answers else 200)
                self.end_headers()

            def log_message(self, *args):
                """Keep the test output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/door"
        serve = partial(self.server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serve, daemon=True).start()

    def changes(self):
        """Return every change that was heard."""
        trees = [json.loads(raw) for _headers, raw in list(self.heard)]
        return [c for t in trees for e in t["entry"] for c in e["changes"]]

    def wait(self, count, part="statuses", seconds=5):
        """Return the updates of a kind as soon as there are ``count``."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = [u for c in self.changes() for u in c["value"].get(part, ())]
            if len(found) >= count:
                return found
            time.sleep(0.005)
        return found


@pytest.fixture
def door(sandbox):
    door = Door()
    assert sandbox.post("graph/subscribe", url=door.url) == {"subscribed": True}
    yield door
    sandbox.post("graph/pair", burst=45, every=6)
    door.server.shutdown()
    door.server.server_close()


@pytest.fixture
def api(sandbox):
    """Return a function that posts to the Graph API."""

    def post(data=TEXT, path="messages", owner=META.phone_number_id, headers=AUTH):
        url = f"{sandbox.url}/v26.0/{owner}/{path}"
        return requests.post(url, json=data, headers=headers, timeout=5)

    return post


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
    answer = api(headers=headers)
    assert (answer.status_code, code(answer)) == (401, 190)


def test_another_number_is_unknown_and_so_is_a_body_without_json(api, sandbox):
    assert code(api(owner="1")) == 100
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
    assert api().status_code == status
    assert sandbox.get("stats")["accepted"] == accepted


@pytest.mark.parametrize("kind", ["drop", "drop_after_accept"])
def test_a_dropped_line_is_no_answer(api, sandbox, kind):
    sandbox.fault(kind, count=1)
    with pytest.raises(requests.ConnectionError):
        api()


def test_a_chosen_code_can_be_asked_for(api, sandbox):
    sandbox.fault("refuse", code=131049, count=1)
    assert code(api()) == 131049


def test_one_person_takes_a_burst_and_then_one_in_six_seconds(api, sandbox):
    sandbox.post("graph/pair", burst=2, every=60)
    assert [api().status_code for _n in range(2)] == [200, 200]
    assert code(api()) == 131056
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
    api()
    (failed,) = door.wait(1)
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131047)
    people = {"from": f"whatsapp:+{ANA}", "to": META.address}
    assert sandbox.post("inbound", body="Oi", **people)["webhook"] == 200
    api()
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


# === TEMPLATES === #

SPEC = {
    "name": "aviso_saque",
    "language": "pt_BR",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Oi {{1}}, tudo certo.",
            "example": {"body_text": [["Ana"]]},
        }
    ],
}


def test_a_template_is_pending_then_approved_and_told(api, sandbox, door):
    waba = {"path": "message_templates", "owner": META.waba_id}
    created = api(SPEC, **waba).json()
    assert created["status"] == "PENDING"
    assert code(api(SPEC, **waba)) == 100
    message = {**TEXT, "type": "template"}
    used = {**TEMPLATE, "name": SPEC["name"]}
    assert code(api({**message, "template": used})) == 132001
    end = time.monotonic() + 5
    while not door.changes() and time.monotonic() < end:
        time.sleep(0.005)
    (change,) = door.changes()
    assert change["field"] == "message_template_status_update"
    assert change["value"]["event"] == "APPROVED"
    url = f"{sandbox.url}/v26.0/{created['id']}"
    shown = requests.get(url, headers=AUTH, timeout=5).json()
    assert shown["status"] == "APPROVED"
    assert api({**message, "template": used}).status_code == 200
    few = {**used, "components": []}
    assert code(api({**message, "template": few})) == 132000
    sandbox.post("templates", id=created["id"], status="paused")
    assert code(api({**message, "template": used})) == 132015


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Aviso"},
        {"category": "NEWS"},
        {"language": "português"},
        {"components": []},
        {"components": [{"type": "BODY", "text": "{{1}} no começo"}]},
        {"components": [{"type": "BODY", "text": "Oi {{1}}, sem exemplo."}]},
    ],
)
def test_a_template_that_meta_would_not_take(api, change):
    answer = api({**SPEC, **change}, "message_templates", META.waba_id)
    assert answer.status_code == 400


def test_twilios_content_api_approves_as_well(sandbox):
    auth = ("AC" + "5a" * 16, TOKEN)
    root = f"{sandbox.url}/v1/Content"
    body = {
        "friendly_name": "aviso",
        "language": "pt_BR",
        "variables": {"1": "Ana"},
        "types": {"twilio/text": {"body": "Oi {{1}}!"}},
    }
    assert requests.post(root, json=body, timeout=5).status_code == 401
    created = requests.post(root, json=body, auth=auth, timeout=5)
    assert created.status_code == 201
    root = f"{root}/{created.json()['sid']}/ApprovalRequests"
    wish = {"name": "aviso_reject", "category": "UTILITY"}
    answer = requests.post(f"{root}/whatsapp", json=wish, auth=auth, timeout=5)
    assert answer.json()["status"] == "received"
    end = time.monotonic() + 5
    while time.monotonic() < end:
        shown = requests.get(root, auth=auth, timeout=5).json()["whatsapp"]
        if shown["status"] != "pending":
            break
    assert (shown["status"], shown["rejection_reason"]) == (
        "rejected",
        "INVALID_FORMAT",
    )


@pytest.mark.parametrize("change", [{"language": ""}, {"types": {}}, {"types": 1}])
def test_content_without_its_parts_is_refused(sandbox, change):
    auth = ("AC" + "5a" * 16, TOKEN)
    body = {"language": "pt_BR", "types": {"twilio/text": {"body": "Oi"}}, **change}
    answer = requests.post(f"{sandbox.url}/v1/Content", json=body, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
