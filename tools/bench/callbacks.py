"""Status callbacks a second on two web workers, beside a route that does nothing."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from tests.support.sandbox import ACCOUNT_SID, TOKEN
from tools.sandbox.callbacks import signature

from .measure import Result, Watch, backends_of, children_of

WORKERS, CONNECTIONS = 2, 8
WEBHOOK, EMPTY = "/veloc/webhook/twilio/sandbox-sms", "/veloc_bench/empty"
ADDONS = Path(__file__).parent / "addons"
STATUSES = ("queued", "sent", "delivered")


def with_empty_route(settings):
    """Return settings whose servers find the addon with the empty route."""
    return replace(settings, addons_path=f"{settings.addons_path},{ADDONS}")


def install_empty_route(house):
    """Install the addon; the house's server must be stopped."""
    house.admin.call("ir.module.module", "update_list")
    install(house, "veloc_bench_empty")


def install(house, name):
    """Install one more addon in the house's database."""
    ids = house.admin.search("ir.module.module", [("name", "=", name)])
    house.admin.call("ir.module.module", "button_immediate_install", ids)


def measure(house, references):
    """Return the results of the empty route and of the webhook, three receipts each.

    ``references`` are of messages that were accepted: (reference, provider's id).
    """
    server = house.add_server(workers=WORKERS, cron_threads=0)
    server.start()
    try:
        calls = [_call(house.url, *pair, s) for pair in references for s in STATUSES]
        empty = [(EMPTY, body, {}) for _path, body, _headers in calls]
        _fire(server, [(*call[:2], {}) for call in empty[:200]])  # workers warm up
        return [
            _timed(house, server, "odoo: empty public route", empty),
            _timed(house, server, "veloc: signed status callback", calls),
        ]
    finally:
        server.stop()


def _call(base, reference, sid, status):
    form = {
        "AccountSid": ACCOUNT_SID,
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "From": "29000",
        "To": "+5511961234567",
        "ApiVersion": "2010-04-01",
    }
    path = f"{WEBHOOK}/{reference}"
    headers = {"X-Twilio-Signature": signature(TOKEN, base + path, form)}
    return path, urlencode(form), headers


def _timed(house, server, name, calls):
    processes = [server.process.pid, *children_of(server.process.pid)]
    with Watch([*processes, *backends_of(house.database)], own=False) as watch:
        times = sorted(_fire(server, calls))
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    note = f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {WORKERS} workers"
    return Result(name, "calls", len(calls), watch.seconds, watch.cpu, note=note)


def _fire(server, calls):
    """Post all calls over a few kept connections; return each one's seconds."""
    parts = [calls[n::CONNECTIONS] for n in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        done = pool.map(lambda part: _post_all(server.port, part), parts)
        return [seconds for part in done for seconds in part]


def _post_all(port, calls):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    times = []
    for path, body, headers in calls:
        start = time.perf_counter()
        connection.request("POST", path, body, form | headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - start)
        if answer.status != 204:
            raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()
    return times
