from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..rules import fallback
from .veloc_template_version import OPEN


class VelocTemplate(models.Model):
    """What we say, for one purpose; how it is worded stands on its versions."""

    _name = "veloc.template"
    _description = "Message template"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "code",
            "current_version_id",
            "fallback_channels",
            "lane",
            "name",
            "purpose_id",
            "risk_notice",
        }
    )
    _veloc_ledger_kind = "config"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, tracking=True, translate=True)
    code = fields.Char(
        required=True,
        index=True,
        help="How programs call this template. Lower-case letters, digits, - _ and .",
    )
    purpose_id = fields.Many2one(
        "veloc.purpose",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Why we may send this. Fixed from the first approval on: what people "
        "consented to does not change under a text.",
    )
    lane = fields.Selection(
        [("urgent", "Urgent"), ("bulk", "Bulk")],
        required=True,
        default="bulk",
        tracking=True,
        help="Urgent: withdrawals, passwords, things people wait for. Everything "
        "else travels in bulk, so that it never stands in the way.",
    )
    risk_notice = fields.Boolean(
        "Needs a risk notice",
        tracking=True,
        help="Set this where trading is offered: every text must then carry the "
        "notice, as {{ risk_notice }} or in words of the style guide.",
    )
    product_ids = fields.Many2many(
        "veloc.style.product",
        string="Products offered",
        help="Each asks for its own notice, short in an SMS and long in an e-mail. "
        "{{ risk_notice }} writes them.",
    )
    max_segments = fields.Integer(
        "SMS segments at most",
        default=2,
        required=True,
        help="An SMS is paid by the segment. A text that could grow longer with the "
        "longest values is not approved.",
    )
    fallback_channels = fields.Char(
        tracking=True,
        help="Where to try next when a message cannot be delivered, in this order: for "
        "example sms,email. The template needs a text for each of them.",
    )
    active = fields.Boolean(default=True)
    version_ids = fields.One2many("veloc.template.version", "template_id")
    current_version_id = fields.Many2one(
        "veloc.template.version",
        "Version in use",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    draft_version_id = fields.Many2one(
        "veloc.template.version", "Draft", compute="_compute_draft_version_id"
    )
    is_purpose_fixed = fields.Boolean(compute="_compute_is_purpose_fixed")
    channels = fields.Char(compute="_compute_shown")
    shown_body_ids = fields.One2many(
        "veloc.template.body",
        string="Texts",
        compute="_compute_shown",
        help="The texts in use, before the first approval those of the draft.",
    )

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another template has this code already."
    )
    _code_shape = models.Constraint(
        "CHECK (code ~ '^[a-z0-9][a-z0-9_.-]*$')",
        "A code has lower-case letters, digits, dots, - and _ only.",
    )
    _max_segments_sane = models.Constraint(
        "CHECK (max_segments BETWEEN 1 AND 10)",
        "An SMS may take between 1 and 10 segments.",
    )

    # === COMPUTE === #

    @api.depends("version_ids.state")
    def _compute_draft_version_id(self):
        for template in self:
            drafts = template.version_ids.filtered(lambda v: v.state in OPEN)
            template.draft_version_id = drafts[:1]

    @api.depends("version_ids.state")
    def _compute_is_purpose_fixed(self):
        for template in self:
            states = set(template.version_ids.mapped("state"))
            template.is_purpose_fixed = bool(states - set(OPEN))

    @api.depends("current_version_id", "version_ids.body_ids.channel")
    def _compute_shown(self):
        for template in self:
            version = template.current_version_id or template.version_ids[:1]
            template.channels = version.channels
            template.shown_body_ids = version.body_ids

    @api.constrains("fallback_channels")
    def _check_fallback_channels(self):
        channels = dict(self.env["veloc.message"]._fields["channel"].selection)
        for template in self:
            if odd := set(fallback.parse(template.fallback_channels)) - set(channels):
                raise ValidationError(
                    self.env._(
                        "There is no channel “%(code)s”. Write for example: sms,email.",
                        code=", ".join(sorted(odd)),
                    )
                )

    # === CRUD === #

    def write(self, vals):
        """Keep the purpose once it was approved, and the version in use."""
        if "current_version_id" in vals and not self.env.su:
            raise UserError(self.env._("A version comes into use by approving it."))
        if "purpose_id" in vals:
            moved = self.filtered(lambda t: t.purpose_id.id != vals["purpose_id"])
            if fixed := moved.filtered("is_purpose_fixed"):
                raise UserError(
                    self.env._(
                        "The purpose of “%(name)s” is fixed since a version of it was "
                        "approved. Make a new template for another purpose.",
                        name=fixed[0].name,
                    )
                )
        return super().write(vals)

    def copy_data(self, default=None):
        """Give the copy a code of its own."""
        vals_list = super().copy_data(default=default)
        for template, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=template.name)
            vals["code"] = f"{template.code}_copy"
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if kept := self.filtered("is_purpose_fixed"):
            raise UserError(
                self.env._(
                    "“%(name)s” was approved and stays as a proof of what was sent. "
                    "Archive it instead.",
                    name=kept[0].name,
                )
            )

    # === ACTIONS === #

    def action_new_version(self):
        """Open the draft; without one, make it from the version in use."""
        self.ensure_one()
        self.check_access("write")
        version = self.draft_version_id or self._copy_version(self.current_version_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "veloc.template.version",
            "res_id": version.id,
            "view_mode": "form",
            "name": version.display_name,
        }

    # === BUSINESS === #

    def _copy_version(self, source):
        """Return a new draft with the texts of ``source``."""
        version = self.version_ids.create(
            {
                "template_id": self.id,
                "body_ids": [
                    fields.Command.create(values)
                    for values in source.body_ids.copy_data()
                ],
            }
        )
        version.body_ids._carry_submission(source.body_ids)
        return version

    @api.model
    def _render(self, requests):
        """Return one rendered text per request, aligned.

        A request is ``(partner_id, template_id, channel, variables)``. One that
        cannot be rendered has an ``error`` code; it never raises for it.
        """
        return self.env["veloc.template.render"]._render(requests)
