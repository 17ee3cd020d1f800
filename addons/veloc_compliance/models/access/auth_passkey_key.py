from odoo import api, models


class AuthPasskeyKey(models.Model):
    """Passkeys that come and go are noted; a person left without any is an alert."""

    _inherit = "auth.passkey.key"

    @api.model_create_multi
    def create(self, vals_list):
        keys = super().create(vals_list)
        for user in keys.create_uid:
            user._veloc_factor_changed("passkey_set_up", had=False)
        return keys

    def unlink(self):
        # sudo: the owners of the keys, whoever removes them.
        owners_sudo = self.sudo().create_uid
        result = super().unlink()
        owners_sudo.invalidate_recordset(["auth_passkey_key_ids"])
        for owner_sudo in owners_sudo:
            owner_sudo._veloc_factor_changed("passkey_removed", had=True)
        return result
