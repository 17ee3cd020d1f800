"""WhatsApp through Meta's Cloud API.

Meta keeps no history that could be searched: a lost answer is settled by the status
webhooks, which hand our reference back. Without one, a person decides.
"""

from __future__ import annotations

import json
from typing import Any

from ..rules import whatsapp_payload
from . import base, errors, registry, transport
from .whatsapp_templates import WhatsappTemplates
from .whatsapp_webhook import WhatsappWebhook

CAPABILITIES = base.Capabilities(
    channels=frozenset({"whatsapp"}),
    templates=True,
    callbacks=True,
    replies=True,
    media=True,
)
BASE_URL = "https://graph.facebook.com"
GRAPH_VERSION = "v26.0"
MAX_DETAIL = 200


class WhatsappProvider(WhatsappTemplates):
    """One phone number at Meta; ``account_sid`` is its phone number id."""

    def __init__(self, config: base.Config) -> None:
        self.config = config
        self.transport = transport.Transport(config.concurrency)
        version = config.option("graph_version") or GRAPH_VERSION
        self.root = f"{(config.base_url or BASE_URL).rstrip('/')}/{version}"

    def prepare(self) -> base.Result | None:
        """Refuse to start without the token and the number that Meta asks for."""
        if self.config.account_sid.isdecimal() and self.config.secret:
            return None
        return base.Result(
            base.CONFIG,
            "no_secret",
            "Phone number ID or access token missing",
            whole_account=True,
        )

    def send(self, message: base.Outgoing) -> base.Result:
        """Hand over the message. Only a request that never left may be sent again."""
        base.refuse_unsupported(CAPABILITIES, message)
        if refusal := self.prepare():
            return refusal
        try:
            payload = self.payload(message)
        except whatsapp_payload.PayloadError as error:
            return base.Result(base.PERMANENT, str(error))
        try:
            answer = self.call("POST", f"{self.config.account_sid}/messages", payload)
        except transport.NetworkError as error:
            return transport.network_result(error)
        return _result(answer)

    def payload(self, message: base.Outgoing) -> dict[str, Any]:
        """Return the JSON of a message; a PayloadError says what it lacks."""
        if message.template_name:
            content = whatsapp_payload.template(
                message.template_name, message.lang, message.content_variables
            )
        elif message.media:
            content = whatsapp_payload.image(message.media[0], message.body)
        else:
            content = whatsapp_payload.text(message.body)
        return whatsapp_payload.message(
            message.to,
            content,
            reference=message.reference,
            reply_to=message.reply_to,
        )

    def find(self, lookup: base.Lookup) -> base.Search:
        """Prove nothing: Meta shows no list of what was sent."""
        return base.Search(detail="no_lookup")

    def close(self) -> None:
        """The connections are kept: opening them is the dear part."""

    def call(self, method: str, path: str, data: dict[str, Any] | None = None):
        """Return Meta's answer; raises what the transport raises."""
        headers = {"Authorization": f"Bearer {self.config.secret}"}
        body = None
        if data is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
        return self.transport.call(method, f"{self.root}/{path}", body, headers)


def tree_of(answer) -> dict[str, Any]:
    """Return the JSON object of an answer, {} when it is none."""
    try:
        tree = json.loads(answer.data)
    except (ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}


def _result(answer) -> base.Result:
    tree = tree_of(answer)
    error = tree.get("error")
    if isinstance(error, dict):
        return _refusal(answer, error)
    if 200 <= answer.status < 300:
        return _accepted(tree)
    if answer.status < 400:
        return base.Result(base.IN_DOUBT, f"http_{answer.status}")
    found = errors.of_answer("whatsapp", answer.status)
    return base.Result(
        found.kind,
        f"http_{answer.status}",
        retry_after=transport.retry_after(answer.headers.get("Retry-After")),
        whole_account=found.whole_account,
    )


def _accepted(tree: dict[str, Any]) -> base.Result:
    messages = tree.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    ref = first.get("id") if isinstance(first, dict) else None
    if not ref or not isinstance(ref, str):
        return base.Result(base.IN_DOUBT, "bad_answer", "no id")
    # Meta may hold a template back to watch how people take it; it is accepted.
    status = str(first.get("message_status") or "accepted")
    return base.Result(base.ACCEPTED, provider_ref=ref, status=status)


def _refusal(answer, error: dict[str, Any]) -> base.Result:
    """Class an error in Meta's own words."""
    code = error.get("code")
    code = code if type(code) is int else None
    found = errors.of_answer("whatsapp", answer.status, code)
    asked = transport.retry_after(answer.headers.get("Retry-After"))
    waits = [asked, found.wait_seconds, found.hold_hours * 3600.0]
    kind = found.kind
    if kind == base.SLOW and found.scope:
        # Too much to this one person: it waits, everybody else goes on.
        kind = base.RETRY
    elif kind == base.POLICY:
        kind = _policy(found)
    return base.Result(
        kind,
        str(answer.status if code is None else code),
        detail_of(error),
        retry_after=max(filter(None, waits), default=None),
        whole_account=found.whole_account,
    )


def _policy(found: errors.ErrorClass) -> str:
    """Return the kind for a limit of Meta: whom it is about makes the difference."""
    if found.whole_account:
        return base.CONFIG  # the account is blocked; going on loses every message
    if found.hold_hours and not found.scope:
        return base.SLOW  # the number wrote too much; it rests, nothing is lost
    return base.POLICY


def detail_of(error: dict[str, Any]) -> str:
    """Return the words of an error, the most exact ones."""
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else data
    words = details or error.get("error_user_msg") or error.get("message") or ""
    return str(words)[:MAX_DETAIL]


registry.register(
    registry.Kind(
        "whatsapp",
        "WhatsApp Cloud API",
        CAPABILITIES,
        lambda config, _session: WhatsappProvider(config),
        WhatsappWebhook(),
    )
)
