import json
import logging
import secrets

from odoo import api, models
from odoo.http import request
from odoo.tools import config

from ...rules import answer_headers

_logger = logging.getLogger(__name__)


class VelocAnswer(models.AbstractModel):
    """What leaves the server besides its content: headers, cookies, no tracebacks."""

    _name = "veloc.answer"
    _description = "Safety of answers"

    @api.model
    def _secure(self, response):
        """Add the headers that are missing, and make cookies safe."""
        headers = response.headers
        # With proxy_mode Odoo knows the visitor's scheme from the proxy.
        is_https = request.httprequest.scheme == "https"
        is_page = (headers.get("Content-Type") or "").startswith("text/html")
        if is_page and (own := headers.get("Content-Security-Policy")):
            headers["Content-Security-Policy"] = answer_headers.stricter_policy(own)
        missing = answer_headers.missing_headers(headers.keys(), is_page, is_https)
        for name, value in missing.items():
            headers[name] = value
        cookies = headers.getlist("Set-Cookie")
        if cookies:
            safe = [answer_headers.safe_cookie(c, is_https) for c in cookies]
            headers.setlist("Set-Cookie", safe)

    @api.model
    def _without_traceback(self, response, exception):
        """Leave the traceback of a JSON error in the log, and give its number.

        It names files, versions and values; whoever runs the server finds it by the
        number. Odoo in ``--dev`` mode keeps it.
        """
        if config["dev_mode"] or request.dispatcher.routing_type not in (
            "jsonrpc",
            "json2",
        ):
            return
        body = json.loads(response.get_data() or "null")
        error = body.get("error", {}).get("data") if "jsonrpc" in body else body
        if not isinstance(error, dict) or not error.get("debug"):
            return
        number = secrets.token_hex(4)
        _logger.info("Error %s is told to a client: %s", number, error.get("name"))
        error["debug"] = number
        response.set_data(json.dumps(body))
