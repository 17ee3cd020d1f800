"""The door for what providers tell us."""

from urllib.parse import quote, urlsplit

from odoo.http import Controller, request, route

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class WebhookController(Controller):
    @route(
        [
            "/veloc/webhook/<string:provider>/<string:code>",
            "/veloc/webhook/<string:provider>/<string:code>/<string:key>",
        ],
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=65536,
    )
    def receive(self, provider, code, key=None, **_form):
        """Verify, store once, answer. A cron makes sense of it."""
        http = request.httprequest
        is_form = http.mimetype in FORMS
        # sudo: the caller is a provider; nothing is stored unless it signed the call.
        events_sudo = request.env["veloc.provider.event"].sudo()
        status = events_sudo._receive(
            {
                "provider": provider,
                "code": code,
                "reference": key,
                "path": _raw_path(http),
                "signature": http.headers.get("X-Twilio-Signature"),
                "pairs": list(http.form.items(multi=True)) if is_form else None,
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
