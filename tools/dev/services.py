"""Programs that stay behind: started once, found again by their pid file, stopped."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from .cluster import port_is_free
from .paths import HOME, LOGS, ROOT
from .progress import Trouble
from .shell import as_environment

PATIENCE = 30  # seconds between asking a program to stop and making it


class Service:
    """One background program with a port that shows whether it is up."""

    def __init__(self, name, port, health, variable):
        self.name, self.port, self.variable = name, port, variable
        self.url = f"http://127.0.0.1:{port}{health}"
        self.pid_file = HOME / f"{name}.pid"
        self.log = LOGS / f"{name}.log"

    def pid(self):
        """Return the pid if the program of the pid file is still that program."""
        if not self.pid_file.exists():
            return None
        pid, _, born = self.pid_file.read_text().partition(" ")
        return int(pid) if _born(pid) == born else None

    def check_port(self):
        """Return whether the port is free for us; Trouble if another holds it."""
        if self.pid():
            return False
        if not port_is_free(self.port):
            raise Trouble(
                f"Port {self.port} ({self.name}) is taken by another program: stop that"
                f" one, or choose a port with 'make run {self.variable}=<port>'."
            )
        return True

    def start(self, command, env, wait=90):
        """Start the program unless it runs; return once it answers."""
        if self.pid():
            return self._until_it_answers(wait)
        self.check_port()
        with self.log.open("a") as out:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=as_environment(env),
                start_new_session=True,
            )
        self.pid_file.write_text(f"{process.pid} {_born(process.pid)}")
        return self._until_it_answers(wait)

    def stop(self):
        """Stop the program; return whether there was one."""
        pid = self.pid()
        if pid:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE
            while self.pid() and time.monotonic() < deadline:
                time.sleep(0.1)
            if self.pid():
                os.kill(pid, signal.SIGKILL)
        self.pid_file.unlink(missing_ok=True)
        return bool(pid)

    def _until_it_answers(self, wait):
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if not self.pid():
                break
            try:
                with urllib.request.urlopen(self.url, timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        where = self.log.relative_to(ROOT)
        raise Trouble(f"The {self.name} did not start: the reason is in {where}.")


class Companion(Service):
    """A background program without a port: it is up while its process lives."""

    def __init__(self, name):
        self.name = name
        self.pid_file = HOME / f"{name}.pid"
        self.log = LOGS / f"{name}.log"

    def check_port(self):
        """Return whether the program still has to be started; it needs no port."""
        return not self.pid()

    def _until_it_answers(self, wait):
        """Nothing answers: a companion that fails says so in its log."""


def _born(pid):
    """Return the start time of a process, which tells a pid from its next owner."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
