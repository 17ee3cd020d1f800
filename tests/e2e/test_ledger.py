"""The ledger on a real server: many clients at once, attacks, the outside verifier."""

import base64
import contextlib
import json
import subprocess
import sys
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.rpc import RpcClient
from tests.support.settings import ROOT
from tests.support.waiting import wait_until

CLIENTS, WRITES = 8, 200
LEDGER = "veloc.ledger.entry"
SEAL = "veloc_compliance.ir_cron_ledger_seal"


@pytest.fixture(scope="module")
def written(house):
    """Return the people whom eight clients changed 200 times each, at once."""
    people = house.admin.create(
        "res.partner", [{"name": f"Pessoa {number}"} for number in range(CLIENTS)]
    )
    login, password = house.settings.admin_login, house.settings.admin_password

    def write_all(partner_id):
        client = RpcClient(house.url, house.database.name, login, password)
        return [
            client.write("res.partner", [partner_id], {"function": f"cargo {number}"})
            for number in range(WRITES)
        ]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(write_all, people))
    assert answers == [[True] * WRITES] * CLIENTS
    wait_until(lambda: _is_sealed(house, people), 90, what="the seal")
    return people


def _is_sealed(house, people):
    """Seal now, unless the house's own job is at it; return whether all is sealed."""
    # An XML-RPC fault says that the job runs already.
    with contextlib.suppress(xmlrpc.client.Fault):
        house.admin.run_cron(SEAL)
    waiting = [("res_id", "in", people), ("is_sealed", "=", False)]
    return not house.manager.count(LEDGER, [("model", "=", "res.partner"), *waiting])


def verify(house, *options):
    """Run the verifier as an auditor would; return its exit code and its words."""
    s = house.settings
    url = f"postgresql://{s.pg_user}:{s.pg_password}@{s.pg_host}:{s.pg_port}"
    return run_verifier(f"{url}/{house.database.name}", *options)


def run_verifier(*arguments):
    program = [sys.executable, "-I", str(ROOT / "tools" / "verify_ledger.py")]
    run = subprocess.run(
        [*program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout + run.stderr


def test_1600_writes_of_eight_clients_are_1600_entries_without_a_fork(house, written):
    domain = [("model", "=", "res.partner"), ("res_id", "in", written)]
    written_entries = [*domain, ("kind", "=", "write")]
    assert house.manager.count(LEDGER, written_entries) == CLIENTS * WRITES
    assert not house.manager.count(LEDGER, [*domain, ("is_sealed", "=", False)])
    positions = house.database.rows(
        "SELECT count(*), count(DISTINCT entry_id), max(id) FROM veloc_ledger_leaf"
    )
    assert len(set(positions[0])) == 1
    told = house.manager.call(LEDGER, "verify")
    assert (told["findings"], told["late"]) == ([], 0)
    code, words = verify(house)
    assert code == 0, words


def test_an_administrator_cannot_change_delete_or_invent_entries(house, written):
    (entry,) = house.admin.search(LEDGER, [], limit=1)
    for method, arguments in (
        ("write", ([entry], {"kind": "read"})),
        ("unlink", ([entry],)),
        ("create", ({"kind": "read"},)),
        ("_note", ("read",)),
    ):
        with pytest.raises(xmlrpc.client.Fault):
            house.admin.call(LEDGER, method, *arguments)
    for model in ("veloc.ledger.head", "veloc.ledger.anchor", "veloc.ledger.check"):
        with pytest.raises(xmlrpc.client.Fault):
            house.admin.create(model, {"size": 1})


def test_what_the_owner_of_the_database_alters_is_named(house, written, tmp_path):
    line = house.manager.read("veloc.ledger.head", [], ["line"], limit=1)[0]["line"]
    anchor = tmp_path / "anchor.txt"
    anchor.write_text(line)
    (entry,) = house.manager.search(LEDGER, [("res_id", "in", written)], limit=1)
    with altered(house, f"UPDATE %s SET user_id = user_id + 1 WHERE id = {entry}"):
        code, words = verify(house)
        assert (code, f"entry {entry} was changed" in words) == (1, True), words
    assert verify(house, "--anchor", anchor)[0] == 0


def test_a_cut_with_its_heads_shows_against_an_anchor_only(house, written, tmp_path):
    # One head more, so that there is one to cut back to.
    house.admin.write("res.partner", written[:1], {"function": "novo"})
    wait_until(lambda: _is_sealed(house, written), 90, what="the seal")
    line = house.manager.read("veloc.ledger.head", [], ["line"], limit=1)[0]["line"]
    anchor, path = tmp_path / "anchor.txt", tmp_path / "ledger.jsonl"
    anchor.write_text(line)
    assert verify(house, "--export", path)[0] == 0
    lines = path.read_text().splitlines()
    heads = [json.loads(text)["head"]["size"] for text in lines if text[0] == "{"]
    size = max(number for number in heads if number < json.loads(line)["size"])
    kept = [text for text in lines if text[0] == "{"][: heads.index(size) + 1]
    kept += [text for text in lines if text[0] == "["][:size]
    path.write_text("\n".join(kept) + "\n")
    assert run_verifier(path)[0] == 0
    code, words = run_verifier(path, "--anchor", anchor)
    assert (code, "rolled back" in words) == (1, True), words


class altered:  # noqa: N801  # reads as what it does
    """Change the entries as their owner can, without triggers, and back again."""

    def __init__(self, house, statement):
        self.house, self.statement = house, statement

    def __enter__(self):
        self._run(self.statement)

    def __exit__(self, *exc_info):
        self._run(self.statement.replace("+ 1", "- 1"))

    def _run(self, statement):
        table = "veloc_ledger_entry_raw"
        self.house.database.rows(
            f"ALTER TABLE {table} DISABLE TRIGGER ALL; {statement % table};"
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER veloc_no_change;"
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER veloc_no_truncate"
        )


def test_one_persons_entries_are_handed_over_and_proved_offline(
    house, written, tmp_path
):
    rpc = house.manager
    export = rpc.create("veloc.ledger.person.export", {"partner_id": written[0]})
    rpc.call("veloc.ledger.person.export", "action_export", [export])
    (made,) = rpc.call(
        "veloc.ledger.person.export", "read", [export], ["file", "count"]
    )
    path = tmp_path / "person.json"
    path.write_bytes(base64.b64decode(made["file"]))
    assert made["count"] >= WRITES
    code, words = run_verifier(path)
    assert code == 0, words
    assert "cargo 7" in path.read_text()
    path.write_text(path.read_text().replace("res.partner", "res.users", 1))
    assert run_verifier(path)[0] == 1
