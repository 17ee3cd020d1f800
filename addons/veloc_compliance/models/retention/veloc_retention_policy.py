from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...rules.data_map import DATA_CLASSES
from ...rules.retention import PERSON_CLASSES


class VelocRetentionPolicy(models.Model):
    """One regime on one class of data: which law, for how long, and what then.

    Its terms stand on versions, frozen once in force. Several policies on the same
    data bind together: the longest duty wins.
    """

    _name = "veloc.retention.policy"
    _description = "Retention policy"
    _order = "sequence, data_class, id"
    _veloc_ledger_fields = frozenset({"name", "data_class", "model_name", "date_field"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "config"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    data_class = fields.Selection(
        list(DATA_CLASSES.items()), "Class of data", required=True
    )
    model_name = fields.Selection(
        "_selection_model_name",
        "Rows of",
        help="Empty: the person themselves, with everything that names them.",
    )
    date_field = fields.Char(
        "Date of a row",
        help="The field that says when a row happened; for terms from the event.",
    )
    version_ids = fields.One2many("veloc.retention.version", "policy_id", "Versions")
    current_version_id = fields.Many2one(
        "veloc.retention.version",
        "In force",
        compute="_compute_current_version_id",
        store=True,
    )
    is_in_force = fields.Boolean(compute="_compute_current_version_id", store=True)
    law = fields.Char(related="current_version_id.law")
    term = fields.Char(related="current_version_id.term")
    action = fields.Selection(related="current_version_id.action")
    kind = fields.Selection(related="current_version_id.kind")
    armed_at = fields.Datetime(related="current_version_id.armed_at")

    # === COMPUTE === #

    @api.model
    def _selection_model_name(self):
        """Return the models that the map of personal data speaks of."""
        names = {s.model for s in self.env["veloc.personal.data"]._data_map()}
        known = [name for name in sorted(names) if name in self.env]
        return [(name, self.env["ir.model"]._get(name).name) for name in known]

    @api.depends("version_ids.state")
    def _compute_current_version_id(self):
        for policy in self:
            current = policy.version_ids.filtered(lambda v: v.state == "in_force")[:1]
            policy.current_version_id = current
            policy.is_in_force = bool(current) and not current.is_end

    # === CONSTRAINTS === #

    @api.constrains("data_class", "model_name", "date_field")
    def _check_scope(self):
        for policy in self:
            if not policy.model_name and policy.data_class not in PERSON_CLASSES:
                raise ValidationError(
                    self.env._("Say whose rows this policy is about.")
                )
            if policy.model_name == "res.partner":
                raise ValidationError(
                    self.env._("Leave the rows empty: people are erased as a whole.")
                )
            policy._check_date_field()

    def _check_date_field(self):
        if not self.date_field:
            return
        field = self.env[self.model_name or "res.partner"]._fields.get(self.date_field)
        dated = field and field.store and field.type in ("date", "datetime")
        if not dated or not self.model_name:
            raise ValidationError(
                self.env._(
                    "“%(field)s” is no stored date of these rows.",
                    field=self.date_field,
                )
            )

    @api.constrains("data_class", "model_name", "date_field")
    def _check_not_in_force(self):
        for policy in self:
            if policy.current_version_id and not self.env.su:
                raise ValidationError(
                    self.env._("What a policy in force is about does not change.")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.version_ids.filtered(lambda v: v.state != "draft"):
            raise UserError(
                self.env._("A policy that was in force is kept: end it instead.")
            )

    # === ACTIONS === #

    def action_new_version(self):
        """Open a draft with the terms that are in force (button)."""
        self.ensure_one()
        return self._open_draft({})

    def action_end(self):
        """Open a draft that ends this policy (button)."""
        self.ensure_one()
        if not self.is_in_force:
            raise UserError(self.env._("This policy is not in force."))
        return self._open_draft({"is_end": True})

    def _open_draft(self, more):
        self.check_access("write")
        draft = self.version_ids.filtered(lambda v: v.state in ("draft", "waiting"))
        if not draft:
            current = self.current_version_id
            values = current._prepare_terms() if current else {}
            draft = self.env["veloc.retention.version"].create(
                {**values, "policy_id": self.id, **more}
            )
        return draft[:1]._get_records_action()

    # === BUSINESS === #

    @api.model
    def _regimes(self, armed_only=False):
        """Return ``{(model or "", data class): [(version, Regime)]}`` in force.

        People's own classes stand together under ``("", "")``: they go as a whole.
        """
        # sudo: the job and the duties ask for everybody.
        domain = [("is_in_force", "=", True)]
        found = {}
        for policy in self.sudo().search(domain):
            version = policy.current_version_id
            pair = (policy.model_name, policy.data_class)
            key = pair if policy.model_name else ("", "")
            found.setdefault(key, []).append((version, version._regime()))
        if armed_only:
            found = {
                key: pairs
                for key, pairs in found.items()
                if all(version.armed_at for version, _regime in pairs)
            }
        return found

    @api.model
    def _date_field(self, model_name, data_class):
        """Return the date that the policies of a pair count from, "" for none."""
        # sudo: as in _regimes.
        names = self.sudo().search(
            [
                ("is_in_force", "=", True),
                ("model_name", "=", model_name),
                ("data_class", "=", data_class),
                ("date_field", "!=", False),
            ]
        )
        return names[:1].date_field or ""
