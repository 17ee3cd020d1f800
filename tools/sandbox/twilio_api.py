"""Twilio's Messages API: create, fetch, list, cancel, redact, delete."""

import asyncio
import base64
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from aiohttp import web

from . import validation
from .broken import AFTER, BEFORE, drop, html_500
from .errors import Refusal
from .message import CANCELABLE
from .state import STATE

ROOT = "/2010-04-01/Accounts/{account_sid}"
MAX_PAGE = 1000


@web.middleware
async def twilio_errors(request, handler):
    """Turn refusals into Twilio's JSON and check the credentials first."""
    if not request.path.startswith(("/2010-04-01/", "/v1/Content")):
        return await handler(request)
    state = request.app[STATE]
    state.store.counters["requests"] += 1
    try:
        _check_credentials(request, state)
        return await handler(request)
    except Refusal as refusal:
        return web.json_response(refusal.as_json(), status=refusal.status)


def _check_credentials(request, state):
    scheme, _space, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _colon, secret = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        raise Refusal(20003) from None
    is_known = user == state.account_sid and hmac.compare_digest(
        secret.encode(), state.auth_token.encode()
    )
    if scheme.lower() != "basic" or not is_known:
        raise Refusal(20003)
    if request.match_info.get("account_sid", user) != user:
        raise Refusal(20404, uri=request.path)


# === CREATE === #


async def create(request):
    """Accept a message, or fail the way somebody asked for."""
    state = request.app[STATE]
    form = await request.post()
    facts = _facts(form)
    half = state.delay / 2
    if fault := state.faults.take(BEFORE, **facts):
        return await _fail_before(request, fault, facts)
    await asyncio.sleep(half)
    validation.check(form, datetime.now(UTC))
    if state.store.has_opted_out(facts["to"], facts["from"]):
        raise Refusal(21610)
    message = state.store.accept(**_values(form, state.account_sid))
    if message.status != CANCELABLE:
        state.caller.start_life(message)
    answer = message.as_json()
    await asyncio.sleep(state.delay - half)
    if fault := state.faults.take(AFTER, **facts):
        return await _fail_after(request, fault)
    return web.json_response(answer, status=201)


def _facts(form):
    return {
        "to": form.get("To", ""),
        "from": form.get("From", ""),
        "body": form.get("Body", ""),
    }


def _values(form, account_sid):
    service = form.get("MessagingServiceSid") or None
    status = "accepted" if service else "queued"
    return {
        "account_sid": account_sid,
        "to": form["To"].strip(),
        "sender": form.get("From", "").strip(),
        "body": form.get("Body", ""),
        "messaging_service_sid": service,
        "content_sid": form.get("ContentSid") or None,
        "content_variables": form.get("ContentVariables") or None,
        "status_callback": form.get("StatusCallback", ""),
        "num_media": len(form.getall("MediaUrl", [])),
        "status": CANCELABLE if form.get("ScheduleType") else status,
    }


async def _fail_before(request, fault, facts):
    if fault.kind == "rate_limit":
        refusal, headers = Refusal(20429), {"Retry-After": str(fault.retry_after)}
        return web.json_response(refusal.as_json(), status=429, headers=headers)
    if fault.kind == "unauthorized":
        raise Refusal(20003)
    if fault.kind == "refuse":
        raise Refusal(fault.code, to=facts["to"], sender=facts["from"])
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


# === ONE MESSAGE === #


def _find(request):
    message = request.app[STATE].store.messages.get(request.match_info["sid"])
    if message is None:
        raise Refusal(20404, uri=request.path)
    return message


async def fetch(request):
    """Show one message."""
    return web.json_response(_find(request).as_json())


async def update(request):
    """Cancel a scheduled message, or empty the body of any."""
    message, store = _find(request), request.app[STATE].store
    form = await request.post()
    if form.get("Status") == "canceled":
        if message.status != CANCELABLE:
            raise Refusal(30409)
        store.move(message, "canceled")
    elif form.get("Body") == "":
        store.redact(message)
    return web.json_response(message.as_json())


async def delete(request):
    """Forget one message."""
    request.app[STATE].store.delete(_find(request))
    return web.Response(status=204)


async def account(request):
    """Show the account, as a connection test asks for."""
    sid = request.app[STATE].account_sid
    return web.json_response(
        {
            "friendly_name": "Veloc sandbox",
            "sid": sid,
            "status": "active",
            "type": "Trial",
            "uri": f"/2010-04-01/Accounts/{sid}.json",
        }
    )


# === LIST === #


async def list_messages(request):
    """Show a page of messages, newest first, filtered the way Twilio filters."""
    query = request.query
    size = _whole(query.get("PageSize"), 50, 1, MAX_PAGE)
    page = _whole(query.get("Page"), 0, 0, 10**6)
    found = [m for m in request.app[STATE].store.newest_first() if _matches(m, query)]
    start = page * size
    shown = found[start : start + size]
    has_next = start + size < len(found)
    return web.json_response(
        {
            "end": max(start + len(shown) - 1, 0),
            "first_page_uri": _page_uri(request, 0, size),
            "messages": [message.as_json() for message in shown],
            "next_page_uri": _page_uri(request, page + 1, size) if has_next else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": _page_uri(request, page - 1, size) if page else None,
            "start": start,
            "uri": _page_uri(request, page, size),
        }
    )


def _whole(text, default, lowest, highest):
    if not text or not text.isdecimal():
        return default
    return min(max(int(text), lowest), highest)


def _page_uri(request, page, size):
    query = {**request.query, "PageSize": size, "Page": page}
    return f"{request.path}?{urlencode(query)}"


def _matches(message, query):
    if query.get("To") and message.to != query["To"]:
        return False
    if query.get("From") and message.sender != query["From"]:
        return False
    # A message that waits has no date_sent yet; its creation is the best there is.
    sent = datetime.fromisoformat(message.date_sent or message.date_created)
    if (bounds := _bounds(query.get("DateSent"))) and not (
        bounds[0] <= sent < bounds[1]
    ):
        return False
    if (bounds := _bounds(query.get("DateSent<"))) and sent >= bounds[1]:
        return False
    bounds = _bounds(query.get("DateSent>"))
    return not bounds or sent >= bounds[0]


def _bounds(text):
    """Return the first and the next moment of a day or of a second."""
    if not text:
        return None
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    is_day = len(text) == 10 or "T00:00:00" in text
    length = timedelta(days=1) if is_day else timedelta(seconds=1)
    return start, start + length


def add_routes(router):
    """Put the API on the router."""
    router.add_get(f"{ROOT}.json", account)
    router.add_post(f"{ROOT}/Messages.json", create)
    router.add_get(f"{ROOT}/Messages.json", list_messages)
    router.add_get(f"{ROOT}/Messages/{{sid}}.json", fetch)
    router.add_post(f"{ROOT}/Messages/{{sid}}.json", update)
    router.add_delete(f"{ROOT}/Messages/{{sid}}.json", delete)
