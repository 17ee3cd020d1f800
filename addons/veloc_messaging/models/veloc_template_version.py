from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..rules import style_check, style_rules
from .veloc_template_approval import APPROVAL_FIELDS

FROZEN = ("approved", "retired")
OPEN = ("draft", "review")
OWN_FIELDS = APPROVAL_FIELDS | {"state", "number"}

MOVES = {
    "review": ("draft",),
    "draft": ("review",),
    "approved": OPEN,
    "retired": ("approved",),
}


class VelocTemplateVersion(models.Model):
    """One wording of a template; once approved it never changes."""

    _name = "veloc.template.version"
    _description = "Version of a message template"
    _veloc_ledger_fields = frozenset(
        {"approved_by_id", "number", "state", "submitted_by_id"}
    )
    _veloc_ledger_kind = "config"
    _inherit = [
        "veloc.template.frozen",
        "veloc.template.approval",
        "veloc.template.variant",
        "veloc.template.compare",
    ]
    _order = "template_id, number desc"

    template_id = fields.Many2one(
        "veloc.template", required=True, ondelete="cascade", index=True
    )
    purpose_id = fields.Many2one(
        related="template_id.purpose_id",
        store=True,
        precompute=True,
        required=True,
        index=True,
    )
    number = fields.Integer(required=True, readonly=True, copy=False, default=0)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("review", "Waiting for approval"),
            ("approved", "Approved"),
            ("retired", "Retired"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    body_ids = fields.One2many("veloc.template.body", "version_id", "Texts", copy=True)
    channels = fields.Char(compute="_compute_channels")
    findings = fields.Text("To repair", compute="_compute_findings")
    warnings = fields.Text("To consider", compute="_compute_findings")
    variable_help = fields.Html(
        "Variables", compute="_compute_variable_help", sanitize=False
    )

    _purpose_key = models.Constraint(
        "UNIQUE(id, purpose_id)", "A version has one purpose."
    )
    _number_unique = models.Constraint(
        "UNIQUE(template_id, number)", "This version number is taken."
    )
    _one_draft = models.UniqueIndex(
        "(template_id) WHERE state IN ('draft', 'review')",
        "There is a draft of this template already.",
    )
    _one_approved = models.UniqueIndex(
        "(template_id) WHERE state = 'approved'",
        "Only one version of a template is in use.",
    )
    _approval_known = models.Constraint(
        "CHECK (state IN ('draft', 'review') OR (approved_at IS NOT NULL"
        " AND approved_by_id IS NOT NULL))",
        "An approved version says who approved it, and when.",
    )
    _request_known = models.Constraint(
        "CHECK (state <> 'review' OR (submitted_at IS NOT NULL"
        " AND submitted_by_id IS NOT NULL))",
        "A version that waits for approval says who asked for it, and when.",
    )
    _four_eyes = models.Constraint(
        "CHECK (is_two_person IS NOT TRUE OR (submitted_by_id IS NOT NULL"
        " AND submitted_by_id <> approved_by_id"
        " AND edited_by_id IS DISTINCT FROM approved_by_id))",
        "Who wrote a version or asked for its approval cannot approve it.",
    )

    def init(self):
        """Let the database itself refuse a change of what was approved."""
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE FUNCTION veloc_template_version_frozen()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    IF OLD.state = 'draft' THEN RETURN OLD; END IF;
                ELSIF OLD.state IN ('draft', 'review') OR (
                    (NEW.state = OLD.state
                     OR (OLD.state = 'approved' AND NEW.state = 'retired'))
                    AND to_jsonb(NEW) - %(may_change)s::text[]
                        = to_jsonb(OLD) - %(may_change)s::text[]
                ) THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'template version %% was approved and is frozen',
                    OLD.id USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE OR REPLACE TRIGGER veloc_template_version_frozen
            BEFORE UPDATE OR DELETE ON veloc_template_version
            FOR EACH ROW EXECUTE FUNCTION veloc_template_version_frozen();
            """,
                may_change=["state", "retired_at", "write_uid", "write_date"],
            )
        )

    # === COMPUTE === #

    @api.depends("template_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.template_id.name} v{version.number}"

    @api.depends("body_ids.channel")
    def _compute_channels(self):
        labels = dict(self.body_ids._fields["channel"]._description_selection(self.env))
        for version in self:
            present = {body.channel for body in version.body_ids}
            version.channels = ", ".join(
                label for channel, label in labels.items() if channel in present
            )

    @api.depends(
        "state",
        "template_id.risk_notice",
        "template_id.product_ids",
        "template_id.max_segments",
        "purpose_id",
        "body_ids.channel",
        "body_ids.lang",
        "body_ids.subject",
        "body_ids.body",
        "body_ids.remove_accents",
        "body_ids.content_sid",
        "body_ids.content_variables",
    )
    def _compute_findings(self):
        drafts = self.filtered(lambda version: version.state in OPEN)
        (self - drafts).findings = (self - drafts).warnings = False
        explain = self.env["veloc.template.check"]._explain_versions
        for version, lines in explain(drafts).items():
            version.findings = "\n".join(lines)
        for version, lines in explain(drafts, style_rules.WARNS).items():
            version.warnings = "\n".join(lines)

    def _compute_variable_help(self):
        checker = self.env["veloc.template.check"]
        self.variable_help = checker._get_variable_help(style_check.HOME_LANG)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Number the versions of a template in the order they are made."""
        for vals in vals_list:
            self._refuse_own_fields(vals)
        templates = {vals["template_id"] for vals in vals_list}
        # sudo: a number must be free also among versions this user cannot read.
        last = dict(
            self.sudo()._read_group(
                [("template_id", "in", list(templates))],
                ["template_id"],
                ["number:max"],
            )
        )
        numbers = {template.id: number for template, number in last.items()}
        for vals in vals_list:
            template_id = vals["template_id"]
            numbers[template_id] = numbers.get(template_id, 0) + 1
            vals["number"] = numbers[template_id]
        return super().create(vals_list)

    def write(self, vals):
        """Refuse any change of what was approved; a new version is the way."""
        vals = {
            name: value for name, value in vals.items() if name != "compare_with_id"
        }
        self._refuse_own_fields(vals)
        changed = self.filtered(lambda version: version._would_change(vals))
        if set(vals) - OWN_FIELDS:
            changed._refuse_frozen()
        return super(VelocTemplateVersion, changed).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._refuse_frozen()
        if any(version.state != "draft" for version in self):
            raise UserError(self.env._("Take the version back before you delete it."))

    def _refuse_own_fields(self, vals):
        if not self.env.su and OWN_FIELDS & set(vals):
            raise AccessError(
                self.env._("The state of a version moves by its buttons only.")
            )

    def _refuse_frozen(self):
        if frozen := self.filtered(lambda version: version.state in FROZEN):
            raise UserError(
                self.env._(
                    "%(version)s was approved and stays as it is. Make a new version "
                    "to change the text.",
                    version=frozen[0].display_name,
                )
            )

    # === ACTIONS === #

    def action_new_version(self):
        """Open the draft of the template; without one, make it."""
        self.ensure_one()
        return self.template_id.action_new_version()

    # === BUSINESS === #

    def _move(self, target, **values):
        """Move the versions that may move to ``target``; return those."""
        movable = self.filtered(lambda version: version.state in MOVES[target])
        movable.body_ids.flush_recordset()  # before the database freezes them
        movable.write({"state": target, **values})
        movable.flush_recordset()  # one in use at a time, in the database too
        return movable
