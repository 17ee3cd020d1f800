from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import transfer

ROLES = [
    ("operator", "Operator (processes for us)"),
    ("sub_operator", "Sub-operator (works for an operator of ours)"),
    ("joint_controller", "Joint controller"),
    ("controller", "Controller of its own"),
]
STATES = [("draft", "Being checked"), ("active", "In use"), ("ended", "Ended")]


class VelocVendor(models.Model):
    """Somebody who processes personal data for us or with us (arts. 33, 39, 42)."""

    _name = "veloc.vendor"
    _description = "Vendor that processes personal data"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _veloc_ledger_fields = frozenset(
        {"name", "role", "state", "country_id", "mechanism", "contract_ends_on"}
    )
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "config"

    name = fields.Char(required=True, tracking=True)
    role = fields.Selection(ROLES, required=True, default="operator", tracking=True)
    state = fields.Selection(
        STATES, string="Status", required=True, readonly=True, default="draft",
        copy=False, tracking=True,
    )  # fmt: skip
    services = fields.Text("What it does for us", required=True)
    country_id = fields.Many2one("res.country", "Where the data go", required=True)
    data_class_ids = fields.Many2many("veloc.data.class", string="Data")
    recipient_id = fields.Many2one(
        "veloc.privacy.recipient",
        "Told of corrections and erasures",
        help="How this vendor hears that somebody's data changed (art. 18 § 6).",
    )
    owner_id = fields.Many2one(
        "res.users", "Answers for it", default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )  # fmt: skip
    has_instructions = fields.Boolean("Processes on our written instructions (art. 39)")
    contract_reference = fields.Char("Contract")
    contract_signed_on = fields.Date("Signed on")
    contract_ends_on = fields.Date("Ends on", tracking=True)
    contract_file = fields.Binary("Signed contract", attachment=True, copy=False)
    contract_file_name = fields.Char()
    mechanism = fields.Selection(
        list(transfer.MECHANISMS.items()), "Ground of the transfer", tracking=True,
        help="Needed where the data leave Brazil (art. 33).",
    )  # fmt: skip
    clauses_file = fields.Binary(
        "Clauses", attachment=True, copy=False,
        help="A person may ask for the whole text and gets it within 15 days "
        "(Res. CD/ANPD 19/2024).",
    )  # fmt: skip
    clauses_file_name = fields.Char()
    certification_ids = fields.One2many("veloc.vendor.certification", "vendor_id")
    check_ids = fields.One2many("veloc.vendor.check", "vendor_id", "Checks")
    check_every = fields.Integer("Checked every (months)", required=True, default=12)
    last_check_on = fields.Date(compute="_compute_check_dates", store=True)
    next_check_on = fields.Date(
        "Next check", compute="_compute_check_dates", store=True, index=True
    )
    is_abroad = fields.Boolean(compute="_compute_is_abroad")
    todo = fields.Text("Still missing", compute="_compute_todo")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    _months_positive = models.Constraint(
        "CHECK (check_every BETWEEN 1 AND 60)",
        "A vendor is checked at least every five years.",
    )
    _contract_in_order = models.Constraint(
        "CHECK (contract_ends_on IS NULL OR contract_signed_on IS NULL"
        " OR contract_ends_on >= contract_signed_on)",
        "A contract ends after it was signed.",
    )

    # === COMPUTE === #

    @api.depends("check_ids.checked_on", "check_every", "state")
    def _compute_check_dates(self):
        for vendor in self:
            last = max(vendor.check_ids.mapped("checked_on"), default=False)
            vendor.last_check_on = last
            months = relativedelta(months=vendor.check_every)
            vendor.next_check_on = last + months if last else False

    @api.depends("country_id")
    def _compute_is_abroad(self):
        for vendor in self:
            code = vendor.country_id.code
            vendor.is_abroad = bool(code) and code != transfer.HOME

    @api.depends(
        "country_id", "mechanism", "clauses_file", "contract_signed_on",
        "contract_ends_on", "has_instructions", "role", "check_ids", "data_class_ids",
    )  # fmt: skip
    def _compute_todo(self):
        messages = self._fault_messages()
        for vendor in self:
            vendor.todo = "\n".join(messages[code] for code in vendor._faults())

    def _faults(self):
        """Return the codes of what keeps this vendor from being used."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        contract = transfer.contract_fault(
            self.contract_signed_on, self.contract_ends_on, today
        )
        is_operator = self.role in ("operator", "sub_operator")
        found = [
            self._transfer_fault(),
            contract,
            "no_instructions" if is_operator and not self.has_instructions else "",
            "" if self.data_class_ids else "no_data",
            "" if self.check_ids else "never_checked",
        ]
        return [code for code in found if code]

    def _transfer_fault(self):
        return transfer.transfer_fault(
            self.country_id.code or "", self.mechanism or None, bool(self.clauses_file)
        )

    def _fault_messages(self):
        return {
            "no_country": self.env._("Say in which country the data are."),
            "no_mechanism": self.env._(
                "The data leave Brazil: choose the ground of the transfer (art. 33)."
            ),
            "not_adequate": self.env._(
                "The ANPD has not recognised this country as adequate: choose "
                "another ground."
            ),
            "no_document": self.env._("Attach the clauses the transfer rests on."),
            "no_contract": self.env._("There is no signed contract."),
            "contract_over": self.env._("The contract is over."),
            "no_instructions": self.env._(
                "An operator works on written instructions (art. 39)."
            ),
            "no_data": self.env._("Say which data it gets."),
            "never_checked": self.env._("Nobody has checked this vendor yet."),
        }

    # === ACTIONS === #

    def action_activate(self):
        """Put the vendor in use; refused while something is missing (button)."""
        self._check_officer()
        for vendor in self:
            if vendor.todo:
                raise UserError(
                    self.env._(
                        "“%(vendor)s” cannot be used yet:\n%(todo)s",
                        vendor=vendor.name,
                        todo=vendor.todo,
                    )
                )
        return self.write({"state": "active"})

    def action_end(self):
        """Call the relation over; the row stays as evidence (button)."""
        self._check_officer()
        return self.write({"state": "ended"})

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))

    @api.ondelete(at_uninstall=False)
    def _keep_what_was_used(self):
        if self.filtered(lambda vendor: vendor.state != "draft" or vendor.check_ids):
            raise UserError(
                self.env._("A vendor that was in use or checked stays: end it instead.")
            )
