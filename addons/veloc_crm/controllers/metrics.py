"""Numbers for those who watch the house from outside."""

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from ..rules.metrics_text import CONTENT_TYPE

LIMIT = "metrics"


class Metrics(Controller):
    """For Prometheus; there is no such page until a token is set."""

    @route(
        "/veloc/metrics",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        readonly=True,
    )
    def metrics(self):
        """Return the numbers to whoever shows the token."""
        env = request.env(user=SUPERUSER_ID)
        header = request.httprequest.headers.get("Authorization", "")
        scheme, _space, token = header.partition(" ")
        allowed = env["veloc.metrics"]._is_allowed(token.strip())
        if allowed is None:
            return request.make_response("", status=404)
        if wait := env["veloc.access.limit"]._hit_by_address(LIMIT):
            return request.env["ir.http"]._veloc_wait_page(wait)
        if not allowed or scheme.lower() != "bearer":
            headers = [("WWW-Authenticate", "Bearer")]
            return request.make_response("", headers=headers, status=401)
        return request.make_response(
            env["veloc.metrics"]._render(), headers=[("Content-Type", CONTENT_TYPE)]
        )
