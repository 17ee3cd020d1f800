"""Errors of the API, in the API's own shape: programs read codes, not pages."""

import logging

from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    ServiceUnavailable,
)

from odoo import http, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

API_ROOT = "/veloc/api/"
# A client that is still sending does not read our refusal; so let it finish.
DRAIN_LIMIT = 32 * 1024 * 1024

ERRORS = {
    400: ("malformed", "The request cannot be read."),
    401: ("unauthorized", "A valid API key is needed: Authorization: Bearer <key>."),
    403: ("forbidden", "This key's user may not do that."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The body is larger than 8 MiB."),
    415: ("unsupported_media_type", "Send JSON: Content-Type: application/json."),
    429: ("too_many_requests", "Too many calls; wait as long as Retry-After says."),
    500: ("server_error", "Something went wrong on our side; it has been logged."),
    503: ("busy", "Too much at once; send the same request again in a moment."),
}


OVERLOADED = "The system cannot keep up; send the same request again after Retry-After."


class Overloaded(ServiceUnavailable):
    """A batch is refused at the door; nothing of it was looked at."""

    def __init__(self):
        super().__init__(retry_after=2)


class IrHttp(models.AbstractModel):
    """Everything below ``/veloc/api/`` answers errors as JSON, without traceback."""

    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        try:
            return super()._match(path_info)
        except MethodNotAllowed as error:
            # Raised before the dispatcher is chosen: nobody would ask us later.
            error.error_response = cls._handle_error(error)
            raise

    @classmethod
    def _handle_error(cls, exception):
        if not request.httprequest.path.startswith(API_ROOT):
            return super()._handle_error(exception)
        status = _status_of(exception)
        if status == 413:
            _drain(request.httprequest)
        code, message = ERRORS.get(status, ERRORS[500])
        if isinstance(exception, Overloaded):
            code, message = "overloaded", OVERLOADED
        response = json_error(status, code, message)
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if status == 429:
            response.headers["Retry-After"] = str(exception.retry_after or 1)
        if status == 503:
            response.headers["Retry-After"] = str(
                getattr(exception, "retry_after", None) or 1
            )
        return response


def json_error(status, code, message):
    """Return an error answer of the contract's shape."""
    return request.make_json_response(
        {"error": {"code": code, "message": message}}, status=status
    )


def _status_of(exception):
    if isinstance(exception, http.SessionExpiredException):
        return 401
    if isinstance(exception, HTTPException):
        return exception.code or 500
    if isinstance(exception, UserError):
        return getattr(exception, "http_status", 422)
    if isinstance(exception, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
        return 503
    return 500


def _drain(httprequest):
    """Read and forget the body, up to a limit; what is larger is cut off."""
    if (httprequest.content_length or 0) <= DRAIN_LIMIT:
        httprequest.max_content_length = DRAIN_LIMIT
        httprequest.get_data(cache=False)
