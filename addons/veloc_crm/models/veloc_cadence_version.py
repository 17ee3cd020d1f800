"""What a cadence does, frozen the moment it is published."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..rules import cadence_checks

# state -> the states it may turn into; a retired version can come back.
MOVES = {
    "draft": {"published"},
    "published": {"retired"},
    "retired": {"published"},
}
# Set by the methods below only, whatever a client sends.
OWN_FIELDS = frozenset({"state", "published_at", "published_by_id", "retired_at"})


class VelocCadenceVersion(models.Model):
    """Steps and exits of a cadence, as somebody published them at one time."""

    _name = "veloc.cadence.version"
    _description = "Cadence Version"
    _veloc_ledger_fields = frozenset({"note", "number", "state"})
    _veloc_ledger_kind = "config"
    _order = "cadence_id, number desc, id desc"

    cadence_id = fields.Many2one("veloc.cadence", required=True, ondelete="cascade")
    number = fields.Integer(readonly=True, copy=False, aggregator=None)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    note = fields.Char(help="What this version changes and why.")
    step_ids = fields.One2many("veloc.cadence.step", "version_id", copy=False)
    exit_ids = fields.One2many("veloc.cadence.exit", "version_id", copy=False)
    kind = fields.Selection(related="cadence_id.kind")
    entry_event_type = fields.Selection(related="cadence_id.entry_event_type")
    published_at = fields.Datetime(readonly=True, copy=False)
    published_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    retired_at = fields.Datetime(readonly=True, copy=False)
    waiting_count = fields.Integer(compute="_compute_waiting_count", string="Waiting")
    problems = fields.Text(compute="_compute_problems")

    _number_unique = models.Constraint(
        "UNIQUE (cadence_id, number)", "Two versions cannot have the same number."
    )
    _one_published = models.UniqueIndex(
        "(cadence_id) WHERE state = 'published'",
        "Only one version of a cadence can be published.",
    )

    def init(self):
        """Freeze what is published, in the database too."""
        self.env.cr.execute(FREEZE_SQL)

    # === COMPUTE === #

    @api.depends("cadence_id", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(cadence)s, version %(number)s",
                cadence=version.cadence_id.name or "",
                number=version.number,
            )

    def _compute_waiting_count(self):
        counts = dict(
            self.env["veloc.enrolment"]._read_group(
                [("version_id", "in", self.ids), ("state", "=", "active")],
                ["version_id"],
                ["__count"],
            )
        )
        for version in self:
            version.waiting_count = counts.get(version, 0)

    @api.depends(
        "state",
        "cadence_id.kind",
        "cadence_id.entry_event_type",
        "cadence_id.entry_segment_id.for_care",
        "exit_ids.is_goal",
        "step_ids.sequence",
        "step_ids.wait_value",
        "step_ids.wait_unit",
        "step_ids.wait_from",
        "step_ids.channel",
        "step_ids.template_id",
        "step_ids.useful_until_hours",
    )
    @api.depends_context("lang")
    def _compute_problems(self):
        for version in self:
            is_draft = version.state == "draft"
            version.problems = is_draft and "\n".join(version._find_problems())

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Number the versions of each cadence from 1."""
        cadence_ids = [vals["cadence_id"] for vals in vals_list]
        last = {
            cadence.id: number
            for cadence, number in self._read_group(
                [("cadence_id", "in", cadence_ids)], ["cadence_id"], ["number:max"]
            )
        }
        for vals in vals_list:
            last[vals["cadence_id"]] = last.get(vals["cadence_id"], 0) + 1
            vals["number"] = last[vals["cadence_id"]]
            vals["state"] = "draft"
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & OWN_FIELDS and not self.env.su:
            raise AccessError(
                self.env._("The state of a version moves by its buttons only.")
            )
        if vals.keys() - OWN_FIELDS:
            self._check_is_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_is_draft()

    def _check_is_draft(self):
        """Refuse to touch what is published or was."""
        if any(version.state != "draft" for version in self):
            raise UserError(
                self.env._(
                    "A published version never changes. Make a new version of the "
                    "cadence; the people who wait stay, move or leave as you choose."
                )
            )

    # === ACTIONS === #

    def action_publish(self):
        """Publish at once, or show first what happens to the people who wait."""
        self.ensure_one()
        self._check_publishable()
        if not self._others_waiting():
            self._publish("keep")
            return self.cadence_id._open_form()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_cadence_publish_action"
        )
        return {**action, "context": {"default_version_id": self.id}}

    def action_edit_copy(self):
        """Open a new draft with this version's content."""
        self.ensure_one()
        return self.cadence_id._make_draft(self)._open()

    def action_retire(self):
        """Let nobody else in; those who are in go on to the end."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the right was checked; which version is in use is nobody's to write.
        self.cadence_id.sudo().current_version_id = False
        self._move("retired", retired_at=fields.Datetime.now())
        return True

    def action_open(self):
        """Open the version's own form."""
        return self._open()

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "name": self.display_name,
        }

    # === BUSINESS === #

    def _publish(self, direction):
        """Make this the version people enter; the others' people go ``direction``."""
        self.ensure_one()
        self.check_access("write")
        self._check_publishable()
        previous = self.cadence_id.current_version_id - self
        now = fields.Datetime.now()
        previous._move("retired", retired_at=now)
        self._move("published", published_at=now, published_by_id=self.env.uid)
        # sudo: the right was checked; which version is in use is nobody's to write.
        self.cadence_id.sudo().current_version_id = self
        if direction != "keep":
            # sudo: who may publish may choose for those waiting; the runs are the
            # engine's rows, without write access for anybody.
            self.env["veloc.enrolment"].sudo()._change_version(
                self._others_waiting_versions(), self, direction
            )

    def _move(self, target, **values):
        """Turn the versions into ``target`` where that is allowed.

        The only place that writes ``state``.
        """
        for version in self:
            if target not in MOVES[version.state]:
                raise UserError(
                    self.env._("%(version)s cannot do that.", version=version)
                )
        # sudo: the callers check the right; the state is nobody's to write.
        self.sudo().write({"state": target, **values})
        # The index of the one published version looks at the table.
        self.flush_recordset(["state"])

    def _others_waiting_versions(self):
        return self.cadence_id.version_ids - self

    def _others_waiting(self):
        return sum(self._others_waiting_versions().mapped("waiting_count"))

    def _check_publishable(self):
        """Refuse a version with problems, and say all of them."""
        problems = self._find_problems()
        if problems:
            raise UserError("\n".join(problems))

    def _find_problems(self):
        """Return in words what must be repaired before publishing."""
        self.ensure_one()
        cadence = self.cadence_id
        found = cadence_checks.find_problems(
            cadence.kind,
            bool(cadence.entry_event_type or cadence.entry_segment_id),
            any(self.exit_ids.mapped("is_goal")),
            self.step_ids.sorted("sequence")._get_check_facts(),
        )
        words = self._problem_words()
        return [
            words[problem.code]
            if not problem.position
            else self.env._(
                "Step %(position)s: %(problem)s",
                position=problem.position,
                problem=words[problem.code],
            )
            for problem in found
        ]

    def _problem_words(self):
        _ = self.env._
        return {
            "no_entry": _("Choose the event or the segment by which people enter."),
            "no_steps": _("Add at least one step."),
            "no_goal": _("Name the goal: the event that ends it with success."),
            "no_template": _("choose a template."),
            "template_not_approved": _("its template has no approved version."),
            "no_body_for_channel": _("its template has no text for this channel."),
            "channel_not_sendable": _("no provider sends on this channel yet."),
            "no_useful_until": _("say for how many hours the message is useful."),
            "flow_is_promotional": _(
                "a flow carries nothing promotional; choose a template of a service "
                "purpose."
            ),
            "flow_not_urgent": _("a flow needs a template of the urgent lane."),
            "wait_goes_back": _("it would be due before the step above it."),
        }

    def _copy_content_to(self, draft):
        """Copy steps and exits; a step keeps its slot, so nobody gets it twice."""
        for steps in (self.step_ids, self.exit_ids):
            steps.browse().create(
                [{**vals, "version_id": draft.id} for vals in steps.copy_data()]
            )

    @api.model
    def _publish_shipped(self, codes):
        """Publish the first versions of the cadences that come with the addon."""
        cadences = self.env["veloc.cadence"].search([("code", "in", codes)])
        for version in cadences.draft_version_id.filtered(lambda v: v.number == 1):
            version._publish("keep")


# A second lock beside the ORM's: what is published is evidence.
FREEZE_SQL = """
CREATE OR REPLACE FUNCTION veloc_cadence_version_frozen() RETURNS trigger AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.state = 'draft'
        OR (NEW.cadence_id, NEW.number, NEW.note)
            IS DISTINCT FROM (OLD.cadence_id, OLD.number, OLD.note)
    THEN
        RAISE EXCEPTION 'a published cadence version never changes (version %)', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION veloc_cadence_part_frozen() RETURNS trigger AS $$
DECLARE
    version_ids int[];
    label text[] := ARRAY['name', 'write_date', 'write_uid'];
BEGIN
    -- A step's name is a label that gets translated; it changes nothing for anybody.
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - label = to_jsonb(NEW) - label THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        version_ids := ARRAY[NEW.version_id];
    ELSIF TG_OP = 'DELETE' THEN
        version_ids := ARRAY[OLD.version_id];
    ELSE
        version_ids := ARRAY[OLD.version_id, NEW.version_id];
    END IF;
    IF EXISTS (SELECT 1 FROM veloc_cadence_version
               WHERE id = ANY(version_ids) AND state <> 'draft') THEN
        RAISE EXCEPTION 'a published cadence version never changes (versions %)',
            version_ids USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$ LANGUAGE plpgsql;

CREATE OR REPLACE TRIGGER veloc_cadence_version_frozen
    BEFORE UPDATE OR DELETE ON veloc_cadence_version
    FOR EACH ROW EXECUTE FUNCTION veloc_cadence_version_frozen();
"""
