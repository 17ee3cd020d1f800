"""Failures on demand: what goes wrong, how often and for whom."""

import random
from dataclasses import dataclass, field
from itertools import count

KINDS = {
    "rate_limit": "429 with Retry-After, nothing accepted",
    "unauthorized": "401, nothing accepted",
    "html_500": "HTML 500, nothing accepted",
    "html_500_after_accept": "accepted, then HTML 500",
    "hang": "no answer for `seconds`, nothing accepted",
    "hang_after_accept": "accepted, then no answer for `seconds`",
    "drop": "connection closed, nothing accepted",
    "drop_after_accept": "accepted, then connection closed",
    "refuse": "Twilio's error `code`, nothing accepted",
    "no_callback": "accepted, never reported",
    "late_callback": "callbacks `seconds` late",
    "duplicate_callback": "every callback `times` times",
    "reversed_callback": "callbacks in reverse order",
    "undelivered": "ends as undelivered with error `code`",
    "stop_reply": "the person answers `body` (STOP)",
    "push_gone": "the browser is gone: 410 now and later",
    "smtp_451": "e-mail deferred at RCPT",
    "smtp_550": "e-mail refused at RCPT",
    "smtp_drop": "e-mail taken, connection closed after DATA",
}
_numbers = count(1)


@dataclass
class Fault:
    """One kind of failure, limited by count, share and match."""

    kind: str
    left: int | None = None
    share: float = 1.0
    match: dict = field(default_factory=dict)
    seconds: float = 30.0
    retry_after: int = 1
    times: int = 2
    code: int = 30003
    body: str = "STOP"
    hits: int = 0
    number: int = field(default_factory=lambda: next(_numbers))

    @classmethod
    def from_json(cls, data):
        """Return the fault that a client asked for; an exception says why not."""
        data = dict(data)
        if data.get("kind") not in KINDS:
            raise ValueError(f"unknown kind; known: {', '.join(KINDS)}")
        data["left"] = data.pop("count", None)
        unknown = set(data) - set(cls.__dataclass_fields__) | {"hits"} & set(data)
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        if not isinstance(data.get("match", {}), dict):
            raise TypeError("match must be an object")
        return cls(**data)

    def concerns(self, facts):
        """Tell whether the facts of a message match: equal, or body contained."""
        for name, wanted in self.match.items():
            value = str(facts.get(name, ""))
            if not (wanted in value if name == "body" else wanted == value):
                return False
        return True


class FaultBook:
    """The faults in force; asked once per message and kind group."""

    def __init__(self, seed=2026):
        self.faults = []
        self._random = random.Random(seed)

    def add(self, fault):
        """Put a fault in force."""
        self.faults.append(fault)
        return fault

    def clear(self):
        """Let everything work again."""
        self.faults.clear()

    def take(self, kinds, **facts):
        """Return the first fault of these kinds that strikes now, else None."""
        for fault in self.faults:
            if fault.kind not in kinds or fault.left == 0 or not fault.concerns(facts):
                continue
            if fault.share < 1 and self._random.random() >= fault.share:
                continue
            fault.hits += 1
            if fault.left is not None:
                fault.left -= 1
            return fault
        return None
