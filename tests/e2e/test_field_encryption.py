"""Encryption as an attacker and an operator meet it: dumps, wrong keys, a busy day."""

import base64
import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests.support.odoo_server import OdooServer
from tests.support.postgres import Database
from tests.support.rpc import RpcClient
from tests.support.waiting import wait_until

CPF, WRITTEN = "71460238346", "714.602.383-46"  # nobody of the demo
PIX = "9f1c2d3e-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
MOTHER = "Zulmira Quintaneiro Vasques"
PROOF = b"%PDF-1.4 comprovante de Zulmira, rua das Acacias 4711"
NO_KEY = {"VELOC_KEY": "", "VELOC_KEY_FILE": ""}
OTHER_KEY = {"VELOC_KEY": bytes(range(100, 132)).hex(), "VELOC_KEY_FILE": ""}
CLIENTS = 4


@pytest.fixture(scope="module")
def person(house):
    """Return a contact with a CPF, a PIX key and a proof file, made over RPC."""
    rpc = house.manager
    person = rpc.create(
        "res.partner",
        {"name": "Vera Vasques", "veloc_cpf": WRITTEN, "veloc_mother_name": MOTHER},
    )
    rpc.create("veloc.bank.account", {"partner_id": person, "pix_key": PIX})
    rpc.create(
        "veloc.identity.proof",
        {"partner_id": person, "content": base64.b64encode(PROOF).decode()},
    )
    return person


# === START === #


def test_odoo_ends_instead_of_starting_without_its_key(house):
    wanted = {
        "There is no key for encrypted fields": NO_KEY,
        "is not the one of this database": OTHER_KEY,
    }
    servers = {}
    try:
        for words, keys in wanted.items():
            servers[words] = server = house.add_server(cron_threads=0)
            server.environment |= keys
            server.launch()
        for words, server in servers.items():
            assert server.process.wait(120) == 1
            assert "Veloc does not start" in server.text()
            assert words in server.text()
            assert OTHER_KEY["VELOC_KEY"] not in server.text()
    finally:
        for server in servers.values():
            server.kill()
            house.servers.remove(server)


# === DUMP === #


def test_neither_dump_nor_filestore_nor_log_holds_what_is_encrypted(house, person):
    dump = subprocess.run(
        [Path(os.environ["VELOC_PG_BIN"]) / "pg_dump", house.database.name],
        env=os.environ | _libpq(house.settings),
        capture_output=True,
        check=True,
    ).stdout
    assert b"Vera Vasques" in dump, "the dump is of this database"
    places = {"dump": dump, "log": house.server.text().encode()}
    for path in (house.folder / "data" / "filestore").rglob("*"):
        if path.is_file():
            places[str(path)] = path.read_bytes()
    secrets = [CPF, WRITTEN, PIX, MOTHER, "Zulmira", "Acacias 4711"]
    secrets = [text.encode() for text in secrets] + [base64.b64encode(PROOF)[:24]]
    found = [
        (where, secret)
        for where, content in places.items()
        for secret in secrets
        if secret in content
    ]
    assert not found


def _libpq(settings):
    return {
        "PGHOST": settings.pg_host,
        "PGPORT": settings.pg_port,
        "PGUSER": settings.pg_user,
        "PGPASSWORD": settings.pg_password,
    }


def test_a_proof_leaves_by_download_only_and_strangers_see_nothing(house, person):
    (proof,) = house.manager.search(
        "veloc.identity.proof", [("partner_id", "=", person)]
    )
    answer = house.web("e2e_manager").http.get(f"{house.url}/veloc/proof/{proof}")
    assert answer.content == PROOF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    stranger = house.web("e2e_agent").http.get(f"{house.url}/veloc/proof/{proof}")
    assert stranger.status_code == 404
    (row,) = house.manager.read(
        "veloc.identity.proof", [("id", "=", proof)], ["content", "mimetype"]
    )
    assert not row["content"]
    wait_until(
        lambda: house.database.value(
            "SELECT count(*) FROM veloc_ledger_entry WHERE kind = 'read' "
            "AND model = 'veloc.identity.proof' AND res_id = %s",
            proof,
        ),
        10,
        what="the download's entry",
    )


# === CHANGE OF KEYS === #


def test_keys_change_while_people_work_and_no_request_fails(house, person):
    people = house.manager.create(
        "res.partner",
        [{"name": f"Busy {n}", "veloc_mother_name": f"M {n}"} for n in range(800)],
    )
    key = house.api_key("e2e_manager")  # quicker than a password at every call
    stop, troubles, done = threading.Event(), [], []
    workers = [
        threading.Thread(
            target=_work,
            args=(house, key, person, people[n::CLIENTS], stop, troubles, done),
        )
        for n in range(CLIENTS)
    ]
    for worker in workers:
        worker.start()
    try:
        order = house.manager.create("veloc.key.change", {"kind": "data"})
        wait_until(lambda: _is_done(house, order), 90, 0.2, "the change of keys")
    finally:
        stop.set()
        for worker in workers:
            worker.join(60)
    assert not troubles
    assert len(done) >= CLIENTS
    # What the workers wrote may carry the old key for half a minute more.
    old = house.database.rows(
        "SELECT id FROM res_partner WHERE veloc_mother_name_sealed LIKE 'v1:%%'"
    )
    assert {id_ for (id_,) in old} <= set(done)
    found = house.manager.search("res.partner", [("veloc_cpf", "=", WRITTEN)])
    assert found == [person]


def _is_done(house, order):
    # Nobody waits a minute here until all processes know the new keys: it is one.
    house.database.rows(
        "UPDATE veloc_key_change SET begins_at = create_date WHERE id = %s", order
    )
    house.run_cron("veloc_compliance.ir_cron_key_change")
    return house.database.value(
        "SELECT state = 'done' FROM veloc_key_change WHERE id = %s", order
    )


def _work(house, key, person, people, stop, troubles, done):
    """Read, find and write encrypted values until told to stop."""
    rpc = RpcClient(house.url, house.database.name, "e2e_manager", key)
    for number, busy in enumerate(people * 50):
        if stop.is_set():
            return
        try:
            name = f"Changed {number}"
            rpc.write("res.partner", [busy], {"veloc_mother_name": name})
            fields = ["veloc_mother_name", "veloc_cpf"]
            rows = rpc.read("res.partner", [("id", "in", [busy, person])], fields)
            values = {row["id"]: row for row in rows}
            assert values[busy]["veloc_mother_name"] == name
            assert values[person]["veloc_cpf"] == CPF
            assert rpc.search("res.partner", [("veloc_cpf", "=", CPF)]) == [person]
            done.append(busy)
        except Exception as error:  # noqa: BLE001  # shown by the test
            troubles.append(repr(error)[-500:])
            return


# === COPY === #


def test_a_neutralized_copy_needs_another_key_and_opens_nothing(house, settings):
    copy = Database(settings, f"{house.database.name}_copy")
    copy.create(settings.template_db)
    sealed = "SELECT count(*) FROM res_partner WHERE veloc_cpf_sealed IS NOT NULL"
    server = OdooServer(
        settings,
        copy,
        house.folder,
        house.port + 9,
        environment=OTHER_KEY,
        cron_threads=0,
    )
    try:
        assert copy.value(sealed)
        subprocess.run(
            [*settings.odoo, "neutralize", "-c", str(server.config), "-d", copy.name],
            env=os.environ | server.environment,
            check=True,
            capture_output=True,
        )
        assert not copy.value(sealed)
        server.start()
        login, password = settings.admin_login, settings.admin_password
        rpc = RpcClient(server.url, copy.name, login, password)
        person = rpc.create("res.partner", {"name": "New", "veloc_cpf": CPF})
        assert rpc.search("res.partner", [("veloc_cpf", "=", WRITTEN)]) == [person]
    finally:
        server.kill()
        copy.drop()
