"""A push service and the browsers behind it (RFC 8030, 8291, 8292).

A browser is a name: its keys follow from the name, so that it is the same after a
restart. It decrypts what it gets, shows it, and reports as our service worker does.
"""

import asyncio
import base64
import hashlib
import json
import time
from urllib.parse import urlsplit

import http_ece
import jwt
from aiohttp import web
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .push_store import PushStore
from .state import STATE

BEFORE = {"rate_limit", "unauthorized", "html_500", "hang", "drop", "push_gone"}
AFTER = {"html_500_after_accept", "hang_after_accept", "drop_after_accept"}
MOST = 4096
DAY = 86400
EVENTS = ("click", "close")
PUSH = web.AppKey("push", PushStore)


class Browser:
    """One invented browser."""

    def __init__(self, name):
        self.name = name
        digest = hashlib.sha256(b"veloc sandbox browser " + name.encode()).digest()
        self.key = ec.derive_private_key(int.from_bytes(digest, "big"), ec.SECP256R1())
        self.auth = hashlib.sha256(b"auth " + name.encode()).digest()[:16]

    def subscription(self, root):
        """Return what ``PushSubscription.toJSON()`` gives in a real browser."""
        point = self.key.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return {
            "endpoint": f"{root}/push/{self.name}",
            "expirationTime": None,
            "keys": {"p256dh": _encode(point), "auth": _encode(self.auth)},
        }

    def read(self, body):
        """Return the decrypted message; an exception says that it is not for us."""
        text = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"
        )
        return json.loads(text)


# === THE PUSH SERVICE === #


async def receive(request):
    """Take one message for one browser, or refuse it as push services do."""
    state, push = request.app[STATE], request.app[PUSH]
    name = request.match_info["name"]
    body = await request.read()
    if refusal := _refusal(request, push, name, body):
        return refusal
    try:
        told = Browser(name).read(body)
    except (InvalidTag, ValueError, http_ece.ECEException):
        # A real service cannot look inside; here it is a bug to be seen.
        return _plain(400, "this browser cannot decrypt the message")
    facts = {"to": name, "body": told.get("body", "")}
    if fault := state.faults.take(BEFORE, **facts):
        return await _fail_before(request, push, fault)
    await asyncio.sleep(state.delay)
    entry = push.keep(name, told, dict(request.headers))
    if not state.faults.take({"no_callback"}, **facts):
        push.show_soon(entry, state.caller.speed)
    if fault := state.faults.take(AFTER, **facts):
        return await _fail_after(request, fault)
    place = f"{request.scheme}://{request.host}/push/messages/{entry['id']}"
    return web.Response(status=201, headers={"Location": place})


def _refusal(request, push, name, body):
    """Return the refusal for a request that breaks a rule, in a service's order."""
    if name in push.expired:
        return _plain(410, "push subscription has unsubscribed or expired")
    if trouble := _vapid_trouble(request, push, name):
        return trouble
    headers = request.headers
    if headers.get("Content-Encoding") != "aes128gcm":
        return _plain(400, "Content-Encoding must be aes128gcm")
    if not headers.get("TTL", "").isdigit():
        return _plain(400, "TTL is missing")
    if len(body) > MOST:
        return _plain(413, "the payload is too large")
    return None


def _vapid_trouble(request, push, name):
    scheme, _space, rest = request.headers.get("Authorization", "").partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme.lower() != "vapid" or not {"t", "k"} <= parts.keys():
        return _plain(401, "no VAPID authorization")
    try:
        point = base64.urlsafe_b64decode(parts["k"] + "=" * (-len(parts["k"]) % 4))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(
            parts["t"], key, ["ES256"], audience=f"{request.scheme}://{request.host}"
        )
    except (ValueError, jwt.PyJWTError) as error:
        return _plain(401, f"the VAPID ticket is not valid: {error}")
    if claims.get("exp", 0) > time.time() + DAY:
        return _plain(401, "the VAPID ticket is good for too long")
    if not str(claims.get("sub", "")).startswith(("mailto:", "https:", "http:")):
        return _plain(401, "the VAPID ticket names no contact")
    if push.key_of(name, parts["k"]) != parts["k"]:
        return _plain(403, "the key does not match the one of the subscription")
    return None


async def _fail_before(request, push, fault):
    if fault.kind == "push_gone":
        push.expire(request.match_info["name"])
        return _plain(410, "push subscription has unsubscribed or expired")
    if fault.kind == "rate_limit":
        wait = {"Retry-After": str(fault.retry_after)}
        return web.Response(status=429, text="slow down", headers=wait)
    if fault.kind in {"unauthorized", "html_500"}:
        return _plain({"unauthorized": 401, "html_500": 500}[fault.kind], "fault")
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    return _drop(request)


async def _fail_after(request, fault):
    if fault.kind == "html_500_after_accept":
        return _plain(500, "fault")
    if fault.kind == "hang_after_accept":
        await asyncio.sleep(fault.seconds)
    return _drop(request)


def _drop(request):
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


def _plain(status, text):
    return web.Response(status=status, text=text)


def _encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# === CONTROL === #


async def subscribe(request):
    """Return the subscription of a browser of that name."""
    data = await request.json()
    name, push = str(data.get("name") or ""), request.app[PUSH]
    if not name.isascii() or not name.replace("-", "").isalnum():
        return _plain(400, "name: letters, digits and hyphens")
    push.revive(name)
    root = f"{request.scheme}://{request.host}"
    return web.json_response(Browser(name).subscription(root), status=201)


async def expire(request):
    """Let the browser of that name throw its subscription away."""
    request.app[PUSH].expire((await _fields(request)).get("name", ""))
    return _done(request)


async def react(request):
    """Let the person click or close a notification."""
    data, push = await _fields(request), request.app[PUSH]
    entry = push.find(data.get("id", ""))
    if entry is None or data.get("event") not in EVENTS:
        return _plain(400, "id and event (click or close) are needed")
    await asyncio.shield(push.report(entry, data["event"]))
    return _done(request)


async def pushes(request):
    """Show the messages taken, oldest first."""
    name = request.query.get("name")
    shown = [e for e in request.app[PUSH].entries if name in (None, e["name"])]
    return web.json_response({"pushes": shown})


async def _fields(request):
    if request.content_type == "application/json":
        return await request.json()
    return dict(await request.post())


def _done(request):
    if request.content_type != "application/json":
        raise web.HTTPSeeOther(urlsplit(request.headers.get("Referer", "/")).path)
    return web.json_response({"status": "ok"})


def add_routes(router):
    """Put the push service and its control routes on the router."""
    router.add_post("/push/{name}", receive)
    router.add_post("/sandbox/push/subscriptions", subscribe)
    router.add_post("/sandbox/push/expire", expire)
    router.add_post("/sandbox/push/react", react)
    router.add_get("/sandbox/pushes", pushes)
