import threading
from collections import Counter

import pytest

from odoo.addons.veloc_messaging.providers import base, pool
from odoo.addons.veloc_messaging.providers.sandbox import MAGIC, SandboxProvider

GOOD = base.Result(base.ACCEPTED)


class Scripted:
    """Answers by number; counts how many calls run at once."""

    def __init__(self, answers=None, refusal=None):
        self.answers = answers or {}
        self.refusal = refusal
        self.sent = []
        self.closed = False
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self.gate = threading.Event()
        self.gate.set()

    def prepare(self):
        return self.refusal

    def send(self, message):
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.sent.append(message.reference)
        self.gate.wait(5)
        with self._lock:
            self._now -= 1
        answer = self.answers.get(message.reference, GOOD)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        self.closed = True


def jobs(size):
    return [pool.Job(n, base.Outgoing(str(n), "to", "body")) for n in range(size)]


def lane(provider, size, concurrency=2):
    return provider, concurrency, jobs(size)


def groups_of(lanes, seconds=5.0):
    """Yield the groups of answers of a pass with these lanes."""
    with pool.Pool(pool.clock() + seconds) as threads:
        for name, (provider, concurrency, of_lane) in enumerate(lanes):
            threads.lane(name, provider, concurrency).add(of_lane)
        while threads.flying:
            yield threads.collect(1.0)


def run(*lanes, seconds=5.0):
    return [answer for group in groups_of(lanes, seconds) for answer in group]


def kinds(answers):
    return Counter(result.kind for _key, result in answers)


def test_every_job_gets_one_answer():
    answers = run(lane(Scripted(), 50))

    assert sorted(key for key, _result in answers) == list(range(50))
    assert kinds(answers) == {"accepted": 50}


def test_no_more_calls_at_once_than_allowed():
    provider = Scripted()

    run(lane(provider, 40, concurrency=3))

    assert 1 <= provider.most <= 3


def test_accounts_work_side_by_side():
    slow, quick = Scripted(), Scripted()
    slow.gate.clear()
    groups = groups_of([lane(slow, 1), lane(quick, 3)])

    seen = []
    while kinds(seen)["accepted"] < 3:
        seen += next(groups)
    slow.gate.set()
    for group in groups:
        seen += group

    assert len(seen) == 4


def test_a_bug_costs_one_message_a_look_up(caplog):
    provider = Scripted({"1": RuntimeError("bug")})

    answers = dict(run(lane(provider, 3)))

    assert (answers[1].kind, answers[1].code) == ("in_doubt", "adapter_error")
    assert answers[0] == answers[2] == GOOD


def test_after_a_refusal_of_the_account_nothing_more_is_started():
    refused = base.Result(base.CONFIG, "20003", whole_account=True)
    provider = Scripted(dict.fromkeys(map(str, range(50)), refused))

    answers = run(lane(provider, 50))

    assert kinds(answers) == {"config": 50}
    assert len(provider.sent) <= 6


def test_when_told_to_slow_down_the_rest_is_given_back():
    slow = base.Result(base.SLOW, "20429", retry_after=9.0)
    provider = Scripted({"0": slow})

    answers = run(lane(provider, 50, concurrency=1))

    found = kinds(answers)
    assert found["slow"] == 1
    assert found["not_started"] >= 45
    assert {r.retry_after for _k, r in answers if r.kind == "not_started"} == {9.0}


def test_a_mute_provider_does_not_get_the_whole_queue():
    lost = base.Result(base.IN_DOUBT, "read_timeout")
    provider = Scripted(dict.fromkeys(map(str, range(50)), lost))

    found = kinds(run(lane(provider, 50, concurrency=1)))

    assert found["in_doubt"] <= pool.MUTE_LIMIT + 2
    assert found["in_doubt"] + found["not_started"] == 50


def test_one_lost_answer_between_good_ones_stops_nothing():
    lost = base.Result(base.IN_DOUBT, "cut")
    provider = Scripted({str(n): lost for n in range(0, 50, 2)})

    found = kinds(run(lane(provider, 50, concurrency=1)))

    assert found == {"in_doubt": 25, "accepted": 25}


def test_after_the_deadline_nothing_is_started():
    provider = Scripted()

    answers = run(lane(provider, 5), seconds=-1)

    assert kinds(answers) == {"not_started": 5}
    assert not provider.sent


def test_a_provider_that_is_not_ready_keeps_everything_here():
    refusal = base.Result(base.RETRY, "connect", whole_account=True)
    provider = Scripted(refusal=refusal)

    answers = run(lane(provider, 5, concurrency=1))

    assert kinds(answers) == {"retry": 1, "not_started": 4}
    assert not provider.sent


def test_a_bug_before_the_call_keeps_everything_here(caplog):
    provider = Scripted()
    provider.prepare = None

    answers = run(lane(provider, 5, concurrency=1))

    assert kinds(answers) == {"retry": 1, "not_started": 4}
    assert answers[0][1].code == "adapter_error"


def test_connections_are_let_go_at_the_end():
    provider = Scripted()

    run(lane(provider, 1))

    assert provider.closed


def test_leaving_early_starts_nothing_more():
    provider = Scripted()
    groups = groups_of([lane(provider, 20_000, concurrency=1)])

    next(groups)
    groups.close()

    assert len(provider.sent) < 20_000
    assert provider.closed


@pytest.mark.parametrize("digits", MAGIC)
def test_the_sandbox_has_a_number_for_every_outcome(digits):
    provider = SandboxProvider(base.Config("s", "sandbox", "push"))

    assert provider.send(base.Outgoing("r", f"+1555010{digits}", "x")) == MAGIC[digits]


def test_the_sandbox_accepts_everybody_else():
    provider = SandboxProvider(base.Config("s", "sandbox", "push"))

    result = provider.send(base.Outgoing("r", "+5511961234567", "x"))

    assert (result.kind, result.provider_ref) == ("accepted", "sandbox-r")


def test_the_sandbox_can_be_asked_about_a_lost_answer():
    provider = SandboxProvider(base.Config("s", "sandbox", "push"))
    lookup = base.Lookup("r", "+15550100007", "x", None)

    assert provider.find(lookup).sightings[0].provider_ref == "sandbox-r"
    absent = base.Lookup("r", "+15550100008", "x", None)
    assert provider.find(absent) == base.Search(complete=True)


def test_a_job_whose_hold_has_ended_is_not_sent():
    provider = Scripted()
    late = pool.Job(1, base.Outgoing("1", "to", "body"), pool.clock() - 1)
    good = pool.Job(2, base.Outgoing("2", "to", "body"), pool.clock() + 60)

    answers = dict(run((provider, 2, [late, good])))

    assert {key: result.kind for key, result in answers.items()} == {
        1: base.NOT_STARTED,
        2: base.ACCEPTED,
    }
    assert provider.sent == ["2"]
