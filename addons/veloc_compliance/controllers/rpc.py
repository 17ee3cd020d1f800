"""XML-RPC without tracebacks: what goes wrong inside is told by a number."""

import logging
import secrets

from odoo.exceptions import RedirectWarning, UserError
from odoo.http import Response, route
from odoo.tools import config

from odoo.addons.rpc.controllers import RPC
from odoo.addons.rpc.controllers.xmlrpc import dumps
from odoo.addons.rpc.controllers.xmlrpc import xmlrpc as protocol

_logger = logging.getLogger(__name__)
FOR_PEOPLE = (UserError, RedirectWarning)
APPLICATION_ERROR = 1


class RpcController(RPC):
    """Odoo's own doors, with what they answer when the server stumbles."""

    @route()
    def xmlrpc_1(self, service):
        try:
            return super().xmlrpc_1(service)
        except Exception as error:
            _hide_traceback(error)
            raise

    @route()
    def xmlrpc_2(self, service):
        try:
            return super().xmlrpc_2(service)
        except Exception as error:
            _hide_traceback(error)
            raise


def _hide_traceback(error):
    """Put a number in place of files, lines and values; the log has the rest."""
    if isinstance(error, FOR_PEOPLE) or config["dev_mode"]:
        return
    number = secrets.token_hex(4)
    _logger.info("Error %s is told to a client: %s", number, type(error).__name__)
    # The message stays: programs go by it, and it is no secret to its caller.
    words = f"{type(error).__name__}: {error} (error {number})"
    fault = protocol.client.Fault(APPLICATION_ERROR, words)
    error.error_response = Response(dumps(fault), mimetype="text/xml")
