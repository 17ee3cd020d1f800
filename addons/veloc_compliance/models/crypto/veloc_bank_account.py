from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ...rules import bank_details
from .encrypted_char import encrypted_char, masked_char, searchable_encrypted_char
from .res_partner_identity import READERS

_lt = LazyTranslate(__name__)


class VelocBankAccount(models.Model):
    """Where a person's money goes: branch, account and PIX key, encrypted."""

    _name = "veloc.bank.account"
    _description = "Bank account of a person"
    _order = "sequence, id"
    _veloc_ledger_fields = frozenset(
        {"partner_id", "bank_code", "branch", "account", "pix_key", "active"}
    )
    _veloc_ledger_subject = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Holder", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    bank_code = fields.Char("Bank", help="COMPE code (001) or ISPB (eight digits).")
    bank_name = fields.Char()
    kind = fields.Selection(bank_details.ACCOUNT_KINDS, default="checking")
    branch, branch_sealed = encrypted_char(
        "Branch",
        groups=READERS,
        normalise=bank_details.read_branch,
        problem=_lt("up to five digits are wanted."),
    )
    account, account_sealed, account_blind = searchable_encrypted_char(
        "Account",
        groups=READERS,
        normalise=bank_details.read_account,
        problem=_lt("digits and a check digit (0-9 or X) are wanted."),
    )
    pix_key, pix_key_sealed, pix_key_blind = searchable_encrypted_char(
        "PIX key",
        groups=READERS,
        normalise=bank_details.read_pix,
        problem=_lt(
            "a CPF, a CNPJ, an e-mail address, a phone number with + or a random key "
            "is wanted."
        ),
    )
    branch_masked = masked_char("Branch, masked", "branch", bank_details.mask_end)
    account_masked = masked_char("Account, masked", "account", bank_details.mask_end)
    pix_key_masked = masked_char("PIX key, masked", "pix_key", bank_details.mask_pix)

    # === COMPUTE === #

    @api.depends("bank_code", "bank_name", "account_sealed", "pix_key_sealed")
    def _compute_display_name(self):
        for account in self:
            parts = (
                account.bank_name or account.bank_code,
                account.account_masked or account.pix_key_masked,
            )
            account.display_name = " ".join(filter(None, parts)) or self.env._(
                "Bank account"
            )

    # === CONSTRAINTS === #

    @api.constrains("bank_code")
    def _check_bank_code(self):
        for account in self.filtered("bank_code"):
            if bank_details.read_bank_code(account.bank_code) != account.bank_code:
                raise ValidationError(
                    self.env._(
                        "A bank is named by its COMPE code (three digits) or its ISPB "
                        "(eight digits)."
                    )
                )

    @api.constrains("account", "pix_key")
    def _check_has_something(self):
        # sudo: whether the columns are filled is no secret of the writer's.
        for account_sudo in self.sudo():
            if not account_sudo.account_sealed and not account_sudo.pix_key_sealed:
                raise ValidationError(
                    self.env._("An account number or a PIX key is wanted.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Accept a bank's code with or without its leading zeros."""
        accounts = super().create([self._with_tidy_bank(vals) for vals in vals_list])
        accounts._check_has_something()
        return accounts

    def write(self, vals):
        """Accept a bank's code with or without its leading zeros."""
        return super().write(self._with_tidy_bank(vals))

    def _with_tidy_bank(self, vals):
        code = vals.get("bank_code")
        return (
            vals | {"bank_code": bank_details.read_bank_code(code) or code}
            if (code)
            else vals
        )

    # === ACTIONS === #

    def action_show(self):
        """Open the clear values, for reading and changing; the ledger notes it."""
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["account"], "read")
        view = self.env.ref("veloc_compliance.veloc_bank_account_view_form_clear")
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(view.id, "form")],
            "target": "new",
        }
