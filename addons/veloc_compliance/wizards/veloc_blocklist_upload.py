import base64

from odoo import fields, models
from odoo.exceptions import AccessError

from ..models.care.veloc_blocklist_import import MODES


class VelocBlocklistUpload(models.TransientModel):
    """Bring the newest file of a do-not-contact list."""

    _name = "veloc.blocklist.upload"
    _description = "Import a do-not-contact list"

    list_id = fields.Many2one("veloc.blocklist", required=True)
    mode = fields.Selection(MODES, required=True, default="replace")
    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()

    # === ACTIONS === #

    def action_import(self):
        """Hand the file over and show what becomes of it."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may decide this."))
        data = base64.b64decode(self.with_context(bin_size=False).file)
        name = (self.filename or self.list_id.code)[:120]
        imports = self.env["veloc.blocklist.import"]
        run = imports._receive(self.list_id, name, data, self.mode)
        return {
            "type": "ir.actions.act_window",
            "res_model": "veloc.blocklist.import",
            "res_id": run.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }
