"""Templates at Twilio: kept by its Content API, approved by WhatsApp."""

from __future__ import annotations

import json
from typing import Any

from urllib3.util import make_headers

from ..rules import whatsapp_template
from . import base, transport

CONTENT = "https://content.twilio.com/v1/Content"


class TwilioContent:
    """The part of Twilio's adapter that talks about templates.

    Twilio keeps a text first and hands it to WhatsApp in a second call. The
    official client has it only as generated classes without times-out of their own;
    these two calls are plain JSON.
    """

    config: base.Config

    def submit_template(self, spec: base.TemplateSpec) -> base.TemplateState:
        """Keep a template and hand it in. Never raises for trouble of the service.

        A text that was kept but not handed in is a draft with a reference: calling
        again makes a new one, which costs nothing and is never sent.
        """
        if refusal := self.prepare():
            return base.TemplateState("", whatsapp_template.DRAFT, refusal.detail)
        kept, trouble = self._ask("POST", CONTENT, _prepare(spec))
        ref = str(kept.get("sid") or "")
        if not ref:
            return base.TemplateState("", whatsapp_template.DRAFT, trouble)
        wish = {"name": spec.name, "category": spec.category}
        url = f"{CONTENT}/{ref}/ApprovalRequests/whatsapp"
        answer, trouble = self._ask("POST", url, wish)
        if not answer.get("status"):
            return base.TemplateState(ref, whatsapp_template.DRAFT, trouble)
        return _state(ref, answer)

    def template_state(self, ref: str) -> base.TemplateState:
        """Ask what became of a template; without an answer it still waits."""
        answer, trouble = self._ask("GET", f"{CONTENT}/{ref}/ApprovalRequests")
        approval = answer.get("whatsapp")
        if not isinstance(approval, dict) or not approval.get("status"):
            return base.TemplateState(ref, whatsapp_template.PENDING, trouble)
        return _state(ref, approval)

    def _ask(self, method, url, data=None) -> tuple[dict[str, Any], str]:
        """Return the answer, or {} and why there is none."""
        basic = make_headers(basic_auth=":".join(self.client.auth))
        headers, body = {"Authorization": basic["authorization"]}, None
        if data is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(data).encode()
        try:
            answer = self.http.transport.call(
                method, self.http._address(url), body, headers
            )
        except transport.NetworkError as error:
            return {}, type(error).__name__
        try:
            tree = json.loads(answer.data)
        except ValueError:
            tree = None
        if not isinstance(tree, dict):
            return {}, f"http_{answer.status}"
        if answer.status >= 400:
            return {}, f"{tree.get('code', '')} {tree.get('message', '')}".strip()[:200]
        return tree, ""


def _prepare(spec: base.TemplateSpec) -> dict[str, Any]:
    names = whatsapp_template.gaps(spec.body)
    return {
        "friendly_name": spec.name,
        "language": spec.lang,
        "variables": dict(zip(names, spec.samples, strict=False)),
        "types": {"twilio/text": {"body": spec.body}},
    }


def _state(ref: str, approval: dict[str, Any]) -> base.TemplateState:
    status = whatsapp_template.state_of(str(approval["status"]))
    return base.TemplateState(ref, status, str(approval.get("rejection_reason") or ""))
