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


def test_a_contact_written_by_four_clients_keeps_every_field_and_ledger_entry(
    house, pool, clients
):
    names = ["phone", "city", "street", "zip"]
    (partner,) = house.admin.create("res.partner", [{"name": "Quatro Mãos"}])

    def edit(number):
        for n in range(2):
            value = {names[number]: f"{names[number]} {n}"}
            clients[number].write("res.partner", [partner], value)

    told = """
        SELECT count(*) FROM veloc_ledger_entry
         WHERE model = 'res.partner' AND res_id = %s
           AND position('method' IN public) = 0  -- readings are noted too"""
    before = house.database.value(told, partner)
    list(pool.map(edit, range(CLIENTS)))
    (found,) = house.manager.read("res.partner", [("id", "=", partner)], names)
    assert {found[name][-1] for name in names} == {"1"}
    assert house.database.value(told, partner) == before + 2 * CLIENTS
    keys = "SELECT count(*) FROM veloc_subject_key WHERE partner_number = %s"
    assert house.database.value(keys, partner) <= 1


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
