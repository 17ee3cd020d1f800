"""What a long command tells the person who waits for it."""

import threading
import time
from contextlib import contextmanager

_print_lock = threading.Lock()


class Trouble(Exception):  # noqa: N818 - people read it, not programs
    """Something the person can mend; its text is the one sentence they see."""


def say(text):
    """Print one line at once, whole, from whichever thread."""
    with _print_lock:
        print(text, flush=True)


class Steps:
    """Numbers the steps of a command and times each of them."""

    def __init__(self, total):
        self.total, self.number = total, 0
        self.started = time.monotonic()
        self.taken = []

    @contextmanager
    def step(self, what):
        """Announce the next step, and say how long it took when it ends well."""
        self.number += 1
        name = f"[{self.number}/{self.total}] {what}"
        say(f"{name} …")
        start = time.monotonic()
        yield
        seconds = time.monotonic() - start
        self.taken.append((what, seconds))
        whole = time.monotonic() - self.started
        say(f"{name}: done in {seconds:.1f} s ({whole:.0f} s so far)")

    def summary(self):
        """Return the times of all steps as lines of text."""
        whole = time.monotonic() - self.started
        rows = [f"  {seconds:7.1f} s  {what}" for what, seconds in self.taken]
        return "\n".join([*rows, f"  {whole:7.1f} s  in all"])
