from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

FIELDS = [
    ("name", "Name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("veloc_cpf", "CPF"),
    ("veloc_cnpj", "CNPJ"),
    ("veloc_birth_date", "Birth date"),
    ("street", "Street"),
    ("street2", "Street, second line"),
    ("zip", "Postal code"),
    ("city", "City"),
]
DECISIONS = [("proposed", "Proposed"), ("approved", "Approved"), ("refused", "Refused")]
# Staff may write these until the values are in force.
DESK_FIELDS = frozenset({"field", "proposed", "decision", "refusal", "request_id"})


class VelocPrivacyCorrection(models.Model):
    """One value that the person says is wrong, and what it should be."""

    _name = "veloc.privacy.correction"
    _description = "Correction of a value"
    _order = "id"
    _rec_name = "field"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, ondelete="restrict"
    )
    field = fields.Selection(FIELDS, "What", required=True)
    current = fields.Char("We hold", compute="_compute_current")
    proposed = fields.Char("Should be", required=True)
    decision = fields.Selection(DECISIONS, required=True, default="proposed")
    refusal = fields.Char("Why not")
    applied_at = fields.Datetime("In force since", readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)

    _once = models.UniqueIndex("(request_id, field)", "This field is listed already.")
    _refused_with_reason = models.Constraint(
        "CHECK (decision <> 'refused' OR refusal IS NOT NULL)",
        "Say why a value is refused.",
    )

    # === COMPUTE === #

    @api.depends("field", "request_id.partner_id")
    def _compute_current(self):
        for line in self:
            # sudo: workers of a request see the value it is about, and no other.
            partner_sudo = line.request_id.sudo().partner_id
            line.current = line.field and str(partner_sudo[line.field] or "")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Add lines to a request that is being worked on."""
        if not self.env.su:
            for vals in vals_list:
                self._check_desk(vals)
                request = self.env["veloc.privacy.request"].browse(vals["request_id"])
                request._check_worker()._check_in_progress()
        return super().create(vals_list)

    def write(self, vals):
        """Let the desk decide until the value is in force."""
        if not self.env.su:
            self._check_desk(vals)
            vals = {**vals, "decided_by_id": self.env.uid}
            for line in self:
                line.request_id._check_worker()._check_in_progress()
            if self.filtered("applied_at"):
                raise UserError(self.env._("This value is in force already."))
            # sudo: the worker was checked, and only these fields pass.
            return super(VelocPrivacyCorrection, self.sudo()).write(vals)
        return super().write(vals)

    def _check_desk(self, vals):
        if set(vals) - DESK_FIELDS:
            raise AccessError(self.env._("Use the buttons to apply corrections."))

    # === BUSINESS === #

    @api.model
    def _propose(self, request):
        """Write down what the person named in the form, if anything."""
        told = request._told().get("correction") or {}
        if told.get("field") in dict(FIELDS) and told.get("value"):
            self.create(
                {
                    "request_id": request.id,
                    "field": told["field"],
                    "proposed": told["value"],
                }
            )

    def _apply(self, request):
        """Put the approved values in force on every contact of the person."""
        if not self or self.filtered(lambda line: line.decision == "proposed"):
            raise UserError(self.env._("Approve or refuse each proposed value first."))
        approved = self.filtered(lambda line: line.decision == "approved")
        pending = approved.filtered(lambda line: not line.applied_at)
        if pending:
            values = {line.field: line.proposed for line in pending}
            request._partners().write(values)
            pending.write({"applied_at": fields.Datetime.now()})
            request._remember("corrected", fields=",".join(sorted(values)))
        return approved
