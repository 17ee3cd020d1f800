"""Run a program: its output to a log, a sign of life for the person who waits."""

import os
import subprocess
import time

from .paths import HOME, LOGS, ROOT
from .progress import Trouble, say

HEARTBEAT = 10  # seconds of silence before a waiting person is told how far it is


def quiet(command, *, user=None, env=None, cwd=ROOT, text=None):
    """Return the finished process with its output; never raises for a bad exit."""
    return subprocess.run(
        [str(part) for part in command],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=as_environment(env),
        **as_user(user),
    )


def as_environment(extra):
    """Return our environment plus some, as all our Python programs want it.

    Compiled files are kept, whatever the machine's habit, and outside the sources:
    Odoo and pytest would otherwise compile thousands of files at every start.
    """
    python = {
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(HOME / "pycache"),
    }
    return os.environ | python | (extra or {})


def as_user(user):
    """Return the arguments that make subprocess run a program as that user."""
    if user is None:
        return {}
    return {"user": user, "group": user, "extra_groups": []}


def logged(command, log_name, trouble, *, env=None, hint=None, text=None):
    """Run a long program with its output in ``.veloc/log``; Trouble if it fails.

    ``hint`` turns a line of the log into a few words on how far the program is.
    """
    log = LOGS / log_name
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=as_environment(env),
        )
        if text is not None:
            process.stdin.write(text)
            process.stdin.close()
        _wait(process, log, hint)
    if process.returncode:
        say(_tail(log, 15))
        raise Trouble(f"{trouble} The whole story is in {log.relative_to(ROOT)}.")
    return log


def _wait(process, log, hint):
    start = last = time.monotonic()
    try:
        while process.poll() is None:
            time.sleep(0.1)
            if time.monotonic() - last >= HEARTBEAT:
                last = time.monotonic()
                say(f"      {last - start:4.0f} s  {_how_far(log, hint)}")
    except BaseException:
        process.terminate()
        process.wait(timeout=30)
        raise


def _how_far(log, hint):
    lines = _tail(log, 400).splitlines()
    for line in reversed(lines):
        words = hint(line) if hint else line.strip()
        if words:
            return words[:100]
    return "still working"


def _tail(log, count):
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def detached(command, out, *, user=None):
    """Run a program that leaves a server behind; return its exit code."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        cwd="/",
        start_new_session=True,
        **as_user(user),
    )
    return process.wait()
