"""Doors of a real server: guessing, keys, second factors, sessions, on real workers."""

import base64
import hmac
import re
import struct
import time
import xmlrpc.client

import pytest
import requests

from tests.support.house import PASSWORD
from tests.support.rpc import RpcClient, WebSession

TOO_MANY = re.compile("Too many tries|Tentativas demais")
GUESSED = "guessed.at"
CAREFUL = "careful.one"


@pytest.fixture(scope="module")
def people(house):
    """Two people of the staff: one is guessed at, one has a role with second factor."""
    admin = house.admin
    role = admin.create("res.groups", {"name": "Careful", "veloc_second_factor": True})
    staff = admin.ref("base.group_user")
    values = [
        {
            "name": login,
            "login": login,
            "password": PASSWORD,
            "email": f"{login}@example.com",
            "group_ids": [(4, group) for group in groups],
        }
        for login, groups in ((GUESSED, (staff,)), (CAREFUL, (staff, role)))
    ]
    context = {"no_reset_password": True, "tracking_disable": True}
    admin.call("res.users", "create", values, context=context)
    return house


def _authenticate(house, login, password):
    common = xmlrpc.client.ServerProxy(f"{house.url}/xmlrpc/2/common")
    try:
        return common.authenticate(house.database.name, login, password, {})
    except xmlrpc.client.Fault as fault:
        return fault.faultString


def _login_form(house, login, password):
    web = requests.Session()
    web.trust_env = False
    page = web.get(f"{house.url}/web/login", timeout=30).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"login": login, "password": password, "csrf_token": token}
    return web.post(
        f"{house.url}/web/login", data=data, timeout=30, allow_redirects=False
    )


def test_guessing_over_xmlrpc_ends_after_five_tries_also_on_the_web(people):
    house = people
    tries = [_authenticate(house, GUESSED, f"wrong {n}") for n in range(5)]
    assert tries == [False] * 5
    assert TOO_MANY.search(_authenticate(house, GUESSED, PASSWORD))
    refused = _login_form(house, GUESSED, PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    # Colleagues behind the same address work on.
    assert house.rpc("e2e_manager").uid


def test_the_officer_sees_who_is_guessed_at_and_unlocks(people):
    house = people
    (row,) = [
        row
        for row in house.manager.read(
            "veloc.signin.failure", [("user_id.login", "=", GUESSED)], []
        )
        if row["channel"] == "xmlrpc"
    ]
    assert (row["count"], row["refused"], row["is_locked"]) == (5, 1, True)
    house.press("veloc.signin.failure", "action_unlock", [row["id"]])
    assert _authenticate(house, GUESSED, PASSWORD)


def test_wrong_keys_get_429_and_the_right_one_still_works(house):
    key = house.api_key("e2e_manager")

    def call(secret):
        return requests.post(
            f"{house.url}/json/2/res.users/context_get",
            json={},
            headers={"Authorization": f"bearer {secret}"},
            timeout=30,
        )

    answers = [call(f"{n:040d}") for n in range(25)]
    assert {a.status_code for a in answers[:20]} == {401}
    assert {a.status_code for a in answers[20:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert call(key).status_code == 200


def test_an_error_of_the_server_tells_a_number_and_no_files(house):
    key = house.api_key("e2e_manager")
    answer = requests.post(
        f"{house.url}/json/2/res.partner/search_read",
        json={"domain": [["nope", "=", 1]]},
        headers={"Authorization": f"bearer {key}"},
        timeout=30,
    )
    assert answer.status_code >= 400
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text


def test_a_program_has_no_way_in_on_the_web(house):
    with pytest.raises(AssertionError):
        WebSession(house.url, house.database.name, "e2e_integration", PASSWORD)
    with pytest.raises(AssertionError):
        RpcClient(house.url, house.database.name, "e2e_integration", PASSWORD)
    assert house.rpc("e2e_integration").uid


def test_the_database_manager_is_closed(house):
    answer = requests.get(f"{house.url}/web/database/manager", timeout=30)
    assert house.database.name not in answer.text


def test_a_role_with_a_second_factor_sets_it_up_in_the_browser(
    people, browser, screenshots
):
    """Scan, type six digits, and be in; the next sign-in asks for a code."""
    house = people
    assert _authenticate(house, CAREFUL, PASSWORD) is False  # no password over RPC
    page = browser.new_page(viewport={"width": 390, "height": 844})
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{house.url}/web/login")
    page.fill("#login", CAREFUL)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]:has-text('Log in'), .oe_login_buttons button")
    page.wait_for_url("**/veloc/second-factor*")
    page.screenshot(path=screenshots / "second_factor.png", full_page=True)
    secret = page.inner_text("code").replace(" ", "")
    page.fill("#code", _code(secret))
    page.click("form button[type=submit]")
    page.wait_for_selector(".o_main_navbar", timeout=60_000)
    assert not [p for p in problems if "Content Security Policy" in p]
    page.close()
    again = _login_form(house, CAREFUL, PASSWORD)
    assert "/web/login/totp" in again.headers["Location"]


def _code(secret):
    """Return the code an authenticator app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time() // 30))
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 10**6:06d}"
