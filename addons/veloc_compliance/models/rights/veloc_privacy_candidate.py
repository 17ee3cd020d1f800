from odoo import api, fields, models
from odoo.exceptions import UserError


class VelocPrivacyCandidate(models.Model):
    """A contact that a claimed identity points to, and by what it was found."""

    _name = "veloc.privacy.candidate"
    _description = "Contact found for a request"
    _order = "id"
    _rec_name = "partner_id"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, readonly=True, ondelete="cascade"
    )
    by_cpf = fields.Boolean("CPF", readonly=True)
    by_email = fields.Boolean("E-mail", readonly=True)
    by_phone = fields.Boolean("Phone", readonly=True)
    is_person = fields.Boolean(
        "Is the person", readonly=True, help="The request is about this contact."
    )
    why = fields.Char("Found by", compute="_compute_why")

    _once = models.UniqueIndex("(request_id, partner_id)", "Found already.")

    # === COMPUTE === #

    @api.depends("by_cpf", "by_email", "by_phone")
    @api.depends_context("lang")
    def _compute_why(self):
        names = ("by_cpf", "by_email", "by_phone")
        labels = {
            name: self._fields[name]._description_string(self.env) for name in names
        }
        for candidate in self:
            candidate.why = ", ".join(labels[name] for name in names if candidate[name])

    # === ACTIONS === #

    def action_choose(self):
        """Say that this contact is the person who asks (button)."""
        self.ensure_one()
        request_sudo = self.request_id._check_worker()
        if request_sudo.verified_at:
            raise UserError(self.env._("The identity of this request is settled."))
        # sudo: the worker was checked above.
        self.sudo().is_person = not self.is_person
        chosen = request_sudo.candidate_ids.filtered("is_person")
        request_sudo.partner_id = chosen[:1].partner_id
        request_sudo._remember("matched", chosen=len(chosen))
        return True
