"""The floor of messaging beside its references: dispatch, callbacks, long queues."""

from tests.support.crowd import make_people
from tests.support.sandbox import ACCOUNT_SID, TOKEN

from . import callbacks, shell
from .measure import Result

DELAY_MS = 150
SENDS = {16: 800, 64: 2000}  # by threads
STOCK = 40
RECEIPTS = 1500  # messages with three receipts each
QUEUES = (10_000, 100_000, 1_000_000)
PASS_SECONDS = 8


def measure(house):
    """Print all lines of the floor; the house's first server is stopped."""
    house.server.start()
    make_people(house, max(SENDS.values()))
    callbacks.install_empty_route(house)
    # The guard refuses modules that send contacts out, until somebody decides so.
    house.admin.set_parameter("veloc_compliance.outside_services", "sms_twilio")
    callbacks.install(house, "sms_twilio")
    _null_account(house)
    house.server.stop()
    house.sandbox.post("reset")
    house.sandbox.fault("no_callback")
    house.sandbox.delay(DELAY_MS)
    print(f"\nDispatch, one process, a provider that answers in {DELAY_MS} ms")
    ours = [_dispatch(house, threads, number) for threads, number in SENDS.items()]
    _stock(house, ours)
    _callbacks(house)
    _queues(house)


def _null_account(house):
    """An account whose provider takes everything at once: the queue is measured."""
    values = {"code": "bench-null", "name": "Bench", "provider": "sandbox"}
    house.manager.create("veloc.account", {**values, "channel": "sms", "sequence": 99})


def _dispatch(house, threads, number):
    bare = shell.measure(house, "same_client", number=number, threads=threads)
    told = shell.measure(house, "dispatch", number=number, threads=threads)
    reference = _result(f"bare: the same client, {threads} threads", "messages", bare)
    cpu = told["cpu"] / told["number"] * 1000
    queued = told["queueing"] / told["number"] * 1000
    client = bare["cpu"] / bare["number"] * 1000
    note = (
        f"CPU a message: {queued:.2f} ms decide, render, queue + {cpu:.2f} ms claim, "
        f"call, commit; the client alone {client:.2f} ms"
    )
    ours = _result(f"veloc: dispatcher, {threads} threads", "messages", told, note)
    print(reference.line())
    print(f"{ours.line()}  {ours.rate / reference.rate:.2f} of bare")
    return ours


def _stock(house, ours):
    options = {"url": house.sandbox.url, "sid": ACCOUNT_SID, "token": TOKEN}
    told = shell.measure(house, "stock", number=STOCK, **options)
    stock = _result("odoo: sms_twilio, as it comes", "messages", told)
    print(stock.line())
    for result in ours:
        print(f"  {result.name}: {result.rate / stock.rate:.0f} times stock")


def _callbacks(house):
    print("\nCallbacks, signed, three for each message")
    rows = house.database.rows(
        "SELECT reference, provider_ref FROM veloc_message"
        " WHERE provider_ref LIKE 'SM%%' AND state = 'accepted'"
        " ORDER BY id DESC LIMIT %s",
        RECEIPTS,
    )
    empty, ours = callbacks.measure(house, rows)
    print(empty.line())
    print(f"{ours.line()}  {ours.rate / empty.rate:.2f} of an empty route")
    told = shell.measure(house, "fold")
    print(_result("veloc: folding", "events", told, str(told["states"])).line())


def _queues(house):
    print("\nA long queue (provider that answers at once, 16 threads)")
    first = None
    for waiting in QUEUES:
        options = {"waiting": waiting, "seconds": PASS_SECONDS}
        told = shell.measure(house, "backlog", **options)
        note = f"memory grew by {told['memory']:.0f} MB"
        result = _result(f"veloc: {told['waiting']:,} waiting", "messages", told, note)
        first = first or result
        print(f"{result.line()}  {result.rate / first.rate:.2f} of the short queue")


def _result(name, unit, told, note=""):
    values = told["number"], told["seconds"], told["cpu"]
    return Result(name, unit, *values, note=note)
