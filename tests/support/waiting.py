"""Waiting for what another process does."""

import time


def wait_until(predicate, timeout=20.0, interval=0.1, what=""):
    """Return the first true answer of the predicate; fail loudly after the timeout."""
    end = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > end:
            goal = what or getattr(predicate, "__name__", "something")
            raise AssertionError(
                f"waited {timeout:.0f} s in vain for {goal}; last answer: {answer!r}"
            )
        time.sleep(interval)
