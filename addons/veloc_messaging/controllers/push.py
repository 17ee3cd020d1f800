"""A person's page for notifications, its manifest and its service worker."""

import json
from urllib.parse import urlsplit

from odoo.http import Controller, Response, request, route
from odoo.tools import file_open

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": POLICY,
}
ICON = "/veloc_messaging/static/src/push/icon"
WORKER = "veloc_messaging/static/src/push/service_worker.js"
# Replaced in the worker by the hosts that a click may open.
HOSTS = 'const HOSTS = ["veloc.invalid"];'
OPEN = {"auth": "public", "csrf": False, "save_session": False, "sitemap": False}


class PushController(Controller):
    """Subscribe and unsubscribe a browser. GET never writes.

    csrf off: the signed token in the address is the authority, there is no session to
    ride on, and a POST must come from a page of ours.
    """

    @route(
        "/veloc/push/<token>",
        type="http",
        methods=["GET", "POST"],
        veloc_waits=("POST",),
        max_content_length=8192,
        **OPEN,
    )
    def page(self, token, **_fields):
        """Show the page; on POST do what the person asked for."""
        partner_sudo, lang = self._find(token)
        if not partner_sudo:
            return self._show("veloc_compliance.link_invalid_page", "en_US", {}, 404)
        http = request.httprequest
        if http.method != "POST":
            return self._page(token, partner_sudo, lang)
        if not _is_from_our_page(http):
            return _json({"error": {"code": "foreign_origin"}}, 403)
        is_json = http.mimetype == "application/json"
        raw = _read_json(http) if is_json else http.form.to_dict()
        proof = {
            "ip": http.remote_addr or "",
            "user_agent": (http.user_agent.string or "")[:512],
            "language": lang,
        }
        is_done = partner_sudo.env["veloc.push.page"]._act(partner_sudo, raw, proof)
        if not is_json:
            return self._page(token, partner_sudo, lang, is_stopped=is_done)
        if not is_done:
            return _json({"error": {"code": "bad_request"}}, 400)
        return _json({"status": "ok"})

    @route("/veloc/push/<token>/app.webmanifest", type="http", methods=["GET"], **OPEN)
    def manifest(self, token):
        """Let the page be kept on the home screen: iPhones ask for that."""
        partner_sudo, lang = self._find(token)
        if not partner_sudo:
            return _json({}, 404)
        name = "Veloc Broker"
        return _json(
            {
                "name": name,
                "short_name": name,
                "lang": lang.replace("_", "-"),
                "id": "/veloc/push/",
                "start_url": f"/veloc/push/{token}",
                "scope": "/veloc/push/",
                "display": "standalone",
                "background_color": "#f3f5f9",
                "theme_color": "#0b4f8a",
                "icons": [
                    {"src": f"{ICON}-{n}.png", "sizes": f"{n}x{n}", "type": "image/png"}
                    for n in (192, 512)
                ],
            },
            content_type="application/manifest+json",
        )

    @route("/veloc/push/sw.js", type="http", methods=["GET"], **OPEN)
    def service_worker(self):
        """Serve the worker from here: that makes /veloc/push/ its scope."""
        with file_open(WORKER) as file:
            source = file.read()
        hosts = json.dumps(request.env["veloc.push.page"]._hosts())
        return Response(
            source.replace(HOSTS, f"const HOSTS = {hosts};"),
            headers={
                "Content-Type": "text/javascript; charset=utf-8",
                "Cache-Control": "no-cache",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _find(self, token):
        # sudo: an anonymous visitor, but the token's signature names the person.
        center_sudo = request.env["veloc.preference.center"].sudo()
        partner_sudo, _link = center_sudo._find("preferences", token)
        wanted = request.httprequest.args.get("lang")
        lang = center_sudo._language(partner_sudo, wanted)
        return partner_sudo.with_context(lang=lang), lang

    def _page(self, token, partner_sudo, lang, **more):
        values = partner_sudo.env["veloc.push.page"]._values(partner_sudo)
        values |= {
            "icon_url": f"{ICON}-192.png",
            "manifest_url": f"/veloc/push/{token}/app.webmanifest",
            "preferences_url": partner_sudo._veloc_preferences_path(),
            "is_stopped": False,
            **more,
        }
        return self._show("veloc_messaging.push_page", lang, values)

    def _show(self, template, lang, values, status=200):
        request.update_context(lang=lang)
        page_lang = lang.replace("_", "-")
        values = {**values, "page_lang": page_lang}
        return request.render(template, values, status=status, headers=HEADERS)


def _is_from_our_page(http):
    """Return whether a browser that says where a request comes from says: here."""
    if http.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    source = http.headers.get("Origin")
    if source is None:
        return True
    public = request.env["veloc.contact.gate"]._public_url()
    return urlsplit(source).netloc in {http.host, urlsplit(public).netloc}


def _read_json(http):
    try:
        return json.loads(http.get_data() or b"null")
    except (ValueError, RecursionError):  # nested too deep is no wish either
        return None


def _json(data, status=200, content_type="application/json"):
    headers = {
        "Content-Type": content_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(json.dumps(data), status=status, headers=headers)
