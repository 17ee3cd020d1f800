"""Templates at Meta: handing one in, and asking what became of it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from ..rules import whatsapp_template
from . import base, transport

_SHOWN = "id,name,language,status,category,rejected_reason"


class WhatsappTemplates:
    """The part of the adapter that talks about templates."""

    config: base.Config

    def submit_template(self, spec: base.TemplateSpec) -> base.TemplateState:
        """Hand a template in for approval. Never raises for trouble of the service.

        What stands there already under this name and language is adopted, so that a
        lost answer is settled by submitting again.
        """
        if reason := self._refuse_templates():
            return base.TemplateState("", whatsapp_template.DRAFT, reason)
        path = f"{self.config.option('waba_id')}/message_templates"
        answer, trouble = self._ask("POST", path, _prepare(spec))
        if ref := _text(answer.get("id")):
            return base.TemplateState(ref, _status(answer))
        known = self._find_template(spec)
        if known:
            return _state(known)
        return base.TemplateState("", whatsapp_template.DRAFT, trouble)

    def template_state(self, ref: str) -> base.TemplateState:
        """Ask what became of a template; without an answer it still waits."""
        if reason := self._refuse_templates():
            return base.TemplateState(ref, whatsapp_template.PENDING, reason)
        answer, trouble = self._ask("GET", f"{ref}?{urlencode({'fields': _SHOWN})}")
        if not answer.get("status"):
            return base.TemplateState(ref, whatsapp_template.PENDING, trouble)
        return _state({**answer, "id": ref})

    def _refuse_templates(self) -> str:
        refusal = self.prepare()
        if refusal:
            return refusal.detail
        if not self.config.option("waba_id").isdecimal():
            return "WhatsApp Business Account ID missing"
        return ""

    def _find_template(self, spec: base.TemplateSpec) -> dict[str, Any] | None:
        query = urlencode({"name": spec.name, "fields": _SHOWN})
        path = f"{self.config.option('waba_id')}/message_templates?{query}"
        answer, _trouble = self._ask("GET", path)
        found = answer.get("data")
        for template in found if isinstance(found, list) else ():
            if (template.get("name"), template.get("language")) == (
                spec.name,
                spec.lang,
            ):
                return template
        return None

    def _ask(self, method, path, data=None) -> tuple[dict[str, Any], str]:
        """Return the answer, or {} and why there is none."""
        try:
            answer = self.call(method, path, data)
        except transport.NetworkError as error:
            return {}, type(error).__name__
        try:
            tree = json.loads(answer.data)
        except ValueError:
            return {}, f"http_{answer.status}"
        if not isinstance(tree, dict):
            return {}, f"http_{answer.status}"
        if isinstance(error := tree.get("error"), dict):
            words = error.get("error_user_msg") or error.get("message") or ""
            return {}, f"{error.get('code', '')} {words}".strip()[:200]
        return tree, ""


def _prepare(spec: base.TemplateSpec) -> dict[str, Any]:
    data = {
        "name": spec.name,
        "language": spec.lang,
        "category": spec.category,
        "components": [whatsapp_template.body_component(spec.body, spec.samples)],
    }
    if whatsapp_template.is_named(spec.body):
        data["parameter_format"] = "NAMED"
    return data


def _state(template: dict[str, Any]) -> base.TemplateState:
    reason = _text(template.get("rejected_reason"))
    reason = "" if reason == "NONE" else reason
    return base.TemplateState(_text(template.get("id")), _status(template), reason)


def _status(template: dict[str, Any]) -> str:
    return whatsapp_template.state_of(_text(template.get("status")) or "PENDING")


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""
