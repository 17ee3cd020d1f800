import logging

from odoo import api, models
from odoo.exceptions import UserError

from ...rules import password_rule
from ...rules.password_rule import weakness
from .caller import caller

_logger = logging.getLogger(__name__)


class ResUsers(models.Model):
    """Passwords that people choose are long and not guessable; resets tell nothing."""

    _inherit = "res.users"

    def _set_password(self):
        # What the server itself sets (demo data, tests, a restored account) is not
        # somebody's choice; a person's always comes with his own rights.
        if not self.env.su:
            for user in self:
                user._veloc_check_password(user.password)
        return super()._set_password()

    def _change_password(self, new_passwd):
        self._veloc_check_password((new_passwd or "").strip())
        return super()._change_password(new_passwd)

    @api.model
    def signup(self, values, token=None):
        """Refuse a weak password of somebody who comes by an invitation or a reset."""
        if values.get("password"):
            about = (values.get("login") or "", values.get("name") or "")
            self._veloc_refuse_weak(values["password"], about)
        return super().signup(values, token)

    def reset_password(self, login):
        """Send the mail, or nothing, and never say whether there is such an account."""
        limits = self.env["veloc.access.limit"]
        bucket = caller().bucket
        wait = limits._hit("reset_address", bucket) if bucket else 0
        if wait:
            raise UserError(limits._words(wait))
        if limits._hit("reset_account", str(login).casefold()):
            _logger.info("A password was asked for too often; no further mail is sent")
            return False
        if not self._veloc_reset_candidate(login):
            return False
        return super().reset_password(login)

    # === BELOW === #

    def _veloc_reset_candidate(self, login):
        """Return the one account meant, as Odoo looks for it; else none."""
        users = self.search(self._get_login_domain(login))
        users = users or self.search(self._get_email_domain(login))
        # A program has no mailbox of a person behind it and no use for a password.
        return users if len(users) == 1 and not users.veloc_is_program else None

    def _veloc_check_password(self, password):
        self.ensure_one()
        # sudo: an administrator of another company may set it.
        user_sudo = self.sudo()
        about = (
            user_sudo.login or "",
            user_sudo.name or "",
            user_sudo.company_id.name or "",
        )
        self._veloc_refuse_weak(password, about)

    def _veloc_refuse_weak(self, password, about):
        why = weakness(password or "", about)
        if not why:
            return
        messages = {
            "short": self.env._(
                "A password has at least %(count)s characters: a few words that only "
                "you put together are easy to keep in mind.",
                count=password_rule.MIN_LENGTH,
            ),
            "long": self.env._(
                "A password has at most %(count)s characters.",
                count=password_rule.MAX_LENGTH,
            ),
            "common": self.env._("This password is among the first that are tried."),
            "personal": self.env._(
                "A password must not be made of your name or the company's."
            ),
        }
        raise UserError(messages[why])
