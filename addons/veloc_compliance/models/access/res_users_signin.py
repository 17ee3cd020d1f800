from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, models
from odoo.exceptions import AccessDenied

from .refusals import LockedOut, TooOftenError

SECOND_FACTORS = ("totp", "totp_mail")
# Odoo checks the same credentials in nested steps: one try counts once.
_is_counted = ContextVar("veloc_signin_is_counted", default=False)


class ResUsers(models.Model):
    """Signing in is counted in the database, whichever door is tried.

    Odoo counts failures per process, for the web client only, and locks an address for
    everybody behind it.
    """

    _inherit = "res.users"

    @contextmanager
    def _assert_can_auth(self, user=None):
        guard = self.env["veloc.signin"]
        attempt = guard._attempt(user)
        guard._refuse_if_locked(attempt)
        token = _is_counted.set(True)
        try:
            with super()._assert_can_auth(user=user):
                yield
        except LockedOut:
            raise  # refused unseen: no failure
        except AccessDenied:
            guard._failed(attempt)
            raise
        finally:
            _is_counted.reset(token)
        guard._succeeded(attempt)

    def _on_login_cooldown(self, failures, previous):
        # Odoo's own counter is per process and per address: one would lock out all.
        return False

    def _check_credentials(self, credential, env):
        if not _is_counted.get():
            # Asked again inside a session (lock screen, change of password): Odoo has
            # no limit there at all.
            with self._assert_can_auth(user=self.env.user.id):
                return self._veloc_check_and_note(credential, env)
        if credential["type"] in SECOND_FACTORS:
            return self._veloc_check_and_note(credential, env)
        return super()._check_credentials(credential, env)

    def _veloc_check_and_note(self, credential, env):
        """Check what is not a login: a login that fails is noted as such."""
        try:
            return self._veloc_check_code(credential, env)
        except AccessDenied as refusal:
            if not isinstance(refusal, LockedOut):
                guard = self.env["veloc.signin"]
                attempt = guard._attempt(self.env.user.id)
                guard._note("login_failed", attempt, {"method": credential["type"]})
            raise

    def _veloc_check_code(self, credential, env):
        """Check the credentials; codes are counted per account, from everywhere.

        Whoever gets to a code knows the password: only he can lock it.
        """
        if credential["type"] not in SECOND_FACTORS:
            # pylint: disable-next=super-method-mismatch  # the second half of it
            return super()._check_credentials(credential, env)
        limits = self.env["veloc.access.limit"]
        key = str(self.env.user.id)
        if wait := limits._wait("second_factor", key):
            raise self.env["veloc.signin"]._refusal(wait, self.env.user.id)
        try:
            # pylint: disable-next=super-method-mismatch  # the second half of it
            answer = super()._check_credentials(credential, env)
        except AccessDenied:
            limits._hit("second_factor", key)
            raise
        self.env["veloc.rate.limit"]._forget("second_factor", key)
        return answer

    @api.model
    def _check_uid_passwd(self, uid, passwd):
        """Count the call of a program; Odoo keeps right passwords in memory."""
        answer = super()._check_uid_passwd(uid, passwd)
        self.with_user(uid)._veloc_count_call()
        return answer

    @api.model
    def _veloc_count_call(self):
        """Refuse a program that calls far more often than it could need."""
        limits = self.env["veloc.access.limit"]
        if wait := limits._hit("api_calls", str(self.env.uid)):
            words = limits.with_context(lang=self.env.user.lang)._words(wait)
            raise TooOftenError(words, wait)
