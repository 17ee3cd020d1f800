"""Meta's calls at our door: signed batches, and the handshake before the first."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from ..rules import whatsapp_events, whatsapp_signature
from ..rules.provider_event import Event
from ..rules.webhook import Call, Secrets, Webhook


class WhatsappWebhook(Webhook):
    """Signed with the app secret over the raw bytes."""

    ok_status = 200  # anything else is sent again, for days
    max_bytes = 3 * 1024 * 1024
    has_handshake = True

    def handshake(self, secrets: Secrets, query: Mapping[str, str]) -> str | None:
        expected = secrets.named.get("verify", "")
        claimed = query.get("hub.verify_token", "")
        is_known = hmac.compare_digest(
            expected.encode(), claimed.encode("utf-8", "replace")
        )
        if not expected or not is_known or query.get("hub.mode") != "subscribe":
            return None
        return query.get("hub.challenge")

    def is_valid(self, secrets: Secrets, call: Call) -> bool:
        named = secrets.named
        if call.body is None:  # a form is nothing that Meta sends
            return False
        return whatsapp_signature.is_valid(
            [named.get("app", ""), named.get("app_previous", "")],
            call.headers.get("x-hub-signature-256"),
            call.body,
        )

    def parse(self, payload: str) -> list[Event]:
        return whatsapp_events.parse(payload)
