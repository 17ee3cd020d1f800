"""Twilio's Content API: templates, and their approval for WhatsApp."""

from uuid import uuid4

from aiohttp import web

from .errors import Refusal
from .state import STATE
from .store import now_text

CATEGORIES = {"UTILITY", "MARKETING", "AUTHENTICATION"}
ROOT = "/v1/Content"
# Twilio's own words for what the reviewers say.
WORDS = {"PENDING": "pending", "APPROVED": "approved", "REJECTED": "rejected"}
UNSUBMITTED = "UNSUBMITTED"


async def create(request):
    """Keep a template; nobody reviews it yet."""
    state, data = request.app[STATE], await _json(request)
    types = data.get("types")
    text = types.get("twilio/text") if isinstance(types, dict) else None
    if not data.get("language") or not isinstance(text, dict) or not text.get("body"):
        raise Refusal(20001, what="language and types are required")
    template = {
        "id": f"HX{uuid4().hex}",
        "api": "content",
        "name": str(data.get("friendly_name") or ""),
        "language": data["language"],
        "category": "",
        "body": text["body"],
        "variables": data.get("variables") or {},
        "status": UNSUBMITTED,
        "reason": "",
        "at": now_text(),
    }
    state.store.keep_template(template)
    return web.json_response(_shown(template, state), status=201)


async def fetch(request):
    """Show one template."""
    return web.json_response(_shown(_find(request), request.app[STATE]))


async def submit(request):
    """Hand a template to the reviewers of WhatsApp."""
    state, template, data = request.app[STATE], _find(request), await _json(request)
    if not data.get("name") or data.get("category") not in CATEGORIES:
        raise Refusal(20001, what="name and category are required")
    template = template | {"name": data["name"], "category": data["category"]}
    state.review.start(template)
    answer = _approval(template | {"status": "RECEIVED"})
    return web.json_response(answer, status=201)


async def approvals(request):
    """Show what the reviewers say."""
    template = _find(request)
    shown = {
        "sid": template["id"],
        "account_sid": request.app[STATE].account_sid,
        "whatsapp": _approval(template),
        "url": f"https://content.twilio.com{ROOT}/{template['id']}/ApprovalRequests",
    }
    return web.json_response(shown)


async def _json(request):
    try:
        data = await request.json()
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Refusal(20001, what="the body is no JSON object")
    return data


def _find(request):
    template = request.app[STATE].store.templates.get(request.match_info["sid"])
    if template is None or template["api"] != "content":
        raise Refusal(20404, uri=request.path)
    return template


def _shown(template, state):
    return {
        "sid": template["id"],
        "account_sid": state.account_sid,
        "friendly_name": template["name"],
        "language": template["language"],
        "variables": template["variables"],
        "types": {"twilio/text": {"body": template["body"]}},
        "date_created": template["at"],
        "date_updated": template["at"],
        "url": f"https://content.twilio.com{ROOT}/{template['id']}",
    }


def _approval(template):
    status = template["status"]
    return {
        "type": "whatsapp",
        "name": template["name"],
        "category": template["category"],
        "content_type": "twilio/text",
        "status": WORDS.get(status, status.lower()),
        "rejection_reason": template["reason"],
        "allow_category_change": False,
    }


def add_routes(router):
    """Put the API on the router."""
    router.add_post(ROOT, create)
    router.add_get(f"{ROOT}/{{sid}}", fetch)
    router.add_post(f"{ROOT}/{{sid}}/ApprovalRequests/whatsapp", submit)
    router.add_get(f"{ROOT}/{{sid}}/ApprovalRequests", approvals)
