"""The sandbox's own routes: faults on demand, inspection, inbound messages."""

import asyncio
from dataclasses import asdict

from aiohttp import web

from . import returns
from .faults import KINDS, Fault
from .push_api import PUSH
from .state import STATE


def bad(text):
    """Answer that a request makes no sense."""
    return web.json_response(
        {"error": {"code": "bad_request", "message": text}}, status=400
    )


async def body_of(request):
    """Return the JSON object or the form of a request, None for neither."""
    if request.content_type != "application/json":
        return dict(await request.post())
    try:
        data = await request.json()
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


async def health(_request):
    """Answer that the process is up."""
    return web.json_response({"status": "ok"})


async def messages(request):
    """Show everything accepted, oldest first, with counts per (to, body, key)."""
    store, query = request.app[STATE].store, request.query
    shown = [
        message.as_record()
        for message in store.messages.values()
        if all(
            not query.get(name) or getattr(message, name) == query[name]
            for name in ("to", "direction", "status", "key")
        )
    ]
    return web.json_response({"messages": shown, "counts": store.counts()})


async def emails(request):
    """Show the e-mails taken, oldest first."""
    store, to = request.app[STATE].store, request.query.get("to")
    shown = [email for email in store.emails if not to or to in email["rcpt_tos"]]
    return web.json_response({"emails": shown})


async def bounces(request):
    """Show the mails that come back, as a mail gateway would get them."""
    store, to = request.app[STATE].store, request.query.get("to")
    found = [
        {"about": taken["rcpt_tos"], "mail": mail}
        for taken in store.emails
        if (not to or to in taken["rcpt_tos"]) and (mail := returns.of(taken))
    ]
    return web.json_response({"bounces": found})


async def stats(request):
    """Show the totals."""
    return web.json_response(request.app[STATE].store.stats())


async def reset(request):
    """Forget messages, e-mails, pushes, opt-outs and faults."""
    state = request.app[STATE]
    await state.caller.forget()
    state.store.reset()
    await state.graph.forget()
    state.pairs.forget()
    request.app[PUSH].reset()
    state.faults.clear()
    return web.json_response({"status": "ok"})


async def add_fault(request):
    """Put a fault in force."""
    data = await body_of(request)
    if data is None:
        return bad("the body is not a JSON object")
    try:
        fault = Fault.from_json(data)
    except (TypeError, ValueError) as error:
        return bad(str(error))
    return web.json_response(asdict(request.app[STATE].faults.add(fault)), status=201)


async def list_faults(request):
    """Show the faults in force with their hits, and the kinds there are."""
    faults = [asdict(fault) for fault in request.app[STATE].faults.faults]
    return web.json_response({"faults": faults, "kinds": KINDS})


async def clear_faults(request):
    """Let everything work again."""
    request.app[STATE].faults.clear()
    return web.json_response({"status": "ok"})


async def set_delay(request):
    """Set how long the API thinks about each message, in milliseconds."""
    data = await body_of(request) or {}
    try:
        request.app[STATE].delay = max(float(data["delay_ms"]), 0) / 1000
    except (KeyError, TypeError, ValueError):
        return bad("delay_ms must be a number")
    return web.json_response({"delay_ms": request.app[STATE].delay * 1000})


async def inbound(request):
    """Let a person write to one of our numbers; the page and the tests use it."""
    data = await body_of(request)
    if data is None or not all(data.get(name) for name in ("from", "to", "body")):
        return bad("from, to and body are needed")
    state = request.app[STATE]
    words = (data["from"], data["to"], data["body"], data.get("url", ""))
    if data["to"] == state.meta.address:
        # "message" holds the fields of a button, a location… in Meta's shape.
        post = state.graph.say(*words, said=data.get("message"))
    else:
        post = state.caller.say(*words)
    message, outcome = await asyncio.shield(post)
    if request.content_type != "application/json":
        raise web.HTTPSeeOther("/")
    return web.json_response({"sid": message.sid, "webhook": outcome}, status=201)


def add_routes(router):
    """Put the control routes on the router."""
    router.add_get("/sandbox/health", health)
    router.add_get("/sandbox/messages", messages)
    router.add_get("/sandbox/emails", emails)
    router.add_get("/sandbox/bounces", bounces)
    router.add_get("/sandbox/stats", stats)
    router.add_post("/sandbox/reset", reset)
    router.add_post("/sandbox/faults", add_fault)
    router.add_get("/sandbox/faults", list_faults)
    router.add_post("/sandbox/faults/clear", clear_faults)
    router.add_post("/sandbox/delay", set_delay)
    router.add_post("/sandbox/inbound", inbound)
