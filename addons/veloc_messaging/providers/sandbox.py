"""A provider that sends nothing: demo accounts for push and calls, staging, tests."""

from __future__ import annotations

from . import base, registry

CAPABILITIES = base.Capabilities(
    channels=frozenset({"email", "sms", "whatsapp", "push", "call"}),
    templates=True,
    lookup=True,
    replies=True,
    media=True,
)

# The last four digits of the address choose the outcome; anything else is accepted.
MAGIC = {
    "0001": base.Result(base.RETRY, "sandbox_retry"),
    "0002": base.Result(base.PERMANENT, "sandbox_bad_number"),
    "0003": base.Result(base.SLOW, "sandbox_slow", retry_after=60.0),
    "0004": base.Result(base.CONFIG, "sandbox_config", whole_account=True),
    "0005": base.Result(base.SUPPRESS, "sandbox_suppress"),
    "0006": base.Result(base.WINDOW, "sandbox_window"),
    "0007": base.Result(base.IN_DOUBT, "sandbox_lost_answer"),
    "0008": base.Result(base.IN_DOUBT, "sandbox_never_arrived"),
    "0009": base.Result(base.POLICY, "sandbox_policy"),
}
_LOST_ANSWER, _NEVER_ARRIVED = "0007", "0008"


class SandboxProvider:
    """Answers like a real service, by the magic numbers above."""

    def __init__(self, config: base.Config) -> None:
        self.config = config

    def prepare(self) -> None:
        """Nothing to get ready."""

    def send(self, message: base.Outgoing) -> base.Result:
        base.refuse_unsupported(CAPABILITIES, message)
        if answer := MAGIC.get(message.to[-4:]):
            return answer
        return base.Result(
            base.ACCEPTED,
            provider_ref=f"sandbox-{message.reference}",
            status="sent",
        )

    def find(self, lookup: base.Lookup) -> base.Search:
        if lookup.to.endswith(_NEVER_ARRIVED):
            return base.Search(complete=True)
        sighting = base.Sighting(f"sandbox-{lookup.reference}", "delivered")
        return base.Search((sighting,), complete=True)

    def close(self) -> None:
        """Nothing stays open."""


registry.register(
    registry.Kind(
        "sandbox",
        "Sandbox",
        CAPABILITIES,
        lambda config, _session: SandboxProvider(config),
    )
)
