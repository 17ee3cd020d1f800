"""Web push to browsers: encrypted for each device, signed as us (RFC 8030, 8291, 8292).

One message goes to every browser of a person and counts as taken when one push
service took it. A service that answers 404 or 410 says that the browser is gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from ..rules import push_endpoint, push_payload
from . import base, errors, registry, transport, vapid
from .push_webhook import PushWebhook

CAPABILITIES = base.Capabilities(
    channels=frozenset({"push"}), validity=True, callbacks=True
)
TIMEOUT = (3.0, 10.0)  # connect, read
# All calls of one message must end within the second half of its lease (60 s).
MAX_DEVICES = 4
TAKEN = {200, 201, 202}
GONE = {404, 410}
_TICKET_GOOD_FOR = vapid.LIFETIME / 2

# One taken is success; a doubt must not be repeated; then what may be.
_WEIGHT = (
    base.ACCEPTED,
    base.IN_DOUBT,
    base.CONFIG,
    base.SLOW,
    base.RETRY,
    base.PERMANENT,
)


class WebPushProvider:
    """One VAPID key pair; ``base_url`` sends everything to a sandbox instead."""

    def __init__(self, config: base.Config) -> None:
        self.config = config
        self._transport = transport.Transport(config.concurrency, hosts=8)
        self._tickets: dict[str, tuple[float, str]] = {}
        try:
            self._key = vapid.private_key(config.secret)
        except ValueError:
            self._key = None

    def prepare(self) -> base.Result | None:
        """Refuse to start without the key that browsers subscribed with."""
        if self._key is not None:
            return None
        detail = "the secret is no VAPID key: 64 hexadecimal digits"
        return base.Result(base.CONFIG, "no_secret", detail, whole_account=True)

    def send(self, message: base.Outgoing) -> base.Result:
        """Post to every device of the person; say which of them are gone."""
        base.refuse_unsupported(CAPABILITIES, message)
        if refusal := self.prepare():
            return refusal
        if not message.devices:
            return base.Result(base.PERMANENT, "no_device")
        content = push_payload.encode(
            title=message.subject,
            body=message.body,
            lang=message.lang.replace("_", "-"),
            **dict(message.data),
        )
        if len(content) > push_payload.LARGEST:
            return base.Result(base.PERMANENT, "too_long", f"{len(content)} bytes")
        answers = [
            (device, self._post(device, content, message))
            for device in message.devices[:MAX_DEVICES]
        ]
        return _sum_up(message.reference, answers)

    def find(self, lookup: base.Lookup) -> base.Search:
        """Push services cannot be asked: nothing is ever proved."""
        return base.Search(detail="no_lookup")

    def close(self) -> None:
        """The connections are kept: opening them is the dear part."""

    def _post(self, device, content, message):
        if not push_endpoint.is_allowed(device.endpoint, self.config.base_url):
            return base.Result(base.PERMANENT, "bad_endpoint")
        try:
            body = _encrypt(content, device)
        except (ValueError, http_ece.ECEException) as error:
            return base.Result(base.PERMANENT, "bad_keys", type(error).__name__)
        url = push_endpoint.moved(device.endpoint, self.config.base_url)
        headers = {
            "Authorization": self._ticket(push_endpoint.origin(url)),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(push_payload.ttl(message.useful_for)),
            "Urgency": message.urgency,
            "Topic": push_payload.topic(message.reference),
        }
        try:
            answer = self._transport.call("POST", url, body, headers, TIMEOUT)
        except transport.NetworkError as error:
            return transport.network_result(error)
        return _read(answer)

    def _ticket(self, audience):
        """Return a ticket for one push service; signing anew each time is dear."""
        now = time.time()
        made, header = self._tickets.get(audience, (0.0, ""))
        if now - made > _TICKET_GOOD_FOR:
            contact = self.config.option("contact")
            header = vapid.ticket(self._key, audience, contact, now)
            self._tickets[audience] = (now, header)
        return header


def _encrypt(content, device):
    """Encrypt for one browser with a key made for this one message."""
    return http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=vapid.decode(device.p256dh),
        auth_secret=vapid.decode(device.auth),
        version="aes128gcm",
    )


def _read(answer):
    status = answer.status
    if status in TAKEN:
        return base.Result(base.ACCEPTED)
    if status < 400:
        # A push service does not redirect; following could lead anywhere.
        return base.Result(base.IN_DOUBT, f"http_{status}")
    found = errors.of_answer("push", status)
    return base.Result(
        found.kind,
        f"http_{status}",
        " ".join(answer.data[:200].decode("utf-8", "replace").split()),
        retry_after=transport.retry_after(answer.headers.get("Retry-After")),
        whole_account=found.whole_account,
    )


def _sum_up(reference: str, answers: Iterable) -> base.Result:
    """Return one result for all devices."""
    gone = tuple(
        device.endpoint
        for device, result in answers
        if result.code in {f"http_{status}" for status in GONE}
    )
    result = min((r for _d, r in answers), key=lambda r: _WEIGHT.index(r.kind))
    taken = sum(r.kind == base.ACCEPTED for _d, r in answers)
    if taken:
        detail = f"{taken} of {len(answers)}"
        # Reports come back under our reference: the services give no id we can use.
        return base.Result(base.ACCEPTED, "", detail, reference, gone=gone)
    waits = [r.retry_after for _d, r in answers if r.retry_after]
    return base.Result(
        result.kind,
        result.code,
        result.detail,
        retry_after=max(waits, default=None),
        whole_account=result.whole_account,
        gone=gone,
    )


registry.register(
    registry.Kind(
        "push",
        "Web push",
        CAPABILITIES,
        lambda config, _session: WebPushProvider(config),
        PushWebhook(),
    )
)
