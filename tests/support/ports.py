"""Ports for a house: a block that nobody else on the machine uses now."""

import os
import socket

BLOCK = 20
FIRST, LAST = 21000, 29000
_taken = set()


def free_block():
    """Return the first port of a free block, different for every call."""
    blocks = range(FIRST, LAST, BLOCK)
    start = os.getpid() % len(blocks)
    for first in [*blocks[start:], *blocks[:start]]:
        if first not in _taken and all(map(_is_free, range(first, first + BLOCK))):
            _taken.add(first)
            return first
    raise AssertionError("no free ports for the tests")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def unread_requests(port):
    """Return how many connections to a port hold bytes that nobody has read yet."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    suffix = f":{port:04X}"
    return sum(
        local.endswith(suffix) and state == "01" and not queues.endswith(":00000000")
        for _number, local, _remote, state, queues, *_rest in rows
    )
