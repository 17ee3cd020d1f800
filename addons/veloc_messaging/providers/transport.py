"""HTTP calls of the adapters: cheap, and exact about what has left and what has not.

urllib3 without requests: half the CPU of a call. Nothing is repeated here, no proxy or
netrc of the environment is used, every call has a time-out.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ReadTimeoutError,
)

from . import base

TIMEOUT = (5.0, 15.0)  # connect, read

# Raised by what every call may end in; classed by ``network_result``.
NetworkError = HTTPError


class _OneWrite:
    """Hands head and body to the network at once: half the calls, one packet."""

    _held = None

    def request(self, *args, **options):
        self._held = []
        try:
            done = super().request(*args, **options)
        finally:
            held, self._held = self._held, None
        self.send(b"".join(held))
        return done

    def send(self, data):
        if self._held is None:
            return super().send(data)
        return self._held.append(data)


class _PlainConnection(_OneWrite, HTTPConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _Connection(_OneWrite, HTTPSConnection):
    def connect(self):
        """Connect; until this returns nothing was sent, whatever went wrong."""
        try:
            return super().connect()
        except (ssl.SSLError, urllib3.exceptions.SSLError, TimeoutError) as error:
            self.close()
            raise NewConnectionError(self, type(error).__name__) from error


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class Transport:
    """A pool of kept connections, as big as the number of threads."""

    def __init__(self, pool_size: int = 8, hosts: int = 2) -> None:
        self.pool = urllib3.PoolManager(
            num_pools=hosts, maxsize=pool_size, retries=False, ca_certs=certifi.where()
        )
        self.pool.pool_classes_by_scheme = {
            "http": _PlainPool,
            "https": _SecurePool,
        }

    def call(self, method, url, body=None, headers=None, timeout=None):
        """Return urllib3's answer, read to its end; raises ``NetworkError``."""
        connect, read = timeout or TIMEOUT
        return self.pool.urlopen(
            method,
            url,
            body=body,
            headers=headers or {},
            redirect=False,
            timeout=urllib3.Timeout(connect=connect, read=read),
        )


def network_result(error: NetworkError) -> base.Result:
    """Tell "never left" (safe to repeat) from "nobody knows"."""
    name = type(error).__name__
    if isinstance(error, ReadTimeoutError):
        return base.Result(base.IN_DOUBT, "read_timeout", name)
    if isinstance(error, (NewConnectionError, ConnectTimeoutError)):
        return base.Result(base.RETRY, "connect", name)
    if isinstance(error, LocationValueError):
        return base.Result(base.CONFIG, "bad_base_url", name, whole_account=True)
    return base.Result(base.IN_DOUBT, "cut", name)


def retry_after(value: str | None) -> float | None:
    """Read a Retry-After header: seconds or a date."""
    if not value:
        return None
    with suppress(ValueError):
        return max(float(value), 0.0)
    moment = read_date(value)
    return moment and max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def read_date(value: str | None) -> datetime | None:
    """Read the date of a header; None when there is none."""
    try:
        moment = parsedate_to_datetime(value) if value else None
    except (TypeError, ValueError):
        return None
    if moment and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment
