"""What a browser reports: the message was shown, clicked or closed."""

from __future__ import annotations

import hmac
import json
import re
from urllib.parse import parse_qs, urlsplit

from ..rules import push_payload
from ..rules.provider_event import OTHER, STATUS, Event
from ..rules.webhook import Call, Secrets, Webhook

_REFERENCE = re.compile(r"[0-9a-f]{32}")


class PushWebhook(Webhook):
    """Calls of our own service worker, in the person's browser.

    The address was part of the encrypted message: whoever knows the key in it has
    read the message. The key is good for one message.
    """

    ok_status = 204
    max_bytes = 1024

    def is_valid(self, secrets: Secrets, call: Call) -> bool:
        parts = urlsplit(call.url)
        reference = parts.path.rpartition("/")[2]
        given = parse_qs(parts.query).get("key", [""])[0]
        if not secrets.main or not _REFERENCE.fullmatch(reference):
            return False
        if _field(call.body, "reference") != reference:
            return False
        return hmac.compare_digest(
            given.encode(), push_payload.report_key(secrets.main, reference).encode()
        )

    def parse(self, payload: str) -> list[Event]:
        what, reference = _field(payload, "event"), _field(payload, "reference")
        status = push_payload.EVENTS.get(what)
        if not status:
            return [Event(OTHER, f"{reference}:{what}"[:100], payload[:1024])]
        return [
            Event(
                STATUS,
                f"{reference}:{what}",
                json.dumps({"event": what, "reference": reference}),
                reference=reference,
                provider_ref=reference,
                status=status,
                channel="push",
            )
        ]


def _field(body, name):
    """Return one text of a JSON object, "" for whatever is not there."""
    try:
        found = json.loads(body or "{}")
    except (ValueError, RecursionError):
        return ""
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""
