"""XML-RPC and /jsonrpc call models without a route that a model could extend.

Both go through ``odoo.service.model.call_kw``: it is wrapped once per process, and
the wrapper does nothing for databases without Veloc.
"""

from odoo.exceptions import AccessError
from odoo.service import model as service

from .ir_http import _ids


def _wrapped(call_kw):
    def recorded(model, name, args, kwargs):
        reading = model.env.get("veloc.ledger.reading")
        if reading is None:
            return call_kw(model, name, args, kwargs)
        asked = _ids(args[0]) if args else ()
        try:
            answer = call_kw(model, name, args, kwargs)
        except AccessError:
            reading._denied(model._name, name, asked)
            raise
        reading._called(model, name, asked, answer)
        return answer

    recorded.veloc_recorded = True
    return recorded


if not hasattr(service.call_kw, "veloc_recorded"):
    service.call_kw = _wrapped(service.call_kw)
