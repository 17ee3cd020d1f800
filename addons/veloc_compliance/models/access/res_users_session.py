from odoo import models
from odoo.http import request

# What a session remembers of the person who used it before.
OF_THE_LAST_LOGIN = ("veloc_since", "veloc_seen")


class ResUsers(models.Model):
    """A session begins with signing in and ends when account or roles change."""

    _inherit = "res.users"

    def authenticate(self, credential, user_agent_env):
        answer = super().authenticate(credential, user_agent_env)
        if request:
            for name in OF_THE_LAST_LOGIN:
                request.session.pop(name, None)
        return answer

    def write(self, vals):
        result = super().write(vals)
        if "group_ids" in vals and request and self.env.user in self:
            # Who changes his own roles stays; all his other sessions end.
            self.env.flush_all()
            session = request.session
            if session.uid == self.env.uid:
                token = self.env.user._compute_session_token(session.sid)
                session.session_token = token
        return result
