"""Twilio's calls at our door: delivery reports and what people write."""

from __future__ import annotations

from ..rules import twilio_events, twilio_signature
from ..rules.provider_event import Event
from ..rules.webhook import Call, Secrets, Webhook

SETTINGS = "x-twilio-webhooks-signature-settings"


class TwilioWebhook(Webhook):
    """Signed over the address and the form, with the auth token or a shared key.

    While a secret is changed the previous one counts as well. A call that names a
    shared key is checked with that key alone.
    """

    ok_status = 204
    max_bytes = 65536

    def is_valid(self, secrets: Secrets, call: Call) -> bool:
        key, algorithm = twilio_signature.settings(call.headers.get(SETTINGS))
        if key:
            name = f"key_{key.lower().replace('-', '_')}"
            candidates = [secrets.named.get(name, "")]
        else:
            candidates = [secrets.main, secrets.named.get("previous", "")]
        return twilio_signature.is_valid(
            candidates,
            call.url,
            call.headers.get("x-twilio-signature"),
            params=call.pairs,
            body=call.body,
            algorithm=algorithm,
        )

    def parse(self, payload: str) -> list[Event]:
        return [twilio_events.parse(payload)]
