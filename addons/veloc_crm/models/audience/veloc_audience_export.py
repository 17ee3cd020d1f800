"""A list of people for an advertising platform: whom, where to, how often."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...rules import audience_hash

PLATFORMS = [
    ("meta", "Meta (Facebook, Instagram)"),
    ("google", "Google Ads"),
    ("tiktok", "TikTok"),
]
KINDS = [
    ("audience", "Audience"),
    ("suppression", "Suppression list"),
    ("seed", "Look-alike seed"),
]
EACH = {"day": timedelta(days=1), "week": timedelta(days=7)}
PURPOSE = "ads_audience"
COUNTED = ("veloc.audience.run", "veloc.audience.member", "veloc.audience.removal")


class VelocAudienceExport(models.Model):
    """Only people who agreed to it are handed over, hashed, and taken back when not.

    What the platform holds is remembered, so that each run says whom to add and whom
    to remove.
    """

    _name = "veloc.audience.export"
    _description = "Audience export"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "company_id",
            "has_details",
            "interval",
            "kind",
            "name",
            "platform",
            "segment_id",
            "state",
            "vendor_id",
        }
    )
    _veloc_ledger_kind = "config"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    platform = fields.Selection(PLATFORMS, required=True, default="meta")
    kind = fields.Selection(
        KINDS,
        required=True,
        default="audience",
        help="Audience: people to show ads to. Suppression list: people whom ads shall "
        "leave alone; who is under protection is on it, too. Look-alike seed: the most "
        "valuable people, for the platform to find others like them.",
    )
    segment_id = fields.Many2one("veloc.segment", required=True, ondelete="restrict")
    vendor_id = fields.Many2one(
        "veloc.vendor",
        "Recipient",
        required=True,
        ondelete="restrict",
        help="Who gets the data, as in the register of vendors.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    has_details = fields.Boolean(
        "Name and place, too",
        help="More people are found, and more is told of each: e-mail and phone alone "
        "are enough for most lists.",
    )
    seed_size = fields.Integer(
        "People in the seed", default=1000, help="Those with the highest net deposits."
    )
    smallest = fields.Integer(
        "Smallest list",
        compute="_compute_smallest",
        store=True,
        readonly=False,
        precompute=True,
        help="Below this nobody is added: a short list points at its people. TikTok "
        "takes no file of fewer than 1,000.",
    )
    interval = fields.Selection(
        [("none", "By hand"), ("day", "Daily"), ("week", "Weekly")],
        required=True,
        default="none",
    )
    kept_days = fields.Integer("Files kept (days)", default=7)
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("ended", "Ended")],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    next_run_at = fields.Datetime("Next run", readonly=True, copy=False)
    run_ids = fields.One2many("veloc.audience.run", "export_id", readonly=True)
    run_count = fields.Integer(compute="_compute_counts", string="Runs")
    member_count = fields.Integer(compute="_compute_counts", string="On the list")
    removal_count = fields.Integer(
        compute="_compute_counts", string="Removals that wait"
    )

    _sizes_sane = models.Constraint(
        "CHECK (smallest >= 20 AND seed_size >= smallest"
        " AND kept_days BETWEEN 1 AND 30)",
        "A list has at least 20 people, a seed no fewer than the smallest list; files "
        "are kept 1 to 30 days.",
    )
    _next_run_idx = models.Index("(next_run_at) WHERE state = 'active'")

    # === COMPUTE === #

    def _compute_counts(self):
        domain = [("export_id", "in", self.ids)]
        runs, members, removals = (
            dict(self.env[name]._read_group(domain, ["export_id"], ["__count"]))
            for name in COUNTED
        )
        for export in self:
            export.run_count = runs.get(export, 0)
            export.member_count = members.get(export, 0)
            export.removal_count = removals.get(export, 0)

    @api.depends("platform")
    def _compute_smallest(self):
        """Propose the platform's own; what a person wrote stays."""
        proposals = set(audience_hash.SMALLEST.values())
        for export in self:
            if not export.smallest or export.smallest in proposals:
                export.smallest = audience_hash.SMALLEST.get(export.platform, 100)

    # === CONSTRAINTS === #

    @api.constrains("segment_id", "kind")
    def _check_segment(self):
        """People who must be looked after are never looked for."""
        for export in self:
            if export.segment_id.for_care and export.kind != "suppression":
                raise ValidationError(
                    self.env._(
                        "The segment “%(name)s” is for care only: it can be a "
                        "suppression list, never an audience or a seed.",
                        name=export.segment_id.name,
                    )
                )

    # === CRUD === #

    def write(self, vals):
        """What is on a platform under one description cannot get another."""
        fixed = {"platform", "kind", "segment_id", "vendor_id", "company_id"}
        if fixed & vals.keys() and self.filtered(lambda e: e.state != "draft"):
            raise UserError(
                self.env._("This list is in use. End it and make another one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.filtered(lambda export: export.state != "draft"):
            raise UserError(self.env._("A list that was used is archived instead."))

    # === ACTIONS === #

    def action_activate(self):
        """Put the list to use; the recipient must be in the register, in use."""
        for export in self:
            if problem := export._what_is_missing():
                raise UserError(problem)
        return self.write({"state": "active", "next_run_at": fields.Datetime.now()})

    def action_end(self):
        """End the list: its next run, at once, removes everybody from the platform."""
        return self.write({"state": "ended", "next_run_at": fields.Datetime.now()})

    def action_run(self):
        """Make the files now and open them."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "draft":
            raise UserError(self.env._("Put the list to use first."))
        # sudo: runs and members are written by nobody else; the user may edit lists.
        run = self.sudo()._run(fields.Datetime.now())
        return {
            "type": "ir.actions.act_window",
            "res_model": "veloc.audience.run",
            "res_id": run.id,
            "view_mode": "form",
        }

    def action_open_runs(self):
        """Open what was made so far."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_audience_run_action"
        )
        return {**action, "domain": [("export_id", "=", self.id)]}

    def action_open_removals(self):
        """Open those whom the platform must forget."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_audience_removal_action"
        )
        return {**action, "domain": [("export_id", "=", self.id)]}

    # === BUSINESS === #

    def _purpose(self):
        """Return the purpose that this rests on; empty if it is not in force."""
        # sudo: programs and analysts need not read the catalogue.
        purposes_sudo = self.env["veloc.purpose"].sudo()
        return purposes_sudo.search(
            [("code", "=", PURPOSE), ("current_version_id", "!=", False)]
        )

    def _what_is_missing(self):
        """Return a sentence about what keeps data from being handed over, or None."""
        self.ensure_one()
        # sudo: analysts need not read the register of vendors to be held back by it.
        if self.vendor_id.sudo().state != "active":
            return self.env._(
                "The recipient is not in use in the register of vendors: contract and "
                "ground of the transfer come first."
            )
        if not self._purpose():
            return self.env._("The purpose of sharing with platforms is not in force.")
        if not self._is_platform_named():
            return self.env._(
                "The text that people agree to does not name %(platform)s. Publish a "
                "version of the purpose that does, then ask for consent anew.",
                platform=audience_hash.NAMES[self.platform],
            )
        return None

    def _is_platform_named(self):
        """Return whether each text that consents still rest on names the platform."""
        purpose = self._purpose()
        oldest = purpose.current_version_id.covers_from
        versions = purpose.version_ids.filtered(
            lambda version: version.state != "draft" and version.number >= oldest
        )
        texts = [
            f"{version.notice} {version.notice_sharing}"
            for code, _name in self.env["res.lang"].get_installed()
            for version in versions.with_context(lang=code)
        ]
        return audience_hash.is_named(self.platform, texts)

    def _run(self, now):
        """Compare with what the platform has, and make the files of the difference."""
        self.ensure_one()
        self.lock_for_update()
        problem = self.state == "active" and self._what_is_missing()
        is_over = self.state != "active" or problem
        found = self.env["veloc.audience.people"]._find(self, now, nobody=is_over)
        run = self.env["veloc.audience.run"]._make(self, found, now, problem or "")
        each = EACH.get(self.interval, EACH["day"])
        # What nobody fetched while it was there is made anew.
        last = run.expires_at if run.removed else False
        self.next_run_at = now + each if self.state == "active" else last
        return run

    @api.model
    def _cron_export(self):
        """Make the files that are due; by hand alone, look daily for removals."""
        cron = self.env["ir.cron"]
        now = fields.Datetime.now()
        due = self.search([("next_run_at", "<=", now)], order="next_run_at")
        time_left = cron._commit_progress(remaining=len(due))
        for export in due:
            if not time_left:
                break
            export._run_due(now)
            time_left = cron._commit_progress(1)

    def _run_due(self, now):
        """Run, unless it is a list by hand from which nobody has to be removed."""
        by_hand = self.state == "active" and self.interval == "none"
        if by_hand and not self.env["veloc.audience.people"]._is_any_gone(self, now):
            self.next_run_at = now + EACH["day"]
            return
        self._run(now)
