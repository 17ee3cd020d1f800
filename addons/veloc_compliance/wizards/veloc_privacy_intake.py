import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..const import REQUEST_KINDS
from ..rules import privacy_identity


class VelocPrivacyIntake(models.TransientModel):
    """Write down a request that came by phone, letter or in person.

    Everybody of compliance may, the desk alone sees what becomes of it.
    """

    _name = "veloc.privacy.intake"
    _description = "Write down a request"

    kind = fields.Selection(REQUEST_KINDS, "Right", required=True, default="access")
    cpf = fields.Char("CPF")
    email = fields.Char("E-mail")
    phone = fields.Char()
    details = fields.Text("In their own words")
    representative_name = fields.Char("Representative")
    representative_email = fields.Char("Representative's e-mail")
    proof = fields.Binary(attachment=False)
    proof_name = fields.Char()

    # === ACTIONS === #

    def action_open(self):
        """Open the request and say its number."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_viewer"):
            raise AccessError(self.env._("You may not open requests."))
        told = privacy_identity.read(
            {
                "cpf": self.cpf or "",
                "email": self.email or "",
                "phone": self.phone or "",
            }
        )
        if told.is_empty:
            raise UserError(self.env._("Name a CPF, an e-mail or a phone number."))
        # sudo: whoever takes the call need not see requests; the group was checked.
        requests_sudo = self.env["veloc.privacy.request"].sudo()
        request_sudo = requests_sudo._receive(
            self.kind,
            told,
            "desk",
            details=self.details,
            representative=self._representative(),
        )
        self._keep_proof(request_sudo)
        self._forget()
        return self._tell(request_sudo)

    def _keep_proof(self, request_sudo):
        if self.proof:
            kind = "mandate" if self.representative_name else "identity"
            content = base64.b64decode(self.with_context(bin_size=False).proof)
            self.env["veloc.privacy.proof"]._keep(request_sudo, kind, content)

    def _forget(self):
        """Leave nothing in the dialog's table: the request keeps it sealed."""
        told = ("cpf", "email", "phone", "details", "proof", "proof_name")
        representative = ("representative_name", "representative_email")
        self.write(dict.fromkeys((*told, *representative), False))

    @api.model
    def _tell(self, request_sudo):
        if self.env.user.has_group("veloc_compliance.group_advanced"):
            return {
                "type": "ir.actions.act_window",
                "res_model": "veloc.privacy.request",
                "res_id": request_sudo.id,
                "view_mode": "form",
                "views": [(False, "form")],
            }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "message": self.env._(
                    "Request %(number)s was written down; tell the caller this number.",
                    number=request_sudo.number,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _representative(self):
        if not self.representative_name:
            return {}
        if not self.representative_email:
            raise UserError(self.env._("Name the representative's e-mail too."))
        return {"name": self.representative_name, "email": self.representative_email}
