import time

from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from werkzeug.exceptions import TooManyRequests, Unauthorized, abort

from odoo import models
from odoo.http import Response, request

from . import refusals
from .caller import known_to_rpc

# What an answer is when somebody guesses: wrong key, not allowed, no such code.
GUESSES = frozenset({401, 403, 404})
# Our pages without an account; the API counts keys instead.
OUR_PAGES, NOT_PAGES = "/veloc/", "/veloc/api/"
# A session that is used writes down that it was, at most so often.
SEEN_EACH = 60


class IrHttp(models.AbstractModel):
    """The doors of the server: who may knock how often, and how long one stays in."""

    _inherit = "ir.http"

    # === HOW OFTEN === #

    @classmethod
    def _pre_dispatch(cls, rule, args):  # pylint: disable=missing-return
        """Refuse a form that is posted too often (routing key ``veloc_limit``).

        ``veloc_waits`` names the methods in which two callers at once wait for one
        another.
        """
        super()._pre_dispatch(rule, args)
        routing = rule.endpoint.routing
        if request.httprequest.method in routing.get("veloc_waits", ()):
            cls._veloc_read_committed()
        code = routing.get("veloc_limit")
        if code and request.httprequest.method == "POST":
            limits = request.env["veloc.access.limit"]
            if wait := limits._hit_by_address(code):
                abort(cls._veloc_wait_page(wait))

    @classmethod
    def _veloc_read_committed(cls):
        """Begin the request's transaction anew: a wait in it ends with fresh data.

        People press twice, and mail services beside them; under REPEATABLE READ all
        but the first would fail, sleep for seconds and be tried again. Nothing was
        written yet, so nothing is lost.
        """
        cr = request.env.cr
        cr.rollback()
        # A test's cursor is never idle and keeps its mode.
        if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_IDLE:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

    @classmethod
    def _dispatch(cls, endpoint):
        with known_to_rpc(request.httprequest):
            response = super()._dispatch(endpoint)
        return cls._veloc_count_guess(response)

    @classmethod
    def _veloc_count_guess(cls, response):
        """Answer 429 to whoever guesses links; one that is right is never held up.

        Behind one address stand a whole mobile network or Gmail, whose people follow
        their links and take back their consent.
        """
        path = request.httprequest.path
        status = getattr(response, "status_code", 200)
        if status not in GUESSES or not path.startswith(OUR_PAGES):
            return response
        if path.startswith(NOT_PAGES):
            return response
        wait = request.env["veloc.access.limit"]._hit_by_address("public_page")
        return cls._veloc_wait_page(wait) if wait else response

    @classmethod
    def _veloc_wait_page(cls, wait):
        """Return the page that asks to wait, with 429 and Retry-After."""
        words = request.env["veloc.access.limit"]._words(wait)
        return Response(
            words,
            status=refusals.TOO_MANY,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": str(wait), "Cache-Control": "no-store"},
        )

    @classmethod
    def _auth_method_bearer(cls):  # pylint: disable=missing-return
        """Count calls of a key, and wrong keys; a right key is never held up by them.

        The key is looked at first: many programs may stand behind one address.
        """
        limits = request.env["veloc.access.limit"]
        try:
            super()._auth_method_bearer()
            request.env["res.users"]._veloc_count_call()
        except Unauthorized:
            if wait := limits._hit_by_address("bearer"):
                raise TooManyRequests(limits._words(wait), retry_after=wait) from None
            raise
        except refusals.TooOftenError as error:
            # Any other exception would end as "access denied".
            raise TooManyRequests(error.args[0], retry_after=error.wait) from error

    # === HOW LONG === #

    @classmethod
    def _must_check_identity(cls):
        """Hold what auth_timeout promises also where its own measure fails.

        Odoo renews ``create_time`` every three hours, when it changes the session's
        key: somebody who keeps working would never reach 12 hours. And only a browser
        with an open websocket tells that its user is idle: a stolen cookie does not.
        """
        must = super()._must_check_identity()
        if must:
            return must
        session, now = request.session, time.time()
        timeouts = request.env(user=session.uid).user._get_lock_timeouts()
        since = session.setdefault("veloc_since", session.get("create_time", now))
        for seconds, mfa in timeouts["lock_timeout"]:
            if now - since >= seconds:
                return {"logout": True, "mfa": mfa}
        seen = max(
            session.get("veloc_seen", now), session.get("identity-check-last", 0)
        )
        for seconds, mfa in timeouts["lock_timeout_inactivity"]:
            if now - seen >= seconds:
                return {"check_identity": True, "mfa": mfa}
        if now - session.get("veloc_seen", 0) >= SEEN_EACH:
            session["veloc_seen"] = now
        return must

    # === WHAT ANSWERS SAY === #

    @classmethod
    def _post_dispatch(cls, response):  # pylint: disable=missing-return
        super()._post_dispatch(response)
        wait = getattr(request, "veloc_wait", 0)
        if wait:
            response.status_code = refusals.TOO_MANY
            response.headers["Retry-After"] = str(wait)
        request.env["veloc.answer"]._secure(response)

    @classmethod
    def _handle_error(cls, exception):
        response = super()._handle_error(exception)
        if hasattr(response, "headers"):
            if wait := getattr(exception, "wait", 0):
                response.headers["Retry-After"] = str(wait)
            request.env["veloc.answer"]._without_traceback(response, exception)
            request.env["veloc.answer"]._secure(response)
        return response
