from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import PURPOSE_KINDS, REVOCABLE_BASES
from ..rules import gate


class VelocPurpose(models.Model):
    """What we use a person's data for; its published version is the law in force."""

    _name = "veloc.purpose"
    _description = "Purpose of contact"
    _veloc_ledger_fields = frozenset(
        {"active", "code", "current_version_id", "kind", "name"}
    )
    _veloc_ledger_kind = "config"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    kind = fields.Selection(PURPOSE_KINDS, required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    version_ids = fields.One2many("veloc.purpose.version", "purpose_id")
    current_version_id = fields.Many2one(
        "veloc.purpose.version", readonly=True, copy=False, ondelete="restrict"
    )
    legal_basis = fields.Selection(related="current_version_id.legal_basis")
    is_revocable = fields.Boolean(compute="_compute_is_revocable")

    _code_unique = models.Constraint("UNIQUE(code)", "This code is already taken.")
    _code_shape = models.Constraint(
        "CHECK (code ~ '^[a-z][a-z0-9_]*$')",
        "A code has lower-case letters, digits and underscores only.",
    )

    _code_specific = models.Constraint(
        "CHECK (code NOT IN ('all', 'any', 'general', 'generic', 'everything', "
        "'misc', 'others', 'geral', 'generico', 'todas', 'todos', 'tudo', 'diversos', "
        "'outros'))",
        "A purpose for everything is void (LGPD art. 8 § 4).",
    )

    # === COMPUTE === #

    @api.depends("current_version_id.legal_basis")
    def _compute_is_revocable(self):
        for purpose in self:
            purpose.is_revocable = purpose.legal_basis in REVOCABLE_BASES

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.pop("current_version_id", None)
        return super().create(vals_list)

    def write(self, vals):
        """A published purpose keeps its code and kind; publishing sets the rest."""
        fixed = {"current_version_id"}
        if self.current_version_id:
            fixed |= {"code", "kind"}
        if not self.env.su and fixed & set(vals):
            raise UserError(
                self.env._("The code and kind of a published purpose are fixed.")
            )
        return super().write(vals)

    # === BUSINESS === #

    @api.model
    def _revocable(self):
        """Return the published purposes on which the person has the last word."""
        published = self.search([("current_version_id", "!=", False)])
        return published.filtered("is_revocable")

    @api.model
    def _irrevocable(self):
        """Return the published purposes that contract or law command."""
        published = self.search([("current_version_id", "!=", False)])
        return published - published.filtered("is_revocable")

    @api.model
    def _published_by_code(self):
        """Return ``{code: purpose}`` of those with a version in force."""
        published = self.search([("current_version_id", "!=", False)])
        return {purpose.code: purpose for purpose in published}

    def _version_shown(self, number=None):
        """Return the version of that number if people have seen it; else nothing.

        Without a number it is the one in force.
        """
        if number is None:
            return self.current_version_id
        return self.version_ids.filtered(
            lambda version: version.number == number and version.state != "draft"
        )

    @api.model
    def _gate_purposes(self, purpose_ids):
        """Return ``{id: gate.Purpose}`` for the gate, in one query."""
        self.flush_model()
        self.env["veloc.purpose.version"].flush_model()
        self.env["veloc.balancing"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, p.code, p.kind, v.id, v.number, v.legal_basis,
                       v.covers_from,
                       CASE WHEN v.legal_basis = 'legitimate_interest' THEN
                           -- Withdrawn: over since ever.
                           CASE WHEN b.state <> 'approved' THEN date '0001-01-01'
                           ELSE b.expires_on END
                       END
                FROM veloc_purpose p
                LEFT JOIN veloc_purpose_version v ON v.id = p.current_version_id
                LEFT JOIN veloc_balancing b ON b.id = v.balancing_id
                WHERE p.id = ANY(%s) AND p.active
                """,
                list(purpose_ids),
            )
        )
        return {
            row[0]: gate.Purpose(*row[:4], row[4] or 0, row[5], row[6] or 0, row[7])
            for row in rows
        }
