"""What the routes of the sandbox share."""

from dataclasses import dataclass

from aiohttp import web

from .callbacks import Caller
from .faults import FaultBook
from .store import Store


@dataclass
class State:
    """One sandbox: its credentials, its memory and its troubles."""

    account_sid: str
    auth_token: str
    store: Store
    faults: FaultBook
    caller: Caller
    delay: float = 0.0


STATE = web.AppKey("state", State)
