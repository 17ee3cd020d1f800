"""Forms on the broker's site: what they show, and what visitors send."""

import json

from odoo.http import Controller, Response, request, route

_OPEN = {"type": "http", "csrf": False, "save_session": False, "sitemap": False}
HEADERS = {"Cache-Control": "no-store", "Vary": "Origin"}


class CaptureController(Controller):
    """Called from other sites' pages: exact origins, no cookies, no session.

    csrf off: nothing rests on who is logged in. GET and OPTIONS never write.
    """

    @route(
        "/veloc/capture/<form>",
        auth="public",
        methods=["GET", "POST", "OPTIONS"],
        veloc_limit="capture_form",
        veloc_waits=("POST",),
        max_content_length=32_768,
        **_OPEN,
    )
    def capture(self, form, **_fields):
        """Return what the script shows; on POST take the form."""
        http = request.httprequest
        if http.method == "GET" and _is_preview(http):
            return self._preview_config(form)
        door_sudo, form_sudo, refusal = self._admit(form)
        if refusal is not None:
            return refusal
        if http.method == "GET":
            config = door_sudo._config(form_sudo, http.args.get("visitor"))
            return _answer(200, config)
        body = _read(http)
        if body is None:
            return _answer(*door_sudo._refuse(400, "malformed"))
        visit = {"ip": http.remote_addr, "user_agent": http.user_agent.string}
        return _answer(*door_sudo._submit(form_sudo, body, visit))

    @route(
        "/veloc/capture/<form>/note",
        auth="public",
        methods=["POST", "OPTIONS"],
        veloc_limit="capture_note",
        veloc_waits=("POST",),
        max_content_length=16_384,
        **_OPEN,
    )
    def capture_note(self, form, **_fields):
        """Take what the page tells without a form: a view, a closing, a beginning."""
        door_sudo, form_sudo, refusal = self._admit(form)
        if refusal is not None:
            return refusal
        body = _read(request.httprequest)
        if body is None:
            return _answer(*door_sudo._refuse(400, "malformed"))
        return _answer(*door_sudo._note(form_sudo, body))

    @route("/veloc/capture/<form>/preview", auth="user", methods=["GET"], **_OPEN)
    def capture_preview(self, form, **_fields):
        """Show a page with the form, for those who write it."""
        found = self._own_form(form)
        if not found:
            return request.not_found()
        policy = (
            "default-src 'none'; script-src 'self'; connect-src 'self'; "
            "style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        lang = request.env.lang or "en_US"
        return request.render(
            "veloc_crm.capture_preview_page",
            {"form": found, "page_lang": lang.replace("_", "-")},
            headers={**HEADERS, "Content-Security-Policy": policy},
        )

    def _preview_config(self, form):
        found = self._own_form(form)
        door = request.env["veloc.capture.door"]
        if not found:
            return _answer(*door._refuse(404, "unknown_form"))
        return _answer(200, door._config(found, is_preview=True))

    def _own_form(self, code):
        """Return the form if the user who is logged in may read it."""
        forms = request.env["veloc.capture.form"]
        if not forms.has_access("read"):
            return forms
        return forms.search([("code", "=", code)])

    def _admit(self, code):
        """Return door, form and, where there is no way in, the answer."""
        http = request.httprequest
        # sudo: an anonymous visitor of another site; the door does only what a live
        # form of that site allows.
        center_sudo = request.env["veloc.preference.center"].sudo()
        lang = center_sudo._language(center_sudo.env["res.partner"], _lang(http))
        door_sudo = center_sudo.with_context(lang=lang).env["veloc.capture.door"]
        origin = http.headers.get("Origin") or ""
        form_sudo = door_sudo._find(code)
        if not form_sudo:
            return (
                door_sudo,
                form_sudo,
                _answer(*door_sudo._refuse(404, "unknown_form")),
            )
        if not door_sudo._find(code, origin):
            refusal = door_sudo._refuse(403, "unknown_origin")
            return door_sudo, form_sudo, _answer(*refusal)
        request.veloc_origin = origin
        if http.method == "OPTIONS":
            return door_sudo, form_sudo, _answer(204, None)
        return door_sudo, form_sudo, None


def _answer(status, data):
    """Return JSON that only the form's own site may read."""
    headers = {**HEADERS, "X-Content-Type-Options": "nosniff"}
    if origin := getattr(request, "veloc_origin", None):
        headers["Access-Control-Allow-Origin"] = origin
    if status == 204:
        headers["Access-Control-Allow-Methods"] = "GET, POST"
        headers["Access-Control-Allow-Headers"] = "Content-Type"
        headers["Access-Control-Max-Age"] = "600"
        return Response(status=status, headers=headers)
    headers["Content-Type"] = "application/json; charset=utf-8"
    return Response(json.dumps(data), status=status, headers=headers)


def _read(http):
    """Return the JSON object that was sent, or None."""
    try:
        body = json.loads(http.get_data() or b"null")
        # Half a surrogate pair is JSON, but no text.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _lang(http):
    """Return the language of the page that asks."""
    wanted = (http.args.get("lang") or "").lower()
    return "en_US" if wanted.startswith("en") else "pt_BR"


def _is_preview(http):
    return http.args.get("preview") == "1"
