"""The door for what providers tell us."""

from urllib.parse import quote, urlsplit

from werkzeug.exceptions import RequestEntityTooLarge

from odoo.http import Controller, request, route

_PLAIN = [("Content-Type", "text/plain; charset=utf-8")]
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


# The biggest that any provider sends; each one's own limit is checked as well.
MAX_BYTES = 3 * 1024 * 1024


class WebhookController(Controller):
    @route(
        [
            "/veloc/webhook/<string:provider>/<string:code>",
            "/veloc/webhook/<string:provider>/<string:code>/<string:key>",
        ],
        type="http",
        auth="public",
        methods=["GET", "POST"],
        # The same report twice at once, forged calls in a flood.
        veloc_waits=("POST",),
        csrf=False,
        save_session=False,
        max_content_length=MAX_BYTES,
    )
    def receive(self, provider, code, key=None, **_form):
        """Verify, store once, answer. A cron makes sense of it."""
        http = request.httprequest
        # sudo: the caller is a provider; nothing is stored unless it signed the call.
        events_sudo = request.env["veloc.provider.event"].sudo()
        if http.method != "POST":
            status, text = events_sudo._handshake(provider, code, dict(http.args))
            return request.make_response(text, _PLAIN, status=status)
        if (http.content_length or 0) > events_sudo._max_bytes(provider):
            raise RequestEntityTooLarge
        is_form = http.mimetype in FORMS
        status = events_sudo._receive(
            {
                "provider": provider,
                "code": code,
                "reference": key,
                "path": _raw_path(http),
                "headers": {name.lower(): value for name, value in http.headers},
                "pairs": tuple(http.form.items(multi=True)) if is_form else None,
                "body": None if is_form else http.get_data(),
            }
        )
        return request.make_response("", status=status)


def _raw_path(http):
    """Return path and query as the caller wrote them: that is what it signed."""
    raw = http.environ.get("REQUEST_URI") or http.environ.get("RAW_URI")
    if not raw:
        query = http.query_string.decode("latin-1")
        return quote(http.path) + (f"?{query}" if query else "")
    if raw.startswith("/"):
        return raw
    parts = urlsplit(raw)
    return parts.path + (f"?{parts.query}" if parts.query else "")
