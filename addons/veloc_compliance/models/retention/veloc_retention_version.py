from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...const import LEGAL_BASES
from ...rules import retention

STARTS = [
    ("relationship_end", "End of the relationship"),
    ("last_activity", "Last activity"),
    ("revocation", "Withdrawal of the last consent"),
    ("event_date", "Date of the row"),
]
UNITS = [("days", "Days"), ("months", "Months"), ("years", "Years")]
KINDS = [("minimum", "Keep at least (duty)"), ("maximum", "Keep at most (limit)")]
POPULATIONS = [
    ("all", "Everybody"),
    ("clients", "Clients"),
    ("prospects", "Who never was a client"),
]
ACTIONS = [
    ("pseudonymise", "Empty what names the person"),
    ("delete", "Delete the rows"),
    ("destroy_key", "Erase the person, destroy their key"),
]
STATES = [
    ("draft", "Draft"),
    ("waiting", "Waits for a second person"),
    ("in_force", "In force"),
    ("retired", "Retired"),
]
_TERMS = (
    "law",
    "legal_basis",
    "kind",
    "start",
    "period",
    "unit",
    "from_new_year",
    "population",
    "action",
    "is_end",
    "note",
)
_FREEZE = SQL("""
    CREATE OR REPLACE FUNCTION veloc_retention_version_freeze() RETURNS trigger
    LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['state', 'armed_at', 'armed_by', 'write_uid',
                             'write_date'];
    BEGIN
        IF OLD.state IN ('draft', 'waiting') THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        IF TG_OP = 'UPDATE'
           AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
           AND (NEW.state = OLD.state
                OR (OLD.state = 'in_force' AND NEW.state = 'retired'))
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Retention rule %% was in force and is frozen: %% refused',
            OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE OR REPLACE TRIGGER veloc_frozen BEFORE UPDATE OR DELETE
        ON veloc_retention_version FOR EACH ROW
        EXECUTE FUNCTION veloc_retention_version_freeze();
    ALTER TABLE veloc_retention_version ENABLE ALWAYS TRIGGER veloc_frozen
""")


class VelocRetentionVersion(models.Model):
    """The terms of a policy; frozen once in force, shortened by two people only."""

    _name = "veloc.retention.version"
    _description = "Terms of a retention policy"
    _order = "policy_id, number desc"
    _rec_name = "number"
    _veloc_ledger_fields = frozenset({*_TERMS, "state", "armed_at"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "config"

    policy_id = fields.Many2one(
        "veloc.retention.policy", required=True, ondelete="cascade"
    )
    number = fields.Integer(required=True, readonly=True, copy=False, default=1)
    law = fields.Char(required=True, help="The provision, as it is quoted.")
    legal_basis = fields.Selection(
        LEGAL_BASES, required=True, default="legal_obligation"
    )
    kind = fields.Selection(KINDS, required=True, default="minimum")
    start = fields.Selection(
        STARTS, "Counts from", required=True, default="relationship_end"
    )
    period = fields.Integer(required=True, default=5)
    unit = fields.Selection(UNITS, required=True, default="years")
    from_new_year = fields.Boolean(
        "From 1 January after", help="The term begins with the year that follows."
    )
    population = fields.Selection(
        POPULATIONS, "Binds for", required=True, default="all"
    )
    action = fields.Selection(ACTIONS, "Then", required=True, default="destroy_key")
    is_end = fields.Boolean("Ends the policy")
    note = fields.Text()
    term = fields.Char(compute="_compute_term")
    state = fields.Selection(STATES, required=True, default="draft", copy=False)
    asked_by = fields.Many2one("res.users", readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    in_force_at = fields.Datetime("In force since", readonly=True, copy=False)
    armed_at = fields.Datetime(
        "Released since",
        readonly=True,
        copy=False,
        help="Nightly runs destroy nothing by these terms before an officer has seen "
        "a dry run and released them.",
    )
    armed_by = fields.Many2one("res.users", readonly=True, copy=False)

    _number_unique = models.Constraint(
        "UNIQUE (policy_id, number)", "A version number is used once per policy."
    )
    _one_in_force = models.UniqueIndex(
        "(policy_id) WHERE state = 'in_force'", "Only one version can be in force."
    )
    _period_sane = models.Constraint(
        "CHECK (period >= 0 AND period <= CASE unit WHEN 'days' THEN 36500 "
        "WHEN 'months' THEN 1200 ELSE 100 END)",
        "The period must be between nothing and a hundred years.",
    )
    _two_people = models.Constraint(
        "CHECK (approved_by IS NULL OR approved_by <> asked_by)",
        "Shortening a period takes two people.",
    )

    def init(self):
        """Freeze what was in force in the database itself."""
        self.env.cr.execute(_FREEZE)
        return super().init()

    # === COMPUTE === #

    @api.depends("period", "unit", "start", "from_new_year", "is_end")
    def _compute_term(self):
        units = dict(self._fields["unit"]._description_selection(self.env))
        starts = dict(self._fields["start"]._description_selection(self.env))
        for version in self:
            names = {
                "period": version.period,
                "unit": (units.get(version.unit) or "").lower(),
                "start": starts.get(version.start),
            }
            if version.is_end:
                version.term = self.env._("The policy ends")
            elif version.from_new_year:
                version.term = self.env._(
                    "%(period)s %(unit)s from 1 January after: %(start)s", **names
                )
            else:
                version.term = self.env._(
                    "%(period)s %(unit)s from: %(start)s", **names
                )

    @api.depends("policy_id", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.policy_id.name} v{version.number}"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Number the versions; only data files make some that are in force."""
        for vals in vals_list:
            if not self.env.su:
                kept = {name: vals[name] for name in _TERMS if name in vals}
                vals_policy = vals.get("policy_id")
                vals.clear()
                vals.update(kept, policy_id=vals_policy)
            vals.setdefault("number", self._next_number(vals["policy_id"]))
            if vals.get("state") == "in_force":
                vals.setdefault("in_force_at", fields.Datetime.now())
        return super().create(vals_list)

    def _next_number(self, policy_id):
        last = self.search(
            [("policy_id", "=", policy_id)], order="number desc", limit=1
        )
        return last.number + 1

    def write(self, vals):
        """Drafts can be edited; the rest moves through the buttons."""
        if not self.env.su:
            if set(vals) - set(_TERMS):
                raise UserError(self.env._("Only the terms of a draft can be edited."))
            if self.filtered(lambda v: v.state != "draft"):
                raise UserError(
                    self.env._("Terms in force are frozen. Make a new version.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.filtered(lambda v: v.state not in ("draft", "waiting")):
            raise UserError(self.env._("Terms that were in force are kept."))

    # === ACTIONS === #

    def action_put_in_force(self):
        """Put drafts in force, or ask a second person where they shorten (button)."""
        self.check_access("write")
        for version in self:
            if version.state != "draft":
                raise UserError(self.env._("Only a draft can be put in force."))
            version._check_makes_sense()
            # sudo: the officer may not write states, this method may.
            version_sudo = version.sudo()
            version_sudo.asked_by = self.env.user
            if version._loosens():
                version_sudo.state = "waiting"
            else:
                version_sudo._put_in_force()
        return True

    def action_approve(self):
        """Let terms take force that somebody else proposed (button)."""
        self._check_officer()
        for version in self:
            if version.state != "waiting":
                raise UserError(self.env._("Nothing waits for your word here."))
            if version.asked_by == self.env.user:
                raise UserError(
                    self.env._("Shortening a period takes two people: ask a colleague.")
                )
            # sudo: the group and the second person were checked.
            version_sudo = version.sudo()
            version_sudo.approved_by = self.env.user
            version_sudo._put_in_force()
        return True

    def action_back_to_draft(self):
        """Take proposed terms back (button)."""
        self._check_officer()
        # sudo: the officer may not write states, this method may.
        self.sudo().filtered(lambda v: v.state == "waiting").write(
            {"state": "draft", "asked_by": False}
        )
        return True

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))

    def _check_makes_sense(self):
        model = self.policy_id.model_name
        if bool(model) == (self.action == "destroy_key"):
            raise UserError(
                self.env._("People are erased with their key, rows without.")
            )
        if self.start == "event_date" and not self.policy_id.date_field:
            raise UserError(self.env._("Say which date of the row counts."))
        has_person = not model or self.env["veloc.retention.scope"]._has_person(
            model, self.policy_id.data_class
        )
        needs_person = self.start != "event_date" or self.population != "all"
        if needs_person and not has_person:
            raise UserError(
                self.env._("These rows name nobody: count from the date of the row.")
            )

    # === BUSINESS === #

    def _put_in_force(self):
        previous = self.policy_id.current_version_id
        previous.state = "retired"
        # The index that allows one version in force is checked row by row.
        previous.flush_recordset()
        self.write({"state": "in_force", "in_force_at": fields.Datetime.now()})

    def _arm(self):
        """Let nightly runs act by these terms."""
        self._check_officer()
        # sudo: the group was checked; nobody has write rights on this.
        self.sudo().filtered(lambda v: not v.armed_at).write(
            {"armed_at": fields.Datetime.now(), "armed_by": self.env.uid}
        )

    def _loosens(self):
        previous = self.policy_id.current_version_id
        return retention.loosens(
            previous._regime() if previous and not previous.is_end else None,
            None if self.is_end else self._regime(),
        )

    def _prepare_terms(self):
        return {name: self[name] for name in _TERMS if name != "is_end"}

    def _regime(self):
        """Return the terms as the rules read them."""
        return retention.Regime(
            start=self.start,
            value=self.period,
            unit=self.unit,
            from_new_year=self.from_new_year,
            is_minimum=self.kind == "minimum",
            action=self.action,
            population=self.population,
            law=self.law,
            data_class=self.policy_id.data_class,
        )
