"""Who calls, for code that runs where Odoo hides the request (XML-RPC, /jsonrpc)."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from odoo.http import request

from ...rules.caller_address import bucket_of

CHANNELS = [
    ("web", "Web"),
    ("xmlrpc", "XML-RPC"),
    ("jsonrpc", "JSON-RPC"),
    ("json2", "JSON-2"),
    ("inside", "Inside the server"),
]
BY_PATH = (
    ("/xmlrpc", "xmlrpc"),
    ("/jsonrpc", "jsonrpc"),
    ("/json/", "json2"),
    ("/veloc/api/", "json2"),
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a call comes from; ``bucket`` is what tries are counted by."""

    channel: str
    address: str = ""

    @property
    def bucket(self):
        """Return the address, or the network of an IPv6 one."""
        return bucket_of(self.address)


INSIDE = Caller("inside")
_lent = ContextVar("veloc_caller", default=INSIDE)


def caller():
    """Return who calls now."""
    # With proxy_mode Odoo has put the visitor's address there, else the peer's.
    return _of(request.httprequest) if request else _lent.get()


@contextmanager
def known_to_rpc(httprequest):
    """Let code below know the caller, also where the request is taken away."""
    token = _lent.set(_of(httprequest))
    try:
        yield
    finally:
        _lent.reset(token)


def _of(httprequest):
    path = httprequest.path
    found = (channel for start, channel in BY_PATH if path.startswith(start))
    return Caller(next(found, "web"), httprequest.remote_addr or "")
