"""Threads that hand messages to their providers, and the answers as they come.

The threads live for a whole pass and do nothing but talk to the provider; what becomes
of an answer is the business of the thread that collects.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from . import base

_logger = logging.getLogger(__name__)

# So many calls in a row without an answer, or without a connection: stop before the
# whole queue is in doubt or was tried for nothing.
MUTE_LIMIT = 3
# Seconds before the account is tried again, by what stopped it.
COOL_DOWN = {base.SLOW: 2.0, base.IN_DOUBT: 30.0, base.RETRY: 30.0}
OUT_OF_TIME = base.Result(base.NOT_STARTED, "out_of_time")


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
    """The jobs and threads of one account, and whether more are worth starting."""

    def __init__(self, provider, concurrency, answers: SimpleQueue, deadline):
        self.provider = provider
        self.concurrency = concurrency
        self.stop: base.Result | None = None
        self.flying = 0  # handed in and not collected yet
        self.is_more = True  # whether the queue had more than there was room for
        self._deadline = deadline
        self._answers = answers
        self._jobs: SimpleQueue = SimpleQueue()
        self._lock = threading.Lock()
        self._mute = 0
        self._connecting: set[int] = set()
        self._threads: list[threading.Thread] = []

    def add(self, jobs: Iterable[Job]) -> None:
        """Hand in jobs. After a stop, only once everything was collected."""
        if not self.flying:
            self.stop, self._mute = None, 0
        for job in jobs:
            self.flying += 1
            self._jobs.put(job)
        while len(self._threads) < min(self.concurrency, self.flying):
            thread = threading.Thread(target=self._work, name="send", daemon=True)
            self._threads.append(thread)
            thread.start()

    def note(self, result: base.Result) -> None:
        """Look at an answer: stop when the next ones would end the same way."""
        with self._lock:
            if result.whole_account or result.kind == base.SLOW:
                self.stop = result
            silent = result.kind == base.IN_DOUBT or result.code == "connect"
            self._mute = self._mute + 1 if silent else 0
            if self._mute >= MUTE_LIMIT:
                self.stop = result

    def unsent(self) -> base.Result:
        """Return the answer for what was not started because of the stop."""
        if self.stop.kind == base.CONFIG:
            return self.stop
        wait_for = self.stop.retry_after or COOL_DOWN.get(self.stop.kind)
        return base.Result(
            base.NOT_STARTED, self.stop.code, self.stop.kind, retry_after=wait_for
        )

    def give_up_connecting(self) -> None:
        """Take back the jobs of threads that still wait for a connection."""
        with self._lock:
            keys, self._connecting = self._connecting, set()
        wait_for = COOL_DOWN[base.RETRY]
        for key in keys:
            lost = base.Result(base.NOT_STARTED, "connecting", retry_after=wait_for)
            self._answers.put((self, key, lost))

    def end_threads(self) -> None:
        """Let the threads end once they are through with what was handed in."""
        for _thread in self._threads:
            self._jobs.put(None)

    def _work(self):
        while (job := self._jobs.get()) is not None:
            try:
                result = self._do(job)
            except BaseException as error:  # noqa: BLE001 - raised by the collector
                result = error
            if result is not None:
                self._answers.put((self, job.key, result))

    def _do(self, job):
        """Return the answer to one job, None when it was taken back meanwhile."""
        if self.stop:
            return self.unsent()
        if clock() >= self._deadline:
            return OUT_OF_TIME
        with self._lock:
            self._connecting.add(job.key)
        refusal = prepare_safely(self.provider)
        with self._lock:
            if job.key not in self._connecting:
                return None
            self._connecting.discard(job.key)
        result = refusal or send_safely(self.provider, job)
        self.note(result)
        return result


class Pool:
    """The lanes of one pass. Starts nothing after ``deadline`` (on ``clock``).

    Leaving the block waits for the calls in the air and throws their answers away
    unless they were collected; a crash does the same.
    """

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.lanes: dict[Hashable, Lane] = {}
        self._answers: SimpleQueue = SimpleQueue()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exc_info) -> None:
        self.deadline = 0.0
        out_of_time = OUT_OF_TIME
        for lane in self.lanes.values():
            lane.stop = lane.stop or out_of_time
            lane.give_up_connecting()
            lane.end_threads()
        while self.flying:
            self._take(None)
        for lane in self.lanes.values():
            lane.provider.close()

    @property
    def flying(self) -> int:
        """Return how many jobs were handed in and not collected."""
        return sum(lane.flying for lane in self.lanes.values())

    def lane(self, name: Hashable, provider, concurrency: int) -> Lane:
        """Return the lane of that name, opened with this provider when it is new."""
        if name not in self.lanes:
            self.lanes[name] = Lane(provider, concurrency, self._answers, self.deadline)
        return self.lanes[name]

    def collect(self, timeout: float, linger: float = 0.0) -> list:
        """Return ``[(key, result)]``: wait for one answer, then a little for more."""
        if not self.flying:
            return []
        first = self._take(timeout)
        if first is None:
            return []
        group, until = [first], clock() + linger
        while self.flying:
            pair = self._take(max(until - clock(), 0.0))
            if pair is None:
                break
            group.append(pair)
        for _key, result in group:
            if isinstance(result, BaseException):
                raise result
        return group

    def _take(self, timeout):
        try:
            lane, key, result = self._answers.get(timeout=timeout)
        except Empty:
            return None
        lane.flying -= 1
        return key, result


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
        return OUT_OF_TIME
    try:
        return provider.send(job.message)
    except base.ConfigError as error:
        # Refused before anything left; the same options fail every time.
        return base.Result(base.CONFIG, "unsupported", str(error)[:200])
    except Exception as error:
        _logger.exception("Provider failed on message %s", job.key)
        return base.Result(base.IN_DOUBT, "adapter_error", type(error).__name__)
