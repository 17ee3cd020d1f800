from odoo import api, fields, models
from odoo.exceptions import AccessDenied
from odoo.tools import SQL

SETUP_URL = "/veloc/second-factor"


class ResUsers(models.Model):
    """Roles that need a second factor get no session without one.

    An authenticator app (auth_totp) or a passkey (auth_passkey) counts; a code by mail
    does not: who has the mailbox resets the password too (ASVS 5.0, 6.3.6).
    """

    _inherit = "res.users"

    veloc_is_program = fields.Boolean(
        "Program", compute="_compute_veloc_is_program", compute_sudo=True
    )

    @api.depends("group_ids")
    def _compute_veloc_is_program(self):
        for user in self:
            user.veloc_is_program = any(user.all_group_ids.mapped("veloc_api_only"))

    def _veloc_policy(self):
        """Return what the roles of this user ask."""
        self.ensure_one()
        return self.env["res.groups"].browse(self._get_group_ids())._veloc_policy()

    def _veloc_has_factor(self):
        """Return whether an app or a passkey is set up."""
        # sudo: nobody is signed in yet, or somebody else is looked at.
        user_sudo = self.sudo()
        return bool(user_sudo.totp_enabled or user_sudo.auth_passkey_key_ids)

    def _mfa_url(self):
        url = super()._mfa_url()
        if self._mfa_type() == "totp" or not self._veloc_policy()["second_factor"]:
            return url
        return SETUP_URL

    def _rpc_api_keys_only(self):
        policy = self._veloc_policy()
        return (
            policy["second_factor"]
            or policy["api_only"]
            or super()._rpc_api_keys_only()
        )

    def _check_credentials(self, credential, env):
        answer = super()._check_credentials(credential, env)
        is_web = (env or {}).get("interactive", True)
        if is_web and self.env.user._veloc_policy()["api_only"]:
            # The same words as for a wrong password: it tells nothing.
            raise AccessDenied()
        return answer

    # === WHAT ENDS SESSIONS === #

    def _get_session_token_fields(self):
        return super()._get_session_token_fields() | {"group_ids"}

    def _get_session_token_query_params(self):
        """Odoo ends sessions with the password, the name and the account; so do we
        with the roles: what somebody may do was decided when he signed in."""
        params = super()._get_session_token_query_params()
        params["select"] = SQL(
            "%s, (SELECT string_agg(held.gid::text, ',' ORDER BY held.gid) "
            "FROM res_groups_users_rel held WHERE held.uid = res_users.id) "
            "AS veloc_groups",
            params["select"],
        )
        return params

    # === WHAT IS NOTED === #

    def write(self, vals):
        """Note a second factor that is set up or removed, and tell about the latter."""
        if "totp_secret" not in vals:
            return super().write(vals)
        had = {user.id: user._veloc_has_factor() for user in self}
        result = super().write(vals)
        for user in self:
            user._veloc_factor_changed(
                "app_set_up" if vals["totp_secret"] else "app_removed", had[user.id]
            )
        return result

    def _veloc_factor_changed(self, what, had):
        """Note the change; a person left without any factor raises an alert."""
        self.ensure_one()
        self.env["veloc.ledger.entry"]._note(
            "access", "res.users", self.id, public={"what": what}
        )
        if self._veloc_has_factor():
            self.env["veloc.alert"]._clear("mfa_disabled", str(self.id))
        elif had:
            self.env["veloc.alert"]._raise(
                "mfa_disabled",
                str(self.id),
                self.env._(
                    "%(account)s has no second factor any more.", account=self.login
                ),
                res_model="res.users",
                res_id=self.id,
            )
