"""The page at /: everything that was "sent", newest first, with a reply box."""

from datetime import datetime
from html import escape
from itertools import islice
from pathlib import Path
from string import Template

from aiohttp import web

from .push_api import PUSH
from .state import STATE

SHOWN = 100
PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
# Mails are shown in a frame without scripts; the page itself loads nothing foreign.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data: https: http:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
CHANNELS = {"sms": "SMS", "whatsapp": "WhatsApp"}


async def index(request):
    """Show the page, or only its list where the page asks for news."""
    store, push = request.app[STATE].store, request.app[PUSH]
    version = str(store.version)
    headers = {"X-Version": version, "Cache-Control": "no-store"}
    if "fragment" not in request.query:
        text = PAGE.substitute(version=version, entries=entries(store, push))
        headers["Content-Security-Policy"] = POLICY
        headers["Referrer-Policy"] = "same-origin"
        return web.Response(text=text, content_type="text/html", headers=headers)
    if request.query.get("seen") == version:
        return web.Response(status=204, headers=headers)
    return web.Response(
        text=entries(store, push), content_type="text/html", headers=headers
    )


def entries(store, push):
    """Return the list of messages, e-mails and notifications as HTML."""
    found = [(m.date_created, _message(m)) for m in islice(store.newest_first(), SHOWN)]
    found += [(mail["at"], _email(mail)) for mail in store.emails[-SHOWN:]]
    found += [(entry["at"], _push(entry, push)) for entry in push.entries[-SHOWN:]]
    found.sort(key=lambda item: item[0], reverse=True)
    stats = store.stats()
    totals = (
        f'<ul class="totals" aria-label="Totals"><li>{stats["accepted"]} messages</li>'
        f"<li>{stats['emails']} e-mails</li><li>{stats['inbound']} answers</li>"
        f"<li>{stats['opted_out']} stopped</li></ul>"
    )
    if not found:
        return (
            f"{totals}<p>Nothing yet. Messages appear here as soon as Veloc sends.</p>"
        )
    items = "".join(html for _at, html in found[:SHOWN])
    return f'{totals}<ol aria-label="Messages, newest first">{items}</ol>'


def _message(message):
    is_inbound = message.direction == "inbound"
    arrow = "from" if is_inbound else "to"
    person = message.sender if is_inbound else message.to
    status = escape(message.status)
    error = f" ({message.error_code})" if message.error_code else ""
    content = message.body or _template(message)
    return (
        f'<li class="entry {"inbound" if is_inbound else "outbound"}">'
        f'<div class="head"><span class="channel">{_channel(message)}</span>'
        f"<span>{arrow} {escape(person)}</span>"
        f'<span class="{status}">{status}{error}</span>{_time(message.date_created)}'
        f'</div><p class="body">{escape(content)}</p>'
        f"{'' if is_inbound else _reply(message)}</li>"
    )


def _channel(message):
    meta = " (Meta)" if message.api == "graph" else ""
    return f"{CHANNELS[message.channel]}{meta}"


def _template(message):
    if message.template:
        values = ", ".join(message.template["parameters"].values())
        return f"template {message.template['name']} ({values})"
    return f"template {message.content_sid}" if message.content_sid else ""


def _reply(message):
    box = f"reply-{message.sid}"
    return (
        '<form method="post" action="/sandbox/inbound">'
        f'<input type="hidden" name="from" value="{escape(message.to)}">'
        f'<input type="hidden" name="to" value="{escape(message.sender)}">'
        f'<label class="hidden" for="{box}">Answer of {escape(message.to)}</label>'
        f'<input id="{box}" name="body" maxlength="1600" required autocomplete="off" '
        'placeholder="Answer as this person, for example SAIR">'
        "<button>Answer</button></form>"
    )


def _email(mail):
    headers = "\n".join(f"{name}: {value}" for name, value in mail["headers"])
    frame = (
        f'<iframe sandbox title="E-mail {escape(mail["subject"])}" '
        f'srcdoc="{escape(mail["html"])}"></iframe>'
        if mail["html"]
        else ""
    )
    return (
        '<li class="entry outbound"><div class="head">'
        '<span class="channel">E-mail</span>'
        f"<span>to {escape(', '.join(mail['rcpt_tos']))}</span>"
        f'<span class="delivered">taken</span>{_time(mail["at"])}</div>'
        f'<p class="body"><strong>{escape(mail["subject"])}</strong></p>'
        f"<details><summary>Read the e-mail and its headers</summary>{frame}"
        f'<p class="body">{escape(mail["text"])}</p>'
        f'<p class="body quiet">{escape(headers)}</p></details></li>'
    )


def _push(entry, push):
    told, events = entry["told"], entry["events"]
    status = "replaced" if entry["replaced"] else (events or ["taken"])[-1]
    return (
        '<li class="entry outbound"><div class="head">'
        '<span class="channel">Notification</span>'
        f"<span>to browser {escape(entry['name'])}</span>"
        f'<span class="delivered">{status}</span>{_time(entry["at"])}</div>'
        f'<p class="body"><strong>{escape(told.get("title", ""))}</strong>\n'
        f"{escape(told.get('body', ''))}</p>"
        f'<p class="quiet">urgency {escape(entry["urgency"])}, kept for '
        f"{entry['ttl']} s · opens {escape(told.get('url', 'the preferences'))}</p>"
        f"{_buttons(entry, push)}</li>"
    )


def _buttons(entry, push):
    if entry["name"] in push.expired:
        return '<p class="quiet">This browser is gone.</p>'
    return (
        '<form method="post" action="/sandbox/push/react">'
        f'<input type="hidden" name="id" value="{entry["id"]}">'
        '<button name="event" value="click">Click it</button>'
        '<button name="event" value="close">Close it</button></form>'
        '<form method="post" action="/sandbox/push/expire">'
        f'<input type="hidden" name="name" value="{escape(entry["name"])}">'
        "<button>Throw the subscription away</button></form>"
    )


def _time(iso):
    at = datetime.fromisoformat(iso)
    return f'<time class="quiet" datetime="{iso}">{at:%d/%m %H:%M:%S} UTC</time>'


def add_routes(router):
    """Put the page on the router."""
    router.add_get("/", index)
