"""Two records of one person, side by side: which stays, and whose values."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, html2plaintext

from ..rules import merge_choice
from ..rules.merge_choice import Side

# Not “Left” alone: elsewhere that is somebody who went.
SIDES = [("left", "On the Left"), ("right", "On the Right")]
# What is chosen field by field; CPF and the like follow by themselves if one lacks it.
CHOSEN = (
    "name",
    "email",
    "phone",
    "veloc_birth_date",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
    "lang",
    "tz",
    "function",
    "comment",
)


class VelocMergeWizard(models.TransientModel):
    """Suggests, with reasons; the person who merges decides."""

    _name = "veloc.merge.wizard"
    _description = "Merge Two Records of a Person"

    left_id = fields.Many2one("res.partner", required=True, readonly=True)
    right_id = fields.Many2one("res.partner", required=True, readonly=True)
    keep = fields.Selection(SIDES, "Stays", required=True, default="left")
    keep_why = fields.Char("Why", readonly=True)
    reason = fields.Char(help="Why these are one person; it stands on the merge.")
    refusal = fields.Char(compute="_compute_refusal")
    left_trader_id = fields.Many2one(related="left_id.veloc_trader_id", string="Trader")
    right_trader_id = fields.Many2one(
        related="right_id.veloc_trader_id", string="Other Trader"
    )
    left_facts = fields.Char(compute="_compute_facts")
    right_facts = fields.Char(compute="_compute_facts")
    line_ids = fields.One2many("veloc.merge.wizard.line", "wizard_id", string="Values")

    # === COMPUTE === #

    @api.depends("left_id", "right_id")
    def _compute_refusal(self):
        for wizard in self:
            refusal = self.env["veloc.merge"]._refusal
            wizard.refusal = refusal(wizard.left_id, wizard.right_id)

    @api.depends("left_id", "right_id")
    def _compute_facts(self):
        for wizard in self:
            wizard.left_facts = wizard._say_facts(wizard.left_id)
            wizard.right_facts = wizard._say_facts(wizard.right_id)

    def _say_facts(self, person):
        trader = person.veloc_trader_id
        if not trader:
            return self.env._("No trading account")
        return self.env._(
            "%(reference)s · %(deposits)s deposits · %(trades)s trades",
            reference=trader.external_ref,
            deposits=trader.deposit_count,
            trades=trader.trade_count,
        )

    # === ACTIONS === #

    def action_merge(self):
        """Merge, and open the merge (button)."""
        self.ensure_one()
        self.env["veloc.merge"]._check_may_merge()
        with self.env["veloc.merge"]._alone() as merges:
            action = self.with_env(merges.env)._merge()
        return dict(action)

    # === BUSINESS === #

    def _merge(self):
        survivor, loser = self.left_id, self.right_id
        if self.keep == "right":
            survivor, loser = loser, survivor
        # The values are written with more rights than the user has: these fields only.
        taken = self.line_ids.filtered(
            lambda line: line.field_name in CHOSEN and line.choice != self.keep
        )
        values = {line.field_name: loser[line.field_name] for line in taken}
        values = {
            name: value.id if isinstance(value, models.BaseModel) else value
            for name, value in values.items()
        }
        merge = self.env["veloc.merge"]._perform(
            survivor, loser, values, self.reason or ""
        )
        return merge._get_records_action()

    @api.model
    def _open(self, one, other):
        """Return the dialog for two people, with everything suggested."""
        if refusal := self.env["veloc.merge"]._refusal(one, other):
            raise UserError(refusal)
        sides = [self._side(person) for person in (one, other)]
        kept, why = merge_choice.survivor(*sides)
        wizard = self.create(
            {
                "left_id": one.id,
                "right_id": other.id,
                "keep": "left" if kept == one.id else "right",
                "keep_why": self._say(why),
                "line_ids": [
                    fields.Command.create(values)
                    for values in self._prepare_lines(one, other, kept == one.id)
                ],
            }
        )
        return wizard._get_records_action(
            name=self.env._("Merge Two Records of a Person"), target="new"
        )

    @api.model
    def _side(self, person):
        # sudo: only whether there is a CPF or a login, no value.
        person_sudo = person.sudo()
        trader = person_sudo.veloc_trader_id
        return Side(
            person.id,
            has_login=bool(person_sudo.user_ids),
            kyc_approved=trader.kyc_state == "approved",
            has_cpf=bool(person_sudo.veloc_cpf_blind),
            has_deposits=trader.deposit_count > 0,
            created_at=person.create_date,
        )

    @api.model
    def _prepare_lines(self, one, other, keeps_left):
        """Return the lines of the fields in which the two differ."""
        kept, gone = (one, other) if keeps_left else (other, one)
        names = {"kept": "left", "gone": "right"}
        if not keeps_left:
            names = {"kept": "right", "gone": "left"}
        for name in CHOSEN:
            if (not one[name] and not other[name]) or one[name] == other[name]:
                continue
            whose, why = merge_choice.choose(name, kept[name], gone[name])
            yield {
                "field_name": name,
                "left_text": self._show(one, name),
                "right_text": self._show(other, name),
                "choice": names[whose],
                "suggested": names[whose],
                "why": self._say(why),
            }

    @api.model
    def _show(self, person, name):
        field, value = person._fields[name], person[name]
        if field.relational:
            return value.display_name or False
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value)
        if field.type == "date":
            return format_date(self.env, value) if value else False
        return html2plaintext(value) if field.type == "html" else value

    @api.model
    def _say(self, why):
        words = {
            "has_login": self.env._("has a login"),
            "kyc_approved": self.env._("identity was approved"),
            "has_cpf": self.env._("has a CPF"),
            "has_deposits": self.env._("has deposits"),
            "is_older": self.env._("is the older record"),
            "only_one": self.env._("only this one has it"),
            "better_name": self.env._("the fuller name"),
            "better_email": self.env._("the address without doubts"),
            "better_phone": self.env._("a mobile number that can be right"),
            "stays": self.env._("as on the record that stays"),
        }
        return words.get(why, "")
