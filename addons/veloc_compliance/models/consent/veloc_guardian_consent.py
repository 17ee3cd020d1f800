from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

_PROOF = "veloc_compliance.group_officer"


class VelocGuardianConsent(models.Model):
    """What a parent or guardian allowed for a child or adolescent (LGPD art. 14 § 1).

    Evidence only: people under 18 get no marketing, whoever agrees to it.
    """

    _name = "veloc.guardian.consent"
    _description = "Consent of a guardian"
    _inherit = ["veloc.append.only"]
    _order = "given_at desc, id desc"
    _rec_name = "guardian_id"
    _veloc_ledger_fields = frozenset({"granted", "guardian_id", "relation", "scope"})
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_kind = "consent"

    partner_id = fields.Many2one(
        "res.partner", "Child or adolescent", required=True, ondelete="restrict"
    )
    guardian_id = fields.Many2one(
        "res.partner", "Parent or guardian", required=True, ondelete="restrict"
    )
    relation = fields.Selection(
        [("parent", "Parent"), ("guardian", "Legal guardian")],
        required=True,
        default="parent",
    )
    granted = fields.Boolean("Said yes", default=True)
    scope = fields.Text(
        "For what exactly",
        required=True,
        help="Specific: which data, for which purpose. Not “everything”.",
    )
    given_at = fields.Datetime(required=True, default=fields.Datetime.now)
    verified_by = fields.Selection(
        [
            ("document", "Documents of both were seen"),
            ("signature", "Signed form"),
            ("account", "The guardian's own verified account"),
            ("call", "Recorded call"),
        ],
        "How it was verified",
        required=True,
        help="Reasonable efforts to verify that it was the guardian (art. 14 § 5).",
    )
    evidence = fields.Text(
        required=True, groups=_PROOF, help="Where the proof is kept."
    )
    stored_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    recorded_by = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )

    _two_people = models.Constraint(
        "CHECK (partner_id <> guardian_id)", "Nobody is their own guardian."
    )
    _not_ahead = models.Constraint(
        "CHECK (given_at <= stored_at + interval '10 minutes')",
        "A consent cannot be given in the future.",
    )
    _person_idx = models.Index("(partner_id, given_at DESC)")

    # === CONSTRAINTS === #

    @api.constrains("guardian_id")
    def _check_guardian_is_of_age(self):
        for consent in self:
            # sudo: the birth date decides, and is not shown.
            born = consent.guardian_id.sudo().veloc_birth_date
            limit = fields.Date.subtract(consent.given_at.date(), years=18)
            if born and born > limit:
                raise ValidationError(
                    self.env._(
                        "A guardian is of age: %(name)s is not.",
                        name=consent.guardian_id.display_name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Record as oneself, now."""
        if not self.env.su and not self.env.user.has_group(_PROOF):
            raise AccessError(self.env._("You may not record consents."))
        own = {"stored_at", "recorded_by"}
        return super().create(
            [{k: v for k, v in vals.items() if k not in own} for vals in vals_list]
        )
