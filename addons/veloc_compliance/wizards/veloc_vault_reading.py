import json

from odoo import fields, models
from odoo.exceptions import AccessError


class VelocVaultReading(models.TransientModel):
    """Read the sealed copy of an erased person, once, with a reason that is noted."""

    _name = "veloc.vault.reading"
    _description = "Read a sealed copy"

    erasure_id = fields.Many2one("veloc.erasure", required=True)
    why = fields.Text("Why you need to read it", required=True)
    # Shown to whoever asked and never stored: a dialog is a table too.
    content = fields.Text(compute="_compute_content", string="What was kept")
    is_open = fields.Boolean(compute="_compute_content")

    def _compute_content(self):
        wanted = self.env.context.get("veloc_open_vault")
        for wizard in self:
            wizard.is_open = bool(wanted) and wizard._may_read()
            wizard.content = wizard._read_vault() if wizard.is_open else False

    def _may_read(self):
        return (
            self.create_uid == self.env.user
            and bool(self.why)
            and self.env.user.has_group("veloc_compliance.group_officer")
        )

    def _read_vault(self):
        opened = self.erasure_id.vault_ids._open(self.why)
        return json.dumps(opened, indent=2, ensure_ascii=False)

    # === ACTIONS === #

    def action_open(self):
        """Show the copy in this dialog; the reading is in the ledger."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sealed copy"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"veloc_open_vault": True},
        }
