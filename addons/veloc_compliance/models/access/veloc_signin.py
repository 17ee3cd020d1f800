import time
from dataclasses import dataclass

from odoo import api, models
from odoo.http import request

from ...rules import rate_bucket
from ...rules.caller_address import masked
from .caller import Caller, caller
from .refusals import LockedOut, TooOftenError

PAIR, ACCOUNT, ADDRESS = "signin_pair", "signin_account", "signin_address"
# Who signed in from an address lately is not kept out by what others do there.
FAMILIAR = "signin_familiar"
FAMILIAR_DAYS = 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: whose account, from where."""

    account: str
    user_id: int | None
    hint: str | None
    caller: Caller

    @property
    def pair(self):
        """Return what names this account at this address."""
        return f"{self.account}|{self.caller.bucket}"


class VelocSignin(models.AbstractModel):
    """Who may try to sign in once more.

    Failures are counted three times: of this account from this address, of this
    account from everywhere, of this address for all accounts. The last two hold only
    for strangers: an account that signed in from this address lately is kept out by
    its own failures there and by nothing else. So nobody can lock a colleague out from
    afar, and a broken program in the office does not lock out the company.
    """

    _name = "veloc.signin"
    _description = "Guard of signing in"

    @api.model
    def _attempt(self, user):
        """Return the attempt behind a login name or a user's id."""
        if isinstance(user, int):
            return Attempt(f"user:{user}", user or None, None, caller())
        # sudo: nobody is signed in yet; only the id is kept.
        users_sudo = self.env["res.users"].sudo()
        login = str(user or "")
        found_sudo = users_sudo.search(users_sudo._get_login_domain(login), limit=1)
        if found_sudo:
            return Attempt(f"user:{found_sudo.id}", found_sudo.id, None, caller())
        # What was typed may be a password: kept as a keyed hash, to be counted by.
        hashed = self.env["veloc.rate.limit"]._hash("name", login.casefold()).hex()
        return Attempt(f"name:{hashed}", None, masked(login), caller())

    @api.model
    def _refuse_if_locked(self, attempt):
        """Raise if this attempt comes too soon, before any password is looked at."""
        wait = self._wait(attempt)
        if not wait:
            return
        self.env["veloc.signin.failure"]._count(attempt, wait, refused=True)
        raise self._refusal(wait, attempt.user_id)

    @api.model
    def _failed(self, attempt):
        """Count a failure everywhere; note it where it closes a door."""
        for code, key in self._doors(attempt):
            self.env["veloc.access.limit"]._hit(code, key)
        wait = self._wait(attempt)
        self.env["veloc.signin.failure"]._count(attempt, wait)
        if wait:
            self._note("access", attempt, {"what": "locked", "seconds": wait})

    @api.model
    def _note(self, kind, attempt, told):
        """Write into the ledger, after the request, what came of an attempt."""
        # sudo: only to name the person whose account it is.
        user_sudo = self.env["res.users"].sudo().browse(attempt.user_id or [])
        self.env["veloc.ledger.entry"]._note_apart(
            kind,
            "res.users",
            attempt.user_id or 0,
            user_sudo.exists().partner_id.id,
            {**told, "channel": attempt.caller.channel},
            {"address": attempt.caller.address, "name": attempt.hint or ""},
        )

    @api.model
    def _succeeded(self, attempt):
        """Forget the failures of this account here, and know the address from now on.

        Those of the whole account and of the address stay: else an attacker would
        reset them by signing in with an account of his own.
        """
        limits = self.env["veloc.rate.limit"]
        limits._forget(PAIR, attempt.pair)
        if attempt.caller.bucket:
            limits._remember(FAMILIAR, attempt.pair, FAMILIAR_DAYS * 86400)

    @api.model
    def _unlock(self, account, bucket):
        """Let an account, an address, and the one at the other, try again at once."""
        limits = self.env["veloc.rate.limit"]
        limits._forget(PAIR, f"{account}|{bucket}")
        limits._forget(ACCOUNT, account)
        limits._forget(ADDRESS, bucket)

    # === BELOW === #

    def _doors(self, attempt):
        yield PAIR, attempt.pair
        yield ACCOUNT, attempt.account
        if attempt.caller.bucket:
            yield ADDRESS, attempt.caller.bucket

    def _wait(self, attempt):
        """Return the seconds until this attempt may be made, 0 for now."""
        doors = list(self._doors(attempt))
        familiar = (FAMILIAR, attempt.pair)
        full_at = self.env["veloc.rate.limit"]._full_at([*doors, familiar])
        now, limits = time.time(), self.env["veloc.access.limit"]
        if full_at.get(familiar, 0.0) > now:
            doors = doors[:1]
        return max(
            rate_bucket.wait(full_at.get(door, 0.0), now, *limits._get(door[0]))
            for door in doors
        )

    @api.model
    def _refusal(self, wait, user_id=None):
        """Return the error for somebody who must wait, in his language.

        A form of the web client shows the words of AccessDenied only; over RPC the
        same would be an unexplained False.
        """
        limits = self.env["veloc.access.limit"]
        if request:
            request.veloc_wait = wait
            return LockedOut(limits._words(wait), wait)
        # sudo: the language of the account, or the company's for an unknown name.
        user_sudo = self.env["res.users"].sudo().browse(user_id or [])
        company_sudo = self.env["res.company"].sudo().search([], limit=1)
        lang = user_sudo.lang or company_sudo.partner_id.lang
        return TooOftenError(limits.with_context(lang=lang)._words(wait), wait)
