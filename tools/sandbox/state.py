"""What the routes of the sandbox share."""

from dataclasses import dataclass

from aiohttp import web

from .callbacks import Caller
from .faults import FaultBook
from .graph_caller import GraphCaller
from .meta import Meta
from .pairs import Pairs
from .review import Review
from .store import Store


@dataclass
class State:
    """One sandbox: its credentials, its memory and its troubles."""

    account_sid: str
    auth_token: str
    store: Store
    faults: FaultBook
    caller: Caller
    meta: Meta
    graph: GraphCaller
    review: Review
    pairs: Pairs
    delay: float = 0.0

    def start_life(self, message):
        """Let a message travel the way of the API that took it."""
        caller = self.graph if message.api == "graph" else self.caller
        caller.start_life(message)


STATE = web.AppKey("state", State)
