from odoo import models
from odoo.exceptions import AccessError
from odoo.http import request


class IrHttp(models.AbstractModel):
    """Notes what remote calls show: the web client's and JSON-2."""

    _inherit = "ir.http"

    @classmethod
    def _dispatch(cls, endpoint):
        try:
            answer = super()._dispatch(endpoint)
        except AccessError:
            model, method, ids = _call()
            reading = request.env["veloc.ledger.reading"]
            reading._denied(model, method or request.httprequest.path, ids)
            raise
        model, method, ids = _call()
        if model and model in request.env:
            reading = request.env["veloc.ledger.reading"]
            reading._called(request.env[model], method, ids, answer)
        return answer


def _call():
    """Return model, method and ids of a call by RPC, empty for other requests."""
    params = request.params
    if "__model__" in params:  # JSON-2
        return params["__model__"], params["__method__"], _ids(params.get("ids"))
    if {"model", "method", "args", "kwargs"} <= params.keys():  # the web client
        args = params["args"]
        ids = args[0] if isinstance(args, list) and args else ()
        return params["model"], params["method"], _ids(ids)
    return "", "", ()


def _ids(value):
    """Return the ids that a caller sent, as far as they are such."""
    if isinstance(value, int):
        return (value,)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(id_ for id_ in value if isinstance(id_, int))
