"""Twilio's calls at our door: delivery reports and what people write."""

from __future__ import annotations

from ..rules import twilio_events, twilio_signature
from ..rules.provider_event import Event
from ..rules.webhook import Call, Secrets, Webhook


class TwilioWebhook(Webhook):
    """Signed with the auth token over the address and the form."""

    ok_status = 204
    max_bytes = 65536

    def is_valid(self, secrets: Secrets, call: Call) -> bool:
        return twilio_signature.is_valid(
            [secrets.main, secrets.named.get("previous", "")],
            call.url,
            call.headers.get("x-twilio-signature"),
            params=call.pairs,
            body=call.body,
        )

    def parse(self, payload: str) -> list[Event]:
        return [twilio_events.parse(payload)]
