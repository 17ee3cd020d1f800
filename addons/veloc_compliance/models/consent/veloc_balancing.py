import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...rules import balancing

# An approved test is what a purpose stands on: it can only be replaced or withdrawn.
_FREEZE = SQL("""
    CREATE OR REPLACE FUNCTION veloc_balancing_freeze() RETURNS trigger
    LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['state', 'withdrawn_at', 'write_uid', 'write_date'];
    BEGIN
        IF OLD.state = 'draft' THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.state IN (OLD.state, 'withdrawn')
           AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Balancing test %% is approved and frozen: %% refused',
            OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE OR REPLACE TRIGGER veloc_frozen BEFORE UPDATE OR DELETE
        ON veloc_balancing FOR EACH ROW EXECUTE FUNCTION veloc_balancing_freeze();
    ALTER TABLE veloc_balancing ENABLE ALWAYS TRIGGER veloc_frozen
""")
_FLAGS = (
    "is_lawful",
    "is_expected",
    "has_less_intrusive",
    "concerns_minors",
    "is_sensitive",
    "has_opt_out",
)
_ANSWERS = frozenset(
    (*balancing.QUESTIONS, *_FLAGS, "name", "purpose_id", "outcome")
) | {"review_on", "expires_on"}
_OWN = frozenset(
    {"state", "approved_at", "approved_by", "withdrawn_at", "answers_hash"}
)


class VelocBalancing(models.Model):
    """A balancing test (LIA): why legitimate interest outweighs the person's.

    Approved by the encarregado it never changes; past its expiry the gate refuses
    what stands on it.
    """

    _name = "veloc.balancing"
    _description = "Balancing test of legitimate interest"
    _inherit = ["mail.activity.mixin"]
    _order = "id desc"
    _veloc_ledger_fields = frozenset(
        {"state", "purpose_id", "outcome", "review_on", "expires_on"}
    )
    _veloc_ledger_kind = "config"

    name = fields.Char("Subject", required=True)
    purpose_id = fields.Many2one("veloc.purpose", required=True, ondelete="restrict")
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("withdrawn", "Withdrawn")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    interest = fields.Text(
        "Whose interest is it, and which?",
        help="Ours or a third party's; concrete, not speculative (art. 10).",
    )
    situation = fields.Text(
        "In which concrete situation does it arise?",
        help="Support of our activities, or protection of the person (art. 10 I, II).",
    )
    is_lawful = fields.Boolean("The interest is lawful")
    data_used = fields.Text(
        "Which data are strictly necessary?",
        help="No others may be used (art. 10 § 1).",
    )
    necessity = fields.Text("Why can the aim not be reached with less?")
    has_less_intrusive = fields.Boolean("There is a less intrusive way")
    is_expected = fields.Boolean("The person expects this use")
    expectation_note = fields.Text(
        "Why does the person expect it, or not?",
        help="The relation with the person and what they were told (art. 10 II).",
    )
    impact = fields.Text(
        "What could it mean for the person, and how gravely?",
        help="Rights and freedoms, money, discrimination, loss of control.",
    )
    concerns_minors = fields.Boolean("Children or adolescents are among them")
    is_sensitive = fields.Boolean("Sensitive data are used")
    safeguards = fields.Text(
        "Which safeguards reduce the impact?",
        help="Transparency, short retention, pseudonyms, access, limits (art. 10 § 2).",
    )
    has_opt_out = fields.Boolean(
        "The person can object at any time", help="Art. 18 § 2: easily, at once."
    )
    conclusion = fields.Text()
    outcome = fields.Selection(
        [
            ("passes", "The interest outweighs: it may be used"),
            ("fails", "The person's rights outweigh: it may not be used"),
        ]
    )
    review_on = fields.Date(
        "Review by", default=lambda self: self._in_days(365), copy=False
    )
    expires_on = fields.Date(
        default=lambda self: self._in_days(425),
        copy=False,
        help="From this day on the gate refuses what stands on this test.",
    )
    approved_at = fields.Datetime(readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    withdrawn_at = fields.Datetime(readonly=True, copy=False)
    answers_hash = fields.Char(
        "Hash of the answers (SHA-256)", readonly=True, copy=False
    )
    findings = fields.Text("To do before approval", compute="_compute_findings")
    is_expired = fields.Boolean(
        compute="_compute_is_expired", search="_search_is_expired"
    )
    version_ids = fields.One2many("veloc.purpose.version", "balancing_id", "Used by")

    _dates_in_order = models.Constraint(
        "CHECK (expires_on IS NULL OR review_on IS NULL OR expires_on > review_on)",
        "The test expires after its review.",
    )

    def init(self):
        """Freeze approved tests in the database itself."""
        self.env.cr.execute(_FREEZE)
        return super().init()

    # === COMPUTE === #

    @api.model
    def _in_days(self, days):
        return fields.Date.add(fields.Date.context_today(self), days=days)

    @api.depends(*balancing.QUESTIONS, *_FLAGS, "outcome", "review_on", "expires_on")
    def _compute_findings(self):
        messages = self._fault_messages()
        today = fields.Date.context_today(self)
        for test in self:
            faults = balancing.faults(test._rule(), today)
            test.findings = "\n".join(messages[code] for code in faults) or False

    @api.depends("state", "expires_on")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for test in self:
            test.is_expired = balancing.standing(test._rule(), today) == "expired"

    def _search_is_expired(self, operator, value):
        if operator not in ("in", "not in") or set(value) - {True, False}:
            return NotImplemented
        today = fields.Date.context_today(self)
        expired = fields.Domain("state", "=", "approved")
        expired &= fields.Domain("expires_on", "<=", today)
        return expired if (operator == "in") == (True in value) else ~expired

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Make drafts, whatever the caller says."""
        return super().create(
            [{k: v for k, v in vals.items() if k not in _OWN} for vals in vals_list]
        )

    def write(self, vals):
        """Edit drafts; the rest moves through the buttons."""
        if not self.env.su and set(vals) & _OWN:
            raise UserError(self.env._("A test is approved by its button."))
        if set(vals) & _ANSWERS and self.filtered(lambda test: test.state != "draft"):
            raise UserError(self._frozen_message())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.filtered(lambda test: test.state != "draft"):
            raise UserError(self._frozen_message())

    def _frozen_message(self):
        return self.env._("An approved test is kept as it is. Make a new one instead.")

    # === ACTIONS === #

    def action_approve(self):
        """Approve the tests, as encarregado; from now on they are frozen."""
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only the encarregado approves this."))
        for test in self:
            if test.state != "draft":
                raise UserError(self._frozen_message())
            if test.findings:
                raise UserError(test.findings)
            # sudo: state and approver are nobody's to write; the role was checked.
            test.sudo().write(
                {
                    "state": "approved",
                    "approved_at": fields.Datetime.now(),
                    "approved_by": self.env.uid,
                    "answers_hash": test._digest(),
                }
            )
        return True

    def action_withdraw(self):
        """Take approved tests back: from now on the gate refuses what needs them."""
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only the encarregado withdraws this."))
        approved = self.filtered(lambda test: test.state == "approved")
        # sudo: the state is nobody's to write; the role was checked.
        approved.sudo().write(
            {"state": "withdrawn", "withdrawn_at": fields.Datetime.now()}
        )
        return True

    # === BUSINESS === #

    def _rule(self):
        """Return the test as the rules see it."""
        self.ensure_one()
        return balancing.Assessment(
            answers={name: self[name] or "" for name in balancing.QUESTIONS},
            **{name: self[name] for name in _FLAGS},
            outcome=self.outcome or "",
            state=self.state,
            review_on=self.review_on or None,
            expires_on=self.expires_on or None,
        )

    def _standing(self, purpose):
        """Return whether ``purpose`` may stand on this test, which may be none."""
        test = self.filtered(lambda test: test.purpose_id == purpose)
        today = fields.Date.context_today(self)
        return balancing.standing(test._rule() if test else None, today)

    def _digest(self):
        answers = {name: self[name] or "" for name in balancing.QUESTIONS}
        answers |= {name: self[name] for name in _FLAGS}
        answers |= {"purpose": self.purpose_id.code, "outcome": self.outcome}
        text = json.dumps(answers, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def _fault_messages(self):
        unanswered = {
            f"no_{name}": self.env._(
                "Answer in a sentence: %(question)s",
                question=self._fields[name]._description_string(self.env),
            )
            for name in balancing.QUESTIONS
        }
        return unanswered | {
            "is_sensitive": self.env._(
                "Sensitive data know no legitimate interest (art. 11)."
            ),
            "concerns_minors": self.env._(
                "Children and adolescents: their best interest stands first (art. 14). "
                "Leave them out, or choose another legal basis."
            ),
            "not_lawful": self.env._("Confirm that the interest is lawful."),
            "less_intrusive": self.env._(
                "There is a less intrusive way: take that one (art. 10 § 1)."
            ),
            "no_opt_out": self.env._(
                "The person must be able to object at any time (art. 18 § 2)."
            ),
            "no_outcome": self.env._("Choose the outcome."),
            "outcome_fails": self.env._(
                "The person's rights outweigh: this purpose needs another legal basis."
            ),
            "no_review": self.env._("The day of the review must lie in the future."),
            "no_expiry": self.env._("The test must expire after its review."),
        }
