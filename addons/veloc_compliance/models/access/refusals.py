"""The two ways of saying "not so fast": to programs and pages, and to a login form."""

from odoo.exceptions import AccessDenied, UserError

TOO_MANY = 429


class TooOftenError(UserError):
    """Tell a program to wait; HTTP 429, over XML-RPC a fault with these words."""

    http_status = TOO_MANY

    def __init__(self, message, wait=0):
        super().__init__(message)
        self.wait = wait


class LockedOut(AccessDenied):
    """Tell a person at a login form to wait; forms show the words of AccessDenied."""

    http_status = TOO_MANY

    def __init__(self, message, wait=0):
        super().__init__(message)
        self.wait = wait
