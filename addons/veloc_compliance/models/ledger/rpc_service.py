"""XML-RPC and /jsonrpc call models without a route that a model could extend.

Both go through ``odoo.service.model.execute_cr``: it is wrapped once per process, and
the wrapper does nothing for databases without Veloc.
"""

from odoo import api
from odoo.exceptions import AccessError
from odoo.service import model as service

from .ir_http import _ids


def _wrapped(execute_cr):
    def recorded(cr, uid, obj, method, args, kw):
        env = api.Environment(cr, uid, {})
        if "veloc.ledger.reading" not in env or obj not in env:
            return execute_cr(cr, uid, obj, method, args, kw)
        reading = env["veloc.ledger.reading"]
        asked = _ids(args[0]) if args else ()
        try:
            answer = execute_cr(cr, uid, obj, method, args, kw)
        except AccessError:
            reading._denied(obj, method, asked)
            raise
        # The caller commits once more when it leaves: that writes what is noted here.
        reading._called(env[obj], method, asked, answer)
        return answer

    recorded.veloc_recorded = True
    return recorded


if not hasattr(service.execute_cr, "veloc_recorded"):
    service.execute_cr = _wrapped(service.execute_cr)
