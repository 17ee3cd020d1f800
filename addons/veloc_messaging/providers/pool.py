"""Hands a batch to its providers with several threads and yields answers as they come.

The threads do nothing but talk to the provider; what becomes of an answer is the
business of the thread that iterates.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from . import base

_logger = logging.getLogger(__name__)

# Handed to the threads beyond their number, so that none idles while we write.
QUEUE_AHEAD = 2
# So many calls in a row without an answer: stop before the whole queue is in doubt.
MUTE_LIMIT = 3
# Seconds before the account is tried again, by what stopped it.
COOL_DOWN = {base.SLOW: 2.0, base.IN_DOUBT: 30.0, base.RETRY: 30.0}


@dataclass(frozen=True, slots=True)
class Job:
    """One call; ``start_by`` (on ``clock``) is when our hold on it ends."""

    key: int
    message: base.Outgoing
    start_by: float | None = None


def clock() -> float:
    """Return seconds that also count while the machine sleeps.

    By the time a frozen process goes on, somebody else may have sent its messages.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lane:
    """The jobs of one account, and whether it is still worth starting them."""

    def __init__(self, provider: base.Provider, concurrency: int, jobs: Iterable[Job]):
        self.provider = provider
        self.jobs = deque(jobs)
        self.room = concurrency * QUEUE_AHEAD
        self.executor = ThreadPoolExecutor(concurrency, thread_name_prefix="send")
        self.stop: base.Result | None = None
        self._mute = 0

    def start_some(self, pending: dict[Future, tuple[Lane, Job]]) -> list:
        """Start what fits; return answers that are known without starting."""
        flying = sum(1 for lane, _job in pending.values() if lane is self)
        known = []
        while self.jobs and self.stop is None and flying < self.room:
            job = self.jobs.popleft()
            if refusal := prepare_safely(self.provider):
                self.note(refusal)
                known.append((job.key, refusal))
                continue
            pending[self.executor.submit(send_safely, self.provider, job)] = (self, job)
            flying += 1
        return known + self.give_back()

    def note(self, result: base.Result) -> None:
        """Look at an answer: stop when the next ones would end the same way."""
        if result.whole_account or result.kind == base.SLOW:
            self.stop = result
        self._mute = self._mute + 1 if result.kind == base.IN_DOUBT else 0
        if self._mute >= MUTE_LIMIT:
            self.stop = result

    def give_back(self) -> list:
        """Return what will not be started after a stop."""
        if self.stop is None:
            return []
        keys = [job.key for job in self.jobs]
        self.jobs.clear()
        return [(key, self.unsent()) for key in keys]

    def unsent(self) -> base.Result:
        """Return the answer for what was not started because of the stop."""
        if self.stop.kind == base.CONFIG:
            return self.stop
        wait_for = self.stop.retry_after or COOL_DOWN.get(self.stop.kind)
        return base.Result(base.NOT_STARTED, self.stop.code, retry_after=wait_for)


def run(lanes: list[Lane], deadline: float) -> Iterator[list[tuple[int, base.Result]]]:
    """Yield groups of (key, result): each job once. Start nothing after ``deadline``.

    ``deadline`` is on the monotonic clock. Leaving the iteration early waits for the
    calls in the air and throws their answers away; a crash does the same.
    """
    pending: dict[Future, tuple[Lane, Job]] = {}
    try:
        while True:
            group = _collect(lanes, pending, deadline)
            if group:
                yield group
            if not pending and not any(lane.jobs for lane in lanes):
                return
    finally:
        for lane in lanes:
            lane.executor.shutdown(wait=True, cancel_futures=True)
            lane.provider.close()


def _collect(lanes, pending, deadline):
    if time.monotonic() >= deadline:
        for lane in lanes:
            lane.stop = lane.stop or base.Result(base.NOT_STARTED, "out_of_time")
    group = [answer for lane in lanes for answer in lane.start_some(pending)]
    if group or not pending:
        return group
    timeout = max(deadline - time.monotonic(), 0.0) or None
    done, _running = wait(pending, timeout=timeout, return_when=FIRST_COMPLETED)
    for future in done:
        lane, job = pending.pop(future)
        result = future.result()
        lane.note(result)
        group.append((job.key, result))
    if any(lane.stop for lane in lanes):
        group += _withdraw(pending)
    return group


def _withdraw(pending):
    """Take back what is queued in front of the threads and not begun."""
    taken = []
    for future, (lane, job) in list(pending.items()):
        if lane.stop and future.cancel():
            del pending[future]
            taken.append((job.key, lane.unsent()))
    return taken


def prepare_safely(provider: base.Provider) -> base.Result | None:
    """Prepare; nothing has left yet, so a bug only makes the account wait."""
    try:
        return provider.prepare()
    except Exception as error:
        _logger.exception("Provider cannot get ready")
        return base.Result(
            base.RETRY, "adapter_error", type(error).__name__, whole_account=True
        )


def send_safely(provider: base.Provider, job: Job) -> base.Result:
    """Send; a bug of the adapter costs this message a look-up, never the batch."""
    if job.start_by is not None and clock() > job.start_by:
        return base.Result(base.NOT_STARTED, "out_of_time")
    try:
        return provider.send(job.message)
    except base.ConfigError as error:
        # Refused before anything left; the same options fail every time.
        return base.Result(base.CONFIG, "unsupported", str(error)[:200])
    except Exception as error:
        _logger.exception("Provider failed on message %s", job.key)
        return base.Result(base.IN_DOUBT, "adapter_error", type(error).__name__)
