from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessDenied
from odoo.http import request


class ResUsers(models.Model):
    """Logins and failed ones; changes of accounts and of what they may do."""

    _inherit = "res.users"

    # No passwords, no tokens: a ledger keeps for ever.
    _veloc_ledger_fields = frozenset(
        {"login", "active", "group_ids", "company_ids", "share", "partner_id"}
    )
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_kind = "access"
    _veloc_ledger_reads = True

    def _auto_init(self):
        done = super()._auto_init()
        # Who may do what is decided here; either side of the table may explain it.
        self.env["veloc.ledger.guard"]._guard_table(
            "res_groups_users_rel", {"res.users": "uid", "res.groups": "gid"}
        )
        return done

    def _login(self, credential, user_agent_env):
        try:
            answer = super()._login(credential, user_agent_env)
        except AccessDenied as refusal:
            # Refused unseen, because of too many before: counted, not noted each time.
            if not getattr(refusal, "wait", 0):
                self._veloc_note_failed_login(credential.get("login"), "password")
            raise
        user = self.browse(answer["uid"])
        # sudo: the person behind an account is recorded, whoever asks.
        partner_id = user.sudo().partner_id.id
        self.env["veloc.ledger.entry"].with_user(user)._note_apart(
            "login",
            "res.users",
            user.id,
            partner_id,
            {"method": answer.get("auth_method", "")},
            _whence(),
        )
        return answer

    @api.model
    def _check_uid_passwd(self, uid, passwd):
        try:
            return super()._check_uid_passwd(uid, passwd)
        except AccessDenied:
            self._veloc_note_failed_login(uid, "rpc")
            raise

    @api.model
    def _veloc_note_failed_login(self, login, method):
        """Note a refused login; the name it was tried with is personal data.

        Equal names and addresses have equal hashes, so that attempts can be counted.
        """
        keyring = self.env["veloc.keyring"]
        whence = _whence() or {}
        hashed = keyring._blind(
            "veloc_ledger_entry_raw", "login", [str(login), whence.get("ip") or ""]
        )
        self.env["veloc.ledger.entry"].with_user(SUPERUSER_ID)._note_apart(
            "login_failed",
            "res.users",
            public={"method": method, "name": hashed[0], "address": hashed[1]},
            secret={"login": str(login), **whence},
        )


def _whence():
    if not request:
        return None
    return {
        "ip": request.httprequest.remote_addr,
        "agent": (request.httprequest.user_agent.string or "")[:200],
    }
