"""Meta's Cloud API on the loopback: messages and templates of one number."""

import asyncio
import hmac
import re

from aiohttp import web

from . import graph_templates
from .broken import AFTER, BEFORE, drop, html_500
from .graph_errors import GraphRefusal
from .meta import USER_ID, Person
from .review import filled
from .state import STATE

VERSION = r"/v{major:\d+}.{minor:\d+}"
PATH = re.compile(r"/v\d+\.\d+/")
MAX_TEXT = 4096
_DIGITS = re.compile(r"\+?[1-9]\d{7,14}")
# Refused at once; see graph_caller.MAGIC for those that fail later.
MAGIC = {
    "whatsapp:+15005550005": 131056,
    "whatsapp:+15005550006": 130429,
    "whatsapp:+15005550007": 190,
    "whatsapp:+15005550008": 132001,
    "whatsapp:+15005550009": 131009,
}


@web.middleware
async def graph_errors(request, handler):
    """Turn refusals into Meta's JSON and check the token first."""
    if not PATH.match(request.path):
        return await handler(request)
    state = request.app[STATE]
    state.store.counters["requests"] += 1
    try:
        _check_token(request, state.meta)
        return await handler(request)
    except GraphRefusal as refusal:
        return web.json_response(refusal.as_json(), status=refusal.status)


def _check_token(request, meta):
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    is_known = hmac.compare_digest(token.encode(), meta.token.encode())
    if scheme != "Bearer" or not is_known:
        raise GraphRefusal(190)
    owner = request.match_info.get("owner")
    if owner and owner not in (meta.phone_number_id, meta.waba_id):
        raise GraphRefusal(100, f"Object with ID '{owner}' does not exist", subcode=33)


async def _json(request):
    try:
        data = await request.json()
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise GraphRefusal(100, "The body is no JSON object")
    return data


# === MESSAGES === #


async def send(request):
    """Accept a message, or fail the way somebody asked for."""
    state, data = request.app[STATE], await _json(request)
    facts = _facts(data, state.meta)
    half = state.delay / 2
    if fault := state.faults.take(BEFORE, **facts):
        return await _fail_before(request, fault)
    await asyncio.sleep(half)
    values = _values(data, state)
    if code := MAGIC.get(facts["to"]):
        raise GraphRefusal(code)
    state.pairs.take(facts["to"])
    message = state.store.accept(
        account_sid=state.meta.phone_number_id,
        to=facts["to"],
        sender=state.meta.address,
        status="accepted",
        api="graph",
        opaque=str(data.get("biz_opaque_callback_data") or ""),
        **values,
    )
    state.graph.start_life(message)
    await asyncio.sleep(state.delay - half)
    if fault := state.faults.take(AFTER, **facts):
        return await _fail_after(request, fault)
    return web.json_response(_accepted(data, message))


def _facts(data, meta):
    to, person = data.get("to"), data.get("recipient")
    number = str(to or "").lstrip("+")
    text = data.get("text")
    return {
        "to": f"whatsapp:+{number}" if to else f"whatsapp:{person or ''}",
        "from": meta.address,
        "body": str(text.get("body", "")) if isinstance(text, dict) else "",
    }


def _values(data, state):
    """Return what is kept of a sound request; a GraphRefusal says what is wrong."""
    if data.get("messaging_product") != "whatsapp":
        raise GraphRefusal(100, "messaging_product must be whatsapp")
    to, person = data.get("to"), data.get("recipient")
    if not to and not person:
        raise GraphRefusal(131008, "The parameter to is required")
    if to and not _DIGITS.fullmatch(str(to)):
        raise GraphRefusal(131009, "The parameter to is no phone number")
    if person and not USER_ID.fullmatch(str(person)):
        raise GraphRefusal(131009, "The parameter recipient is no user id")
    if str(to or "").lstrip("+") == state.meta.number.lstrip("+"):
        raise GraphRefusal(131021)
    kind = data.get("type", "text")
    reader = {"text": _text, "template": _template, "image": _image}.get(kind)
    if reader is None:
        raise GraphRefusal(131051, f"The sandbox does not know the type {kind}")
    part = data.get(kind)
    if not isinstance(part, dict):
        raise GraphRefusal(131008, f"The parameter {kind} is required")
    return reader(part, state)


def _text(part, _state):
    body = part.get("body")
    if not isinstance(body, str) or not body:
        raise GraphRefusal(131008, "text.body is required")
    if len(body) > MAX_TEXT:
        raise GraphRefusal(131009, "text.body is longer than 4096 characters")
    return {"body": body}


def _image(part, _state):
    if not part.get("link") and not part.get("id"):
        raise GraphRefusal(131008, "image.link or image.id is required")
    return {"body": part.get("caption", ""), "num_media": 1}


def _template(part, state):
    name, language = part.get("name"), part.get("language")
    if not name or not isinstance(language, dict) or not language.get("code"):
        raise GraphRefusal(131008, "template.name and language.code are required")
    parameters = {}
    for component in part.get("components") or ():
        if str(component.get("type", "")).lower() != "body":
            continue
        for number, parameter in enumerate(component.get("parameters") or (), 1):
            text = parameter.get("text")
            if not isinstance(text, str) or not text:
                raise GraphRefusal(131008, f"Parameter {number} is empty")
            if "\n" in text or "\t" in text or "     " in text:
                raise GraphRefusal(132018, "A parameter has line breaks or tabs")
            parameters[parameter.get("parameter_name", str(number))] = text
    used = {"name": name, "lang": language["code"], "parameters": parameters}
    known = graph_templates.check_use(state, used)
    if known:
        used["category"] = known["category"]
    body = filled(known["body"], parameters) if known else ""
    return {"body": body, "template": {"category": "UTILITY", **used}}


def _accepted(data, message):
    person = Person(message.to)
    contact = {"input": str(data.get("to") or data.get("recipient"))}
    contact["user_id"] = person.user_id
    if not person.is_hidden:
        contact["wa_id"] = person.wa_id
    return {
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [{"id": message.sid, "message_status": "accepted"}],
    }


async def _fail_before(request, fault):
    if fault.kind == "rate_limit":
        raise GraphRefusal(130429, "Too many messages from this number")
    if fault.kind == "unauthorized":
        raise GraphRefusal(190)
    if fault.kind == "refuse":
        raise GraphRefusal(fault.code)
    if fault.kind == "html_500":
        return html_500()
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    return drop(request)


async def _fail_after(request, fault):
    if fault.kind == "html_500_after_accept":
        return html_500()
    if fault.kind == "hang_after_accept":
        await asyncio.sleep(fault.seconds)
    return drop(request)


async def create_template(request):
    """Take a template for review."""
    return await graph_templates.create(request, await _json(request))


def add_routes(router):
    """Put the API on the router."""
    owner = VERSION + r"/{owner:\d+}"
    router.add_post(f"{owner}/messages", send)
    router.add_post(f"{owner}/message_templates", create_template)
    router.add_get(f"{owner}/message_templates", graph_templates.list_templates)
    router.add_get(VERSION + r"/{id:\d+}", graph_templates.fetch)
