"""A cadence: who comes in, and the versions of what happens then."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .veloc_trader_event import TYPES

# What a person who waits in the cadence was promised: fixed once published.
LOCKED_FIELDS = frozenset({"kind", "entry_event_type", "reentry", "code"})


class VelocCadence(models.Model):
    """The lasting name of a flow or a cadence; its content stands in versions."""

    _name = "veloc.cadence"
    _description = "Cadence"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "code",
            "current_version_id",
            "entry_event_type",
            "kind",
            "name",
            "reentry",
        }
    )
    _veloc_ledger_kind = "config"
    _order = "kind, sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, copy=False)
    description = fields.Text(translate=True)
    kind = fields.Selection(
        [("flow", "Flow"), ("cadence", "Cadence")],
        required=True,
        default="cadence",
        help="A flow answers an event at once, at any hour, and carries nothing "
        "promotional. A cadence accompanies a person over days.",
    )
    entry_event_type = fields.Selection(TYPES, string="Enters On")
    reentry = fields.Selection(
        [
            ("once", "Once in a lifetime"),
            ("again", "Again, after the last run ended"),
            ("each", "Each event is a run of its own"),
        ],
        string="Re-entry",
        required=True,
        default="once",
    )
    version_ids = fields.One2many("veloc.cadence.version", "cadence_id")
    current_version_id = fields.Many2one(
        "veloc.cadence.version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        string="Published Version",
    )
    draft_version_id = fields.Many2one(
        "veloc.cadence.version", compute="_compute_versions", string="Draft"
    )
    is_locked = fields.Boolean(compute="_compute_versions")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    entered_count = fields.Integer(compute="_compute_counts", string="Entered")
    step_ids = fields.One2many(
        "veloc.cadence.step",
        compute="_compute_versions",
        string="Steps",
        help="Of the published version; before the first one, of the draft.",
    )
    exit_ids = fields.One2many(
        "veloc.cadence.exit", compute="_compute_versions", string="Ways Out"
    )
    step_count = fields.Integer(compute="_compute_versions", string="Number of Steps")

    _code_unique = models.Constraint("UNIQUE (code)", "Each cadence has its own code.")
    _code_shape = models.Constraint(
        "CHECK (code ~ '^[a-z0-9_]+$')",
        "A code has small letters, digits and underscores only.",
    )
    _flow_each = models.Constraint(
        "CHECK (kind <> 'flow' OR reentry = 'each')",
        'A flow answers each event: choose the re-entry "Each event".',
    )
    _entry_idx = models.Index("(entry_event_type) WHERE active")

    # === COMPUTE === #

    @api.depends("version_ids.state", "version_ids.step_ids")
    def _compute_versions(self):
        for cadence in self:
            drafts = cadence.version_ids.filtered(lambda v: v.state == "draft")
            cadence.draft_version_id = drafts.sorted("number")[-1:]
            cadence.is_locked = bool(cadence.version_ids - drafts)
            shown = cadence.current_version_id or cadence.draft_version_id
            cadence.step_ids = shown.step_ids
            cadence.exit_ids = shown.exit_ids
            cadence.step_count = len(shown.step_ids)

    def _compute_counts(self):
        counts = {
            (cadence.id, state): count
            for cadence, state, count in self.env["veloc.enrolment"]._read_group(
                [("cadence_id", "in", self.ids)],
                ["cadence_id", "state"],
                ["__count"],
            )
        }
        for cadence in self:
            of_states = {
                state: counts.get((cadence.id, state), 0)
                for state in ("active", "done", "exited")
            }
            cadence.waiting_count = of_states["active"]
            cadence.entered_count = sum(of_states.values())

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind == "flow":
            self.reentry = "each"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Create the cadences, each with a first draft unless one comes along."""
        for vals in vals_list:
            self._refuse_own_fields(vals)
        cadences = super().create(vals_list)
        self.env["veloc.cadence.version"].create(
            [
                {"cadence_id": cadence.id}
                for cadence, vals in zip(cadences, vals_list, strict=True)
                if "version_ids" not in vals
            ]
        )
        return cadences

    def write(self, vals):
        self._refuse_own_fields(vals)
        locked = LOCKED_FIELDS & vals.keys()
        if locked and any(
            cadence.is_locked and any(cadence[name] != vals[name] for name in locked)
            for cadence in self
        ):
            raise UserError(
                self.env._(
                    "People are in this cadence or have been: its entry stays as it "
                    "is. Duplicate the cadence to change it."
                )
            )
        return super().write(vals)

    def _refuse_own_fields(self, vals):
        if "current_version_id" in vals and not self.env.su:
            raise AccessError(
                self.env._("A version comes into use by its Publish button.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_never_published(self):
        if any(cadence.is_locked for cadence in self):
            raise UserError(
                self.env._(
                    "A cadence that was published is part of the record of who got "
                    "what. Archive it instead."
                )
            )

    def copy_data(self, default=None):
        """Name and code of a copy differ from the original's."""
        return [
            {
                **vals,
                "name": self.env._("%(name)s (copy)", name=cadence.name),
                "code": f"{cadence.code}_copy",
            }
            | (default or {})
            for cadence, vals in zip(
                self, super().copy_data(default=default), strict=True
            )
        ]

    def copy(self, default=None):
        """Copy the cadences with the steps of their newest content as a draft."""
        copies = super().copy(default)
        for cadence, duplicate in zip(self, copies, strict=True):
            source = cadence.current_version_id or cadence.draft_version_id
            source._copy_content_to(duplicate.draft_version_id)
        return copies

    # === ACTIONS === #

    def action_edit(self):
        """Open the draft; where there is none, make one from what is published."""
        self.ensure_one()
        draft = self.draft_version_id or self._make_draft(self.current_version_id)
        return draft._open()

    def action_archive(self):
        """Stop the cadence: nobody enters, and those waiting leave."""
        self.check_access("write")
        # sudo: an analyst may stop a cadence; the runs are the engine's rows.
        self.env["veloc.enrolment"].sudo()._leave_all(
            [("cadence_id", "in", self.ids)], "cadence_stopped"
        )
        return super().action_archive()

    def action_open_enrolments(self):
        """Open the people in this cadence."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_enrolment_action"
        )
        return {**action, "domain": [("cadence_id", "=", self.id)], "context": {}}

    def action_open_decisions(self):
        """Open every decision taken in this cadence."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_decision_action"
        )
        return {**action, "domain": [("cadence_id", "=", self.id)], "context": {}}

    # === BUSINESS === #

    def _open_form(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "name": self.display_name,
        }

    def _make_draft(self, source):
        """Return a new draft version with the content of ``source``."""
        self.ensure_one()
        draft = self.env["veloc.cadence.version"].create({"cadence_id": self.id})
        source._copy_content_to(draft)
        return draft
