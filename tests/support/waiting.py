"""Waiting for what another process does."""

import time

# A wait failed now and then on a busy machine; why was not reproduced. Odoo looks for
# due jobs once a minute at the latest: what should be done in time gets it thrice over.
PATIENCE = 3


def wait_until(predicate, timeout=20.0, interval=0.1, what=""):
    """Return the first true answer of the predicate; fail loudly in the end."""
    timeout *= PATIENCE
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
