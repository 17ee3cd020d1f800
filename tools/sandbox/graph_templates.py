"""Meta's message templates: create, look at, list; a webhook when decided."""

import re
from uuid import uuid4

from aiohttp import web

from .graph_errors import GraphRefusal
from .review import places
from .state import STATE

CATEGORIES = {"UTILITY", "MARKETING", "AUTHENTICATION"}
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANG = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_EDGE = re.compile(r"^\s*\{\{[^}]*\}\}|\{\{[^}]*\}\}\s*[.!?]?\s*$")
MAX_BODY = 1024
SHOWN = ("id", "name", "language", "category", "status")


async def create(request, data):
    """Take a template for review."""
    state = request.app[STATE]
    body = _check(data)
    name, language = data["name"], data["language"]
    for known in _ours(state):
        if (known["name"], known["language"]) == (name, language):
            raise GraphRefusal(
                100, "Content in this language already exists", subcode=2388024
            )
    template = {
        "id": str(uuid4().int % 10**15),
        "api": "graph",
        "name": name,
        "language": language,
        "category": data["category"],
        "body": body,
        "reason": "",
    }
    state.review.start(template)
    answer = {name: template[name] for name in ("id", "category")}
    return web.json_response(answer | {"status": "PENDING"})


def _check(data):
    name, language = data.get("name"), data.get("language")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise GraphRefusal(100, "The name has small letters, digits and _ only")
    if not isinstance(language, str) or not _LANG.fullmatch(language):
        raise GraphRefusal(100, "Unknown language")
    if data.get("category") not in CATEGORIES:
        raise GraphRefusal(100, "Unknown category")
    bodies = [c for c in data.get("components") or () if c.get("type") == "BODY"]
    if len(bodies) != 1 or not bodies[0].get("text"):
        raise GraphRefusal(131008, "A template needs one body")
    body = bodies[0]["text"]
    if len(body) > MAX_BODY:
        raise GraphRefusal(100, "The body is too long", subcode=2388040)
    if _EDGE.search(body):
        raise GraphRefusal(
            100, "Variables can't be at the start or end", subcode=2388299
        )
    if len(_samples(bodies[0])) != len(places(body)):
        raise GraphRefusal(100, "A sample is missing", subcode=2388043)
    return body


def _samples(part):
    example = part.get("example") or {}
    if "body_text_named_params" in example:
        return example["body_text_named_params"]
    return (example.get("body_text") or [[]])[0]


def _ours(state):
    return [t for t in state.store.templates.values() if t["api"] == "graph"]


async def fetch(request):
    """Show one template."""
    state = request.app[STATE]
    template = state.store.templates.get(request.match_info["id"])
    if template is None or template["api"] != "graph":
        raise GraphRefusal(100, "Object with this ID does not exist", subcode=33)
    return web.json_response(_shown(template))


async def list_templates(request):
    """Show the templates, by name where one is asked for."""
    name = request.query.get("name")
    data = [
        _shown(template)
        for template in _ours(request.app[STATE])
        if not name or template["name"] == name
    ]
    return web.json_response({"data": data, "paging": {}})


def _shown(template):
    shown = {name: template[name] for name in SHOWN}
    if template["status"] == "REJECTED":
        shown["rejected_reason"] = template["reason"]
    return shown


def check_use(state, template):
    """Refuse to send a template that Meta would not send now.

    A name that nobody submitted here counts as approved long ago, unless it says
    that it is "missing": demo data need no submission first.
    """
    name, language = template["name"], template["lang"]
    for known in _ours(state):
        if (known["name"], known["language"]) == (name, language):
            break
    else:
        if "missing" in name:
            raise GraphRefusal(132001, f"template name ({name}) does not exist")
        return None
    refused = {"PAUSED": 132015, "DISABLED": 132016}
    if known["status"] != "APPROVED":
        raise GraphRefusal(refused.get(known["status"], 132001), known["status"])
    if len(template["parameters"]) != len(places(known["body"])):
        raise GraphRefusal(132000, "the number of parameters differs")
    return known


def change_of(template):
    """Return what the webhook says about a decision."""
    value = {
        "event": template["status"],
        "message_template_id": int(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"],
        "message_template_category": template["category"],
        "reason": template["reason"] or "NONE",
    }
    return {"field": "message_template_status_update", "value": value}
