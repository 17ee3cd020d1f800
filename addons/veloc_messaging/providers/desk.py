"""Phone calls made by people: taken at once, the task is made with the answer."""

from __future__ import annotations

from . import base, registry

CAPABILITIES = base.Capabilities(
    channels=frozenset({"call"}), validity=True, lookup=True
)


class DeskProvider:
    """Our own desk. Nothing leaves the house, so nothing can get lost on the way."""

    def __init__(self, config: base.Config) -> None:
        self.config = config

    def prepare(self) -> None:
        """Nothing to get ready."""

    def send(self, message: base.Outgoing) -> base.Result:
        """Take the call; ``veloc.call`` is made in the transaction of the answer."""
        base.refuse_unsupported(CAPABILITIES, message)
        return base.Result(base.ACCEPTED, provider_ref=f"desk-{message.reference}")

    def find(self, lookup: base.Lookup) -> base.Search:
        """No answer was committed, so there is no task: it may be sent again."""
        return base.Search(complete=True)

    def close(self) -> None:
        """Nothing stays open."""


registry.register(
    registry.Kind(
        "desk",
        "Call tasks",
        CAPABILITIES,
        lambda config, _session: DeskProvider(config),
    )
)
