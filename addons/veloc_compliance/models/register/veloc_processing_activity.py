import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import LEGAL_BASES

STATES = [("draft", "Draft"), ("active", "In force"), ("retired", "Over")]
RISKS = [("low", "Low"), ("medium", "Medium"), ("high", "High")]
# What may change without a new version of the entry.
FREE = frozenset(
    {"state", "owner_id", "review_on", "version_ids", "impact_ids"}
    | {"message_follower_ids", "activity_ids", "message_ids"}
)


class VelocProcessingActivity(models.Model):
    """One entry of the register of processing (LGPD art. 37), versioned."""

    _name = "veloc.processing.activity"
    _description = "Processing activity"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _veloc_ledger_fields = frozenset({"name", "state", "risk", "retention"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "config"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        STATES, string="Status", required=True, readonly=True, default="draft",
        copy=False, tracking=True,
    )  # fmt: skip
    description = fields.Text(
        "What is done with the data", required=True, translate=True
    )
    subjects = fields.Char("Whose data", required=True, translate=True)
    sources = fields.Char("Where the data come from", translate=True)
    purpose_ids = fields.Many2many("veloc.purpose", string="Purposes")
    data_class_ids = fields.Many2many("veloc.data.class", string="Data")
    other_basis = fields.Selection(
        LEGAL_BASES, "Further legal basis",
        help="For processing that no purpose of the catalogue covers.",
    )  # fmt: skip
    bases = fields.Char("Legal bases", compute="_compute_bases")
    rests_on_interest = fields.Boolean(
        "Legitimate interest", compute="_compute_bases",
        help="The ANPD may ask for the balancing and the impact report (art. 10 § 3).",
    )  # fmt: skip
    is_sensitive = fields.Boolean("Sensitive data (art. 11)")
    about_minors = fields.Boolean("Children or adolescents (art. 14)")
    is_automated = fields.Boolean("Automated decisions (art. 20)")
    vendor_ids = fields.Many2many("veloc.vendor", string="Vendors")
    retention = fields.Text("How long the data are kept", required=True, translate=True)
    security = fields.Text("How the data are protected", required=True, translate=True)
    risk = fields.Selection(
        RISKS, "Risk to people", required=True, default="medium", tracking=True
    )
    risk_reason = fields.Text("Why this risk", translate=True)
    impact_ids = fields.One2many("veloc.impact.report", "activity_id", "Impact reports")
    has_impact = fields.Boolean("Impact report in force", compute="_compute_has_impact")
    places = fields.Text(
        "Where in the system", compute="_compute_places",
        help="Worked out from the map of personal data, not typed in.",
    )  # fmt: skip
    version_ids = fields.One2many("veloc.processing.version", "activity_id", "Versions")
    owner_id = fields.Many2one(
        "res.users", "Answers for it", default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )  # fmt: skip
    review_on = fields.Date(
        "Review by",
        default=lambda self: fields.Date.add(
            fields.Date.context_today(self), months=12
        ),
        copy=False,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    # === COMPUTE === #

    @api.depends("purpose_ids.current_version_id.legal_basis", "other_basis")
    @api.depends_context("lang")
    def _compute_bases(self):
        labels = dict(self._fields["other_basis"]._description_selection(self.env))
        for activity in self:
            versions = activity.purpose_ids.current_version_id
            codes = dict.fromkeys(
                [*versions.mapped("legal_basis"), activity.other_basis]
            )
            codes.pop(False, None)
            activity.bases = ", ".join(labels[code] for code in codes)
            activity.rests_on_interest = "legitimate_interest" in codes

    @api.depends("impact_ids.state", "impact_ids.review_on")
    def _compute_has_impact(self):
        today = fields.Date.context_today(self)
        for activity in self:
            activity.has_impact = any(
                report.state == "approved" and report.review_on >= today
                for report in activity.impact_ids
            )

    @api.depends("data_class_ids.code")
    @api.depends_context("lang")
    def _compute_places(self):
        by_class = {}
        for source in self.env["veloc.personal.data"]._data_map():
            if source.is_personal:
                label = self.env["ir.model"]._get(source.model).name or source.model
                by_class.setdefault(source.data_class, {})[label] = None
        for activity in self:
            names = {}
            for code in activity.data_class_ids.mapped("code"):
                names |= by_class.get(code, {})
            activity.places = "\n".join(sorted(names))

    # === CRUD === #

    def write(self, vals):
        """Refuse to change an entry in force: it is revised, and gets a version."""
        if set(vals) - FREE and self.filtered(lambda a: a.state != "draft"):
            raise UserError(
                self.env._("An entry in force does not change: press Revise first.")
            )
        if "state" in vals and not self.env.context.get("veloc_register_move"):
            raise UserError(self.env._("Use the buttons to change the status."))
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        """Every entry begins as a draft, whoever makes it."""
        return super().create([values | {"state": "draft"} for values in vals_list])

    @api.ondelete(at_uninstall=False)
    def _keep_what_was_in_force(self):
        if self.version_ids:
            raise UserError(
                self.env._("An entry that was in force stays in the register.")
            )

    # === ACTIONS === #

    def action_activate(self):
        """Put the entry in force and freeze what it says as a version (button)."""
        self._check_officer()
        for activity in self:
            if faults := activity._faults():
                messages = activity._fault_messages()
                raise UserError("\n".join(messages[code] for code in faults))
        self._move("active")
        # sudo: nobody has create rights on versions; the officer was checked.
        self.env["veloc.processing.version"].sudo()._freeze(self)
        return True

    def action_revise(self):
        """Open the entry for changes; its last version stays in force (button)."""
        self._check_officer()
        return self._move("draft")

    def action_retire(self):
        """Call the processing over (button)."""
        self._check_officer()
        return self._move("retired")

    def _move(self, state):
        return self.with_context(veloc_register_move=True).write({"state": state})

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))

    # === BUSINESS === #

    def _faults(self):
        """Return codes of what keeps this entry from coming into force."""
        self.ensure_one()
        not_ready = self.vendor_ids.filtered(lambda vendor: vendor.state != "active")
        checks = {
            "no_data": self.data_class_ids,
            "no_basis": self.bases,
            "no_impact": self.risk != "high" or self.has_impact,
            "vendor_not_ready": not not_ready,
        }
        return [code for code, is_met in checks.items() if not is_met]

    def _fault_messages(self):
        return {
            "no_data": self.env._("Say which data are processed."),
            "no_basis": self.env._(
                "Name a purpose or a further legal basis: without one the data may "
                "not be processed (arts. 7 and 11)."
            ),
            "no_impact": self.env._(
                "The risk is high: an impact report must be approved first (art. 38)."
            ),
            "vendor_not_ready": self.env._(
                "One of the vendors is not in use yet: finish its check first."
            ),
        }

    def _content(self):
        """Return what the register says of this activity, JSON-safe, in order."""
        self.ensure_one()
        vendors = [
            {
                "name": v.name,
                "country": v.country_id.code,
                "mechanism": v.mechanism or "",
            }
            for v in self.vendor_ids
        ]
        return {
            "name": self.name,
            "description": self.description,
            "subjects": self.subjects,
            "sources": self.sources or "",
            "purposes": self.purpose_ids.mapped("code"),
            "bases": self.bases,
            "legitimate_interest": self.rests_on_interest,
            "data": self.data_class_ids.mapped("code"),
            "sensitive": self.is_sensitive,
            "minors": self.about_minors,
            "automated_decisions": self.is_automated,
            "vendors": vendors,
            "retention": self.retention,
            "security": self.security,
            "risk": self.risk,
            "impact_report": self.has_impact,
            "controller": self.company_id.name,
        }

    def _canonical(self):
        content = self._content()
        return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)

    @api.model
    def _register_json(self):
        """Return the newest frozen version of every entry that has one."""
        activities = self.search([("version_ids", "!=", False)])
        newest = [activity.version_ids[0] for activity in activities]
        return [
            {
                "version": version.number,
                "since": fields.Datetime.to_string(version.frozen_at),
                "sha256": version.content_hash,
                "state": version.activity_id.state,
                **json.loads(version.content),
            }
            for version in newest
        ]

    @api.model
    def _register_table(self):
        """Return headings and rows of the register, for a sheet."""
        yes, no = self.env._("yes"), self.env._("no")
        names = (
            "name", "state", "description", "subjects", "sources", "bases",
            "rests_on_interest", "is_sensitive", "about_minors", "is_automated",
            "retention", "security", "risk", "has_impact", "review_on",
        )  # fmt: skip
        linked = ("purpose_ids", "data_class_ids", "vendor_ids")
        headings = [
            self._fields[name]._description_string(self.env)
            for name in (*names, *linked)
        ]
        rows = []
        # pylint: disable-next=no-search-all  # a register has dozens of entries
        for activity in self.search([]):
            values = [activity._shown(name, yes, no) for name in names]
            values += [
                ", ".join(activity[name].mapped("display_name")) for name in linked
            ]
            rows.append(values)
        return headings, rows

    def _shown(self, name, yes, no):
        """Return a value of this entry as people read it in a sheet."""
        field, value = self._fields[name], self[name]
        if field.type == "boolean":
            return yes if value else no
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        return str(value) if value else ""
