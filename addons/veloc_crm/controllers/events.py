"""The way in for the broker's programs."""

import json

import orjson
from werkzeug.exceptions import UnsupportedMediaType

from odoo.http import Controller, request, route

from ..models.ir_http import json_error
from ..rules.event_schema import EnvelopeError, check_envelope

MAX_KEY = 128


class Events(Controller):
    """Errors that are not written here take their shape in ``ir.http``."""

    @route(
        "/veloc/api/v1/events",
        type="http",
        auth="bearer",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=8_388_608,
    )
    def receive(self):
        """Store a batch and say, row by row, what was refused and why."""
        ingest = request.env["veloc.ingest"]
        ingest._check_may_ingest()
        ingest._check_pressure()
        if request.httprequest.mimetype != "application/json":
            raise UnsupportedMediaType
        body = request.httprequest.get_data()
        try:
            source, events = _read(body)
        except EnvelopeError as error:
            status = 413 if error.code == "too_many_events" else 422
            return json_error(status, error.code, request.env._(str(error)))
        except (ValueError, RecursionError):
            return json_error(400, "malformed_json", "The body is not a JSON object.")
        key = request.httprequest.headers.get("Idempotency-Key")
        if key is not None and not (key.isprintable() and 0 < len(key) <= MAX_KEY):
            message = "The Idempotency-Key must have 1 to 128 printable characters."
            return json_error(400, "invalid_idempotency_key", message)
        with ingest._in_impatient() as ingest:
            return _answer(ingest.env, key, body, source, events)


def _answer(env, key, body, source, events):
    """Return the stored answer of a request that came before, or a new one."""
    uid = env.uid
    # sudo: the caller's group was checked; it needs no right on what events touch.
    requests_sudo = env["veloc.api.request"].sudo()
    if key:
        is_new, known = requests_sudo._claim(uid, key, body)
        if not is_new and known is None:
            message = "This Idempotency-Key was used with another body."
            return json_error(409, "idempotency_conflict", message)
        if not is_new:
            return request.make_json_response(known)
    # sudo: as above.
    answer = env["veloc.ingest"].sudo()._run(source, events)
    if key:
        requests_sudo._settle(uid, key, answer)
    return request.make_json_response(answer)


def _read(body):
    """Return source and events of a well-formed body."""
    try:
        document = orjson.loads(body)
    except ValueError:
        # Half a surrogate pair or a number out of range: a fault of its row, not of
        # the whole body, if the patient reader makes sense of it.
        document = json.loads(body, parse_constant=_refuse)
    if not isinstance(document, dict):
        _refuse(type(document).__name__)
    source, events = document.get("source"), document.get("events")
    check_envelope(source, events)
    return source, events


def _refuse(name):
    raise ValueError(f"{name} is not a JSON object")
