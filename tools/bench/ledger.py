"""The ledger: what recording costs, how fast it is sealed, verified and proved."""

import subprocess
import sys
import time

from tests.support.settings import ROOT

from . import shell
from .measure import Result

PROGRAM = ROOT / "tools" / "verify_ledger.py"
FIELDS = {"email": False, "function": False, "city": True}  # one by one?
MOST_OVERHEAD = 0.10


def measure(house, entries):
    """Print all lines of the ledger, with ``entries`` in it in the end."""
    print("\nLedger: CPU of 1,000 partner writes with and without recording, by turns")
    for field, single in FIELDS.items():
        _recording(house, field, single)
    print(f"\nLedger of {entries:,} entries")
    told = shell.measure(house, "ledger_sealing", entries=entries)
    values = told["written"], told["writing"]
    print(Result("veloc: entries written, 20,000 a commit", "entries", *values).line())
    values = told["number"], told["seconds"]
    print(Result("veloc: sealing", "entries", *values).line())
    told = shell.measure(house, "ledger_examining")
    _show_seconds("veloc: the whole ledger examined in Odoo", told)
    _outside(house, told["number"])
    _person(house)


def _recording(house, field, single):
    told = shell.measure(house, "ledger_recording", field=field, single=single)
    share = told["with"] / told["without"] - 1
    how = "1,000 writes of one record" if single else "one write of 1,000 records"
    verdict = "" if share <= MOST_OVERHEAD else f"  more than {MOST_OVERHEAD:.0%}"
    print(
        f"{how + ', ' + field:<44}{told['without']:>8.3f} s without, "
        f"{told['with']:.3f} s with recording: {share:+.1%}{verdict}"
    )


def _outside(house, number):
    settings = house.settings
    server = f"{settings.pg_host}:{settings.pg_port}"
    user = f"{settings.pg_user}:{settings.pg_password}"
    export = house.folder / "ledger.jsonl"
    url = f"postgresql://{user}@{server}/{house.database.name}"
    seconds = _verified(url)
    _show_seconds(
        "verify_ledger.py: from the database", {"number": number, "seconds": seconds}
    )
    _verified(url, "--export", export)
    seconds = _verified(export)
    _show_seconds(
        "verify_ledger.py: from a file", {"number": number, "seconds": seconds}
    )


def _person(house):
    path = house.folder / "person.json"
    told = shell.measure(house, "ledger_person", path=str(path))
    note = f"{told['bytes'] / 1e3:,.0f} kB"
    _show_seconds("veloc: one person's entries with proofs", told, note)
    told["seconds"] = _verified(path)
    _show_seconds("verify_ledger.py: that file, offline", told)


def _verified(*arguments):
    """Return the seconds the program took; it must find the ledger sound."""
    command = [sys.executable, str(PROGRAM), *map(str, arguments)]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _show_seconds(name, told, note=""):
    result = Result(name, "entries", told["number"], told["seconds"], note=note)
    print(f"{result.line()}  {told['seconds']:.2f} s for {told['number']:,}")
