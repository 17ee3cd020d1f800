from odoo import api, fields, models, tools

CACHED = frozenset({"veloc_second_factor", "veloc_api_only", "veloc_export_rows"})


class ResGroups(models.Model):
    """What a role asks of those who have it: a second factor, keys, restraint."""

    _inherit = "res.groups"
    _veloc_ledger_fields = CACHED | {
        "user_ids",
        "implied_ids",
        "lock_timeout",
        "lock_timeout_mfa",
        "lock_timeout_inactivity",
        "lock_timeout_inactivity_mfa",
        "api_key_duration",
    }

    veloc_second_factor = fields.Boolean(
        "Requires a second factor",
        help="Whoever has this role signs in with a passkey, or with a password and a "
        "code of an authenticator app; without either the app is set up at the next "
        "sign-in. Programs use API keys.",
    )
    veloc_api_only = fields.Boolean(
        "Programs only",
        help="Who has this role is a program: it uses API keys and cannot sign in on "
        "the web.",
    )
    veloc_export_rows = fields.Integer(
        "Rows a day",
        help="Rows about persons that somebody with this role may take out in a day, "
        "by export or by reading in bulk. Of several roles the most generous counts; "
        "0: this role says nothing.",
    )

    _veloc_export_rows_sane = models.Constraint(
        "CHECK (veloc_export_rows IS NULL OR veloc_export_rows >= 0)",
        "Rows a day cannot be negative.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        if any(CACHED & vals.keys() for vals in vals_list):
            self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if CACHED & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    # === BUSINESS === #

    @tools.ormcache("self._ids")
    def _veloc_policy(self):
        """Return what these groups together ask: a dict of three answers."""
        # sudo: the rules of a role hold for those who may not read roles.
        # pylint: disable-next=context-overridden  # the answer is cached for all
        groups_sudo = self.sudo().with_context({})
        return {
            "second_factor": any(groups_sudo.mapped("veloc_second_factor")),
            "api_only": any(groups_sudo.mapped("veloc_api_only")),
            "export_rows": tuple(groups_sudo.mapped("veloc_export_rows")),
        }
