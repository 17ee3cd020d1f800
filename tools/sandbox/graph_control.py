"""The sandbox's own routes for playing Meta: webhooks, people, reviewers, pace."""

import asyncio

from aiohttp import web

from .control import bad, body_of
from .graph_templates import change_of
from .state import STATE


async def subscribe(request):
    """Shake hands with a webhook, as the app's settings at Meta do."""
    url = (await body_of(request) or {}).get("url")
    if not url:
        return bad("url is needed")
    done = await request.app[STATE].graph.subscribe(url)
    return web.json_response({"subscribed": done}, status=201 if done else 409)


async def preference(request):
    """Let a person stop or resume marketing in WhatsApp itself."""
    data = await body_of(request) or {}
    if not data.get("from") or data.get("value") not in ("stop", "resume"):
        return bad("from and value (stop, resume) are needed")
    post = request.app[STATE].graph.prefer(data["from"], data["value"])
    return web.json_response({"webhook": await asyncio.shield(post)}, status=201)


async def deliver(request):
    """Post changes of any kind in one signed batch: [{"field", "value"}…]."""
    changes = (await body_of(request) or {}).get("changes")
    if not isinstance(changes, list):
        return bad("changes is a list")
    graph = request.app[STATE].graph
    whole = [graph.change(c.get("value") or {}, c.get("field")) for c in changes]
    return web.json_response({"webhook": await graph.tell(whole)}, status=201)


async def pair(request):
    """Set how many messages one person takes at once, and the seconds for one."""
    pairs, data = request.app[STATE].pairs, await body_of(request) or {}
    try:
        pairs.burst = float(data.get("burst", pairs.burst))
        pairs.every = max(float(data.get("every", pairs.every)), 0.001)
    except (TypeError, ValueError):
        return bad("burst and every are numbers")
    pairs.forget()
    return web.json_response({"burst": pairs.burst, "every": pairs.every})


async def templates(request):
    """Show the templates that were submitted, through either API."""
    found = list(request.app[STATE].store.templates.values())
    return web.json_response({"templates": found})


async def decide(request):
    """Let the reviewers pause, disable, reject or approve a template."""
    data = await body_of(request) or {}
    status = str(data.get("status", "")).upper()
    if not data.get("id") or not status:
        return bad("id and status are needed")
    review = request.app[STATE].review
    template = await review.decide(data["id"], status, data.get("reason", ""))
    if template is None:
        return bad("no such template")
    return web.json_response(template)


def tell_decisions(graph):
    """Return the listener that tells the webhook about Meta's own templates."""

    async def tell(template):
        if template["api"] == "graph":
            await graph.tell([change_of(template)])

    return tell


def add_routes(router):
    """Put the control routes on the router."""
    router.add_post("/sandbox/graph/subscribe", subscribe)
    router.add_post("/sandbox/graph/preference", preference)
    router.add_post("/sandbox/graph/deliver", deliver)
    router.add_post("/sandbox/graph/pair", pair)
    router.add_post("/sandbox/templates", decide)
    router.add_get("/sandbox/templates", templates)
