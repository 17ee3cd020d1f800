"""Waiting for what another process does."""

import time

# Odoo looks for due jobs once a minute when a wake-up finds its threads busy, and a
# busy machine is slow: what a healthy system does in time gets that time thrice over.
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
