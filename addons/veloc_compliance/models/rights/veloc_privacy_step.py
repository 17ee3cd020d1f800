from odoo import fields, models

STEPS = [
    ("check_third_parties", "Nothing about other people is in the files"),
    ("check_package", "The declaration was looked through"),
    ("decide_values", "Each proposed value was approved or refused"),
    ("apply_values", "Approved values are in force"),
    ("tell_recipients", "Those who have the data were told"),
    ("check_holds", "Legal terms of retention were looked up"),
    ("check_withdrawals", "No balance or withdrawal is open"),
    ("carry_out", "The measure was carried out"),
    ("check_basis", "Legal basis of what goes on was examined"),
    ("review_decisions", "A person reviewed each decision"),
]
# Done by carrying the request out, not by ticking a box.
BY_ITSELF = frozenset(
    {"carry_out", "apply_values", "tell_recipients", "review_decisions"}
)


class VelocPrivacyStep(models.Model):
    """One thing that must have been checked before a request is answered."""

    _name = "veloc.privacy.step"
    _description = "Check of a request"
    _order = "sequence, id"
    _rec_name = "code"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer(readonly=True)
    code = fields.Selection(STEPS, "What", required=True, readonly=True)
    done_at = fields.Datetime("Checked", readonly=True)
    done_by_id = fields.Many2one("res.users", "By", readonly=True)

    _once = models.UniqueIndex("(request_id, code)", "This is checked already.")

    # === ACTIONS === #

    def action_check(self):
        """Say that it was checked (button)."""
        self.request_id._check_worker()
        for step in self:
            request_sudo = step.request_id._check_worker()
            if step.code not in BY_ITSELF and not step.done_at:
                # sudo: the worker was checked above.
                step.sudo()._tick(request_sudo)
        return True

    def action_uncheck(self):
        """Take a check back while the request is open (button)."""
        self.request_id._check_worker()
        for step in self:
            request_sudo = step.request_id._check_worker()
            if step.code in BY_ITSELF or request_sudo.state == "done":
                continue
            # sudo: the worker was checked above.
            step.sudo().write({"done_at": False, "done_by_id": False})
            request_sudo._remember("step_undone", step=step.code)
        return True

    # === BUSINESS === #

    def _tick(self, request):
        self.write({"done_at": fields.Datetime.now(), "done_by_id": self.env.uid})
        for step in self:
            request._remember("step", step=step.code)
