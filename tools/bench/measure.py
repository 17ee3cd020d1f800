"""Wall clock, CPU and the line about the machine."""

import os
import platform
import time
from dataclasses import dataclass

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Result:
    """One measured line."""

    name: str
    unit: str
    number: int
    seconds: float
    cpu: float = 0.0
    queries: float | None = None
    note: str = ""

    @property
    def rate(self):
        """Return how many per second."""
        return self.number / self.seconds if self.seconds else 0.0

    def line(self, reference=None):
        """Return the line as text, with the ratio to the reference."""
        parts = [f"{self.name:<44}{self.rate:>10,.0f} {self.unit}/s"]
        parts.append(f"{self.cpu:>7.2f} CPU s")
        if self.queries is not None:
            parts.append(f"{self.queries:,.0f} queries a batch")
        if reference is not None and self.rate:
            parts.append(f"{reference.rate / self.rate:,.1f} times slower than bare")
        if self.note:
            parts.append(self.note)
        return "  ".join(parts)


class Watch:
    """Measures a block: seconds, CPU of other processes and, unless told, our own."""

    def __init__(self, pids=(), *, own=True):
        self.pids = tuple(pids)
        self.own = own
        self.seconds = self.cpu = 0.0

    def __enter__(self):
        self._others = {pid: cpu_of(pid) for pid in self.pids}
        self._own = time.process_time()
        self._start = time.perf_counter()
        return self

    def __exit__(self, *exc_info):
        self.seconds = time.perf_counter() - self._start
        spent = (cpu_of(pid) - before for pid, before in self._others.items())
        mine = time.process_time() - self._own if self.own else 0.0
        self.cpu = mine + sum(spent)


def cpu_of(pid):
    """Return the CPU seconds a process has used, 0 for one that is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def children_of(pid):
    """Return the process ids of a server's workers."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def memory_of(pid):
    """Return the resident memory of a process in MB."""
    with open(f"/proc/{pid}/statm") as file:
        pages = int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def backends_of(database):
    """Return the process ids of PostgreSQL that serve the database now."""
    query = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
    return [row[0] for row in database.rows(query, database.name)]


def environment_line(database):
    """Return one line that says where the numbers come from."""
    version = database.value("SHOW server_version").split()[0]
    fsync = database.value("SHOW fsync")
    commit = database.value("SHOW synchronous_commit")
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, load {load:.1f} at the start, "
        f"Python {platform.python_version()}, PostgreSQL {version} "
        f"(fsync {fsync}, synchronous_commit {commit}), Odoo 19"
    )
