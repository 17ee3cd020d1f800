"""People of the desk and the broker's programs who change the same thing at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4
from xmlrpc.client import Fault

import pytest

from tests.support.events import EventsApi, event, signup
from tests.support.house import PASSWORD
from tests.support.rpc import RpcClient

CLIENTS = 4
EACH = 4


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(2 * CLIENTS) as pool:
        yield pool


@pytest.fixture
def clients(house):
    """Return a manager at four desks: a connection cannot be shared by threads."""
    name = house.database.name
    return [
        RpcClient(house.url, name, "e2e_manager", PASSWORD) for _n in range(CLIENTS)
    ]


def test_a_stranger_in_several_batches_at_once_is_one_person_with_all_events(
    house, pool
):
    key = house.api_key()
    for _round in range(2):
        run = uuid4().hex[:8]

        def send(number, run=run):
            told = [signup(run, phone="+5511961234567", name=f"Nome {number}")]
            told.append(event("deposit_approved", run, amount="1.00"))
            return EventsApi(house.url, key).post(*told, source=f"{run}{number}")

        answers = list(pool.map(send, range(CLIENTS)))
        assert [answer.status_code for answer in answers] == [200] * CLIENTS
        assert [a.json()["rejected"] for a in answers] == [[]] * CLIENTS
        (trader,) = house.manager.read(
            "veloc.trader", [("external_ref", "=", run)], ["deposit_count"]
        )
        assert trader["deposit_count"] == CLIENTS
        assert (
            house.admin.count("res.partner", [("email", "=", f"{run}@example.com")])
            == 1
        )
    assert house.server.conflicts() == []


def test_a_person_who_is_edited_while_their_events_arrive_keeps_both(
    house, pool, clients
):
    run, key = uuid4().hex[:8], house.api_key()
    EventsApi(house.url, key).post(signup(run), source=run)
    (trader,) = house.manager.read(
        "veloc.trader", [("external_ref", "=", run)], ["partner_id"]
    )
    partner = trader["partner_id"][0]

    def send(number):
        told = [event("deposit_approved", run, amount="1.00") for _n in range(5)]
        told.append(signup(run, name=f"Nome {number}"))
        return EventsApi(house.url, key).post(*told, source=run).status_code

    def edit(number):
        client = clients[number]
        for n in range(EACH):
            client.write("res.partner", [partner], {"function": f"Cargo {n}"})

    edits = [pool.submit(edit, 0)]
    codes = list(pool.map(send, range(4)))
    for call in edits:
        call.result()
    assert codes == [200] * 4
    (found,) = house.manager.read(
        "veloc.trader", [("id", "=", trader["id"])], ["deposit_count"]
    )
    assert found["deposit_count"] == 20
    (person,) = house.manager.read(
        "res.partner", [("id", "=", partner)], ["function", "name"]
    )
    assert person["function"] == f"Cargo {EACH - 1}"
    assert person["name"].startswith("Nome")


def test_of_several_who_approve_one_loosening_at_once_one_wins_the_others_are_told(
    house, pool, clients
):
    (partner,) = house.admin.create("res.partner", [{"name": "Rita Queixosa"}])
    block = {"partner_ids": [(6, 0, [partner])], "kind": "complaint", "note": "Carta"}
    wizard = house.admin.create("veloc.suppression.impose", block)
    house.admin.call("veloc.suppression.impose", "action_impose", [wizard])
    blocks = house.admin.search("veloc.suppression", [("partner_id", "=", partner)])
    wish = {"suppression_ids": [(6, 0, blocks)], "note": "Resolvida"}
    wizard = house.admin.create("veloc.suppression.lift", wish)
    house.admin.call("veloc.suppression.lift", "action_lift", [wizard])
    wishes = house.admin.search(
        "veloc.suppression.loosening", [("partner_id", "=", partner)]
    )

    def approve(client):
        try:
            client.call("veloc.suppression.loosening", "action_approve", wishes)
        except Fault as fault:
            return fault.faultString
        return "approved"

    told = sorted(pool.map(approve, clients))
    assert told[-1] == "approved"
    assert told[:-1] == ["This request is settled already."] * (CLIENTS - 1)
    approvals = """
        SELECT count(*) FROM veloc_ledger_entry
         WHERE model = 'veloc.suppression.loosening' AND res_id = %s"""
    assert house.database.value(approvals, wishes[0]) == 2
