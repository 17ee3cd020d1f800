from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class VelocApiKeyCreate(models.TransientModel):
    """Give a program its key: it cannot sign in on the web to make one itself."""

    _name = "veloc.api.key.create"
    _description = "Make an API key for a program"

    user_id = fields.Many2one(
        "res.users",
        "Program",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    name = fields.Char("What it is for", required=True)
    days = fields.Integer("Good for (days)", required=True, default=90)

    def action_make(self):
        """Show the new key, once."""
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only administrators make keys of programs."))
        # sudo: the group was checked; roles are read to know how long a key may live.
        program_sudo = self.user_id.sudo()
        if not program_sudo.veloc_is_program:
            raise UserError(
                self.env._("People make their keys themselves, in their preferences.")
            )
        # The strictest role of programs; what people may do is no measure for them.
        roles_sudo = program_sudo.all_group_ids.filtered("veloc_api_only")
        lives = [days for days in roles_sudo.mapped("api_key_duration") if days > 0]
        most = int(min(lives, default=1))
        if not 0 < self.days <= most:
            raise UserError(
                self.env._(
                    "A key of this role lives for up to %(days)s days.", days=most
                )
            )
        until = fields.Datetime.now() + timedelta(days=self.days)
        # sudo: the key belongs to the program, which cannot make it.
        keys_sudo = self.env["res.users.apikeys"].with_user(self.user_id).sudo()
        key = keys_sudo._generate(None, self.name, until)
        self.env["veloc.ledger.entry"]._note(
            "access",
            "res.users",
            self.user_id.id,
            public={"what": "api_key_made", "days": self.days},
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.users.apikeys.show",
            "name": self.env._("API key"),
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key": key},
        }
