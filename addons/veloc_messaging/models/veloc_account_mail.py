from functools import partial

from odoo import models
from odoo.tools import config

from ..providers import smtp
from ..providers.base import ConfigError

# Others (OAuth, client certificates) are opened by Odoo itself.
PLAIN_LOGINS = {"login", "cli"}


class VelocAccount(models.Model):
    """Sessions of Odoo's mail servers, opened without the database.

    Which server, and how to log in, is read here; the sending threads connect. A server
    that hangs then holds its own threads and not the whole pass.
    """

    _inherit = "veloc.account"

    def _open_smtp(self):
        # sudo: choosing a mail server reads its password.
        servers_sudo = self.env["ir.mail_server"].sudo()
        if servers_sudo._disable_send():
            return _open_nothing
        server_sudo, smtp_from = servers_sudo._find_mail_server(self.sender or None)
        if server_sudo and server_sudo.smtp_authentication not in PLAIN_LOGINS:
            return super()._open_smtp()
        if server_sudo and server_sudo.smtp_authentication == "login":
            settings = smtp.Server(
                server_sudo.smtp_host or "",
                server_sudo.smtp_port,
                _ascii_login(server_sudo.smtp_user),
                server_sudo.smtp_pass or "",
                server_sudo.smtp_encryption or "none",
                smtp_from or "",
            )
        else:
            settings = _configured(smtp_from)
        return partial(smtp.connect, settings) if settings.host else _open_nowhere


def _configured(smtp_from):
    """Return the server of Odoo's own configuration file."""
    return smtp.Server(
        config.get("smtp_server") or "",
        int(config.get("smtp_port") or 25),
        _ascii_login(config.get("smtp_user")),
        config.get("smtp_password") or "",
        "starttls" if config.get("smtp_ssl") else "none",
        smtp_from or "",
    )


def _ascii_login(user):
    """Return a login whose domain every server understands."""
    local, at, domain = (user or "").rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}" if at else user or ""


def _open_nothing():
    """Sending is switched off."""


def _open_nowhere():
    raise ConfigError("There is no outgoing mail server.")
