"""What is wrong with a person's data, and what to do about it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import hygiene

ANALYST = "veloc_crm.group_analyst"
KINDS = [
    ("email_invalid", "E-mail cannot be right"),
    ("email_typo", "E-mail domain looks mistyped"),
    ("email_disposable", "Throw-away mailbox"),
    ("email_undeliverable", "E-mail comes back"),
    ("phone_invalid", "Phone cannot be right"),
    ("phone_shared", "Phone of more than three people"),
    ("cpf_missing", "Client without CPF"),
    ("cpf_shared", "CPF on several contacts"),
    ("cnpj_missing", "Company without CNPJ"),
    ("cnpj_shared", "CNPJ on several companies"),
    ("cnpj_invalid", "Tax ID is a CNPJ with wrong check digits"),
    ("under_age", "Under age"),
    ("zone_missing", "Time zone unknown"),
    ("name_spelling", "Name can be spelt better"),
    ("name_test", "Name looks like a test"),
    ("name_missing", "No name"),
    ("no_channel", "No e-mail and no phone"),
    ("cep_state", "CEP lies in another state"),
]
SEVERITIES = [("1", "Low"), ("2", "Medium"), ("3", "High")]
STATES = [("open", "Open"), ("ignored", "Accepted"), ("fixed", "Solved")]
# Which field of the contact a suggestion is for.
APPLIED_TO = {"email_typo": "email", "name_spelling": "name"}


class VelocDataIssue(models.Model):
    """One finding about one person; it closes itself when the data are right."""

    _name = "veloc.data.issue"
    _description = "Data Quality Finding"
    _order = "severity desc, found_at desc, id desc"
    _veloc_ledger_fields = frozenset({"state"})
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True

    partner_id = fields.Many2one(
        "res.partner",
        "Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    trader_id = fields.Many2one(
        "veloc.trader", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, "Finding", required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    # Computed and not stored: what somebody's address should be stands nowhere else.
    suggestion = fields.Char(compute="_compute_suggestion")
    current = fields.Char("Now", compute="_compute_suggestion")
    state = fields.Selection(STATES, required=True, readonly=True, default="open")
    found_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    closed_at = fields.Datetime(readonly=True)
    closed_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _one_standing = models.UniqueIndex(
        "(partner_id, kind) WHERE state <> 'fixed'", "This finding stands already."
    )

    # === COMPUTE === #

    @api.depends("kind", "partner_id.name", "partner_id.email")
    def _compute_suggestion(self):
        for issue in self:
            person = issue.partner_id
            field = APPLIED_TO.get(issue.kind)
            issue.suggestion = hygiene.suggestion(issue.kind, person.name, person.email)
            issue.current = person[field] if field else False

    @api.depends("partner_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for issue in self:
            issue.display_name = f"{issue.partner_id.display_name}: {kinds[issue.kind]}"

    # === ACTIONS === #

    def action_apply(self):
        """Write what is suggested to the contact (button)."""
        self._check_may_decide()
        for issue in self:
            if issue.state != "open" or not issue.suggestion:
                raise UserError(self.env._("There is nothing to apply here."))
            field = APPLIED_TO[issue.kind]
            issue.partner_id.write({field: issue.suggestion})
        self._close("fixed")
        return True

    def action_accept(self):
        """It is right as it is; do not ask again (button)."""
        self._check_may_decide()
        self._close("ignored")
        return True

    def action_reopen(self):
        """Look at it again (button)."""
        self._check_may_decide()
        self.filtered(lambda issue: issue.state == "ignored")._close("open")
        return True

    def action_open_person(self):
        """Open the trader, or the contact (button)."""
        self.ensure_one()
        return (self.trader_id or self.partner_id)._get_records_action()

    def _check_may_decide(self):
        if not self.env.user.has_group(ANALYST):
            raise AccessError(
                self.env._("Only analysts and managers decide about findings.")
            )
        self.check_access("read")

    def _close(self, state):
        is_open = state == "open"
        # sudo: nobody has write rights; the callers have checked who decides.
        self.sudo().write(
            {
                "state": state,
                "closed_at": False if is_open else fields.Datetime.now(),
                "closed_by": False if is_open else self.env.uid,
            }
        )
        self._count(self.trader_id.ids)
