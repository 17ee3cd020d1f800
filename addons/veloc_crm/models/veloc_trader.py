"""The trader: where a person stands with the broker, folded from events."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.lifecycle import DEFAULT_POLICY, Policy
from .veloc_stage_mixin import STAGES

_logger = logging.getLogger(__name__)

AGE_BATCH = 2_000

TIMELINE_LIMIT = 80
KYC_STATES = [
    ("none", "Not started"),
    ("submitted", "Submitted"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
]


class VelocTrader(models.Model):
    """One to one with a contact. Personal data stays on the contact; this is hot state,
    written by the fold alone: nobody has write access."""

    _name = "veloc.trader"
    _inherit = ["veloc.stage.mixin"]
    _description = "Trader"
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True
    _order = "last_activity_at desc nulls last, id desc"
    _rec_names_search = ["external_ref", "partner_id"]

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict"
    )
    external_ref = fields.Char(
        string="Broker's Reference", required=True, readonly=True
    )
    name = fields.Char(related="partner_id.name")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    lang = fields.Selection(related="partner_id.lang", string="Language")
    state_id = fields.Many2one(
        related="partner_id.state_id", string="State of Residence"
    )
    zone = fields.Char(string="Time Zone", readonly=True)

    stage = fields.Selection(STAGES, required=True, readonly=True)
    stage_since = fields.Datetime(readonly=True)
    next_stage_at = fields.Datetime(
        string="Next Stage On",
        readonly=True,
        help="When silence alone moves this trader to the next stage.",
    )
    tier_id = fields.Many2one("veloc.tier", readonly=True)
    is_tier_stale = fields.Boolean(readonly=True)
    kyc_state = fields.Selection(
        KYC_STATES, string="KYC", required=True, default="none", readonly=True
    )
    kyc_at = fields.Datetime(string="KYC Since", readonly=True)

    lead_at = fields.Datetime(readonly=True)
    signup_at = fields.Datetime(string="Signed Up On", readonly=True)
    kyc_approved_at = fields.Datetime(string="KYC Approved On", readonly=True)
    first_deposit_at = fields.Datetime(string="First Deposit", readonly=True)
    last_deposit_at = fields.Datetime(string="Last Deposit", readonly=True)
    last_activity_at = fields.Datetime(
        string="Last Activity", readonly=True, help="Last deposit or trade."
    )
    last_login_at = fields.Datetime(string="Last Login", readonly=True)
    last_event_at = fields.Datetime(string="Last Event", readonly=True)

    deposit_count = fields.Integer(string="Deposits", readonly=True)
    deposit_total = fields.Monetary(string="Deposited", readonly=True)
    withdrawal_count = fields.Integer(string="Withdrawals", readonly=True)
    withdrawal_total = fields.Monetary(string="Withdrawn", readonly=True)
    net_deposit = fields.Monetary(string="Net Deposits", readonly=True)
    trade_count = fields.Integer(string="Trades", readonly=True)
    trades_30d = fields.Integer(string="Trades in 30 Days", readonly=True)
    volume_total = fields.Monetary(string="Volume Traded", readonly=True)
    result_total = fields.Monetary(
        string="Trading Result", readonly=True, help="The trader's profit or loss."
    )

    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    lifecycle_event_ids = fields.One2many(
        "veloc.lifecycle.event", "trader_id", string="Stages", readonly=True
    )
    event_count = fields.Integer(compute="_compute_event_count", string="Events")
    timeline_ids = fields.One2many("veloc.timeline", compute="_compute_timeline_ids")
    enrolment_count = fields.Integer(
        compute="_compute_enrolment_count", string="Cadences"
    )

    _partner_unique = models.Constraint(
        "UNIQUE (partner_id)", "A contact is one trader at most."
    )
    _external_ref_unique = models.Constraint(
        "UNIQUE (external_ref)", "The broker's reference belongs to one trader."
    )
    # The ageing job looks here every few minutes: it costs what is due.
    _next_stage_at_idx = models.Index("(next_stage_at) WHERE next_stage_at IS NOT NULL")
    _is_tier_stale_idx = models.Index("(id) WHERE is_tier_stale")
    _last_activity_idx = models.Index("(last_activity_at DESC NULLS LAST, id DESC)")

    def init(self):
        """Leave room on each page: the row is updated by every batch of events."""
        self.env.cr.execute("ALTER TABLE veloc_trader SET (fillfactor = 70)")
        return super().init()

    # === COMPUTE === #

    @api.depends("partner_id.name", "external_ref")
    def _compute_display_name(self):
        for trader in self:
            trader.display_name = trader.partner_id.name or trader.external_ref

    def _compute_event_count(self):
        counts = dict(
            self.env["veloc.trader.event"]._read_group(
                [("trader_id", "in", self.ids)], ["trader_id"], ["__count"]
            )
        )
        for trader in self:
            trader.event_count = counts.get(trader, 0)

    def _compute_timeline_ids(self):
        """The newest entries; a busy trader has thousands, one click away."""
        for trader in self:
            trader.timeline_ids = self.env["veloc.timeline"].search(
                [("trader_id", "=", trader.id)], limit=TIMELINE_LIMIT
            )

    def _compute_enrolment_count(self):
        counts = dict(
            self.env["veloc.enrolment"]._read_group(
                [("trader_id", "in", self.ids)], ["trader_id"], ["__count"]
            )
        )
        for trader in self:
            trader.enrolment_count = counts.get(trader, 0)

    # === ACTIONS === #

    def action_explain(self):
        """Open every decision about this trader: why did they (not) get this?"""
        return self._open_own("veloc_crm.veloc_decision_action")

    def action_open_enrolments(self):
        """Open the cadences this trader is in or was."""
        return self._open_own("veloc_crm.veloc_enrolment_action")

    def action_open_timeline(self):
        """Open the whole timeline of this trader."""
        return self._open_own("veloc_crm.veloc_timeline_action")

    def _open_own(self, xml_id):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return {
            **action,
            "domain": [("trader_id", "=", self.id)],
            "context": {"veloc_one_trader": True},
        }

    def action_open_events(self):
        """Return the events of this trader, newest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_event_action"
        )
        return {
            **action,
            "domain": [("trader_id", "=", self.id)],
            "context": {"veloc_one_trader": True},
        }

    # === BUSINESS === #

    @api.model
    def explain(self, partner_id, cadence_id=None):
        """Return the decisions about a person in words, newest first (RPC).

        A list of dicts: at, cadence, step, verdict, reason, words, basis, rule, saw,
        until and the state of the message, if there is one.
        """
        self.check_access("read")
        return self.env["veloc.decision"]._explain(int(partner_id), cadence_id)

    @api.model
    def _get_policy(self):
        """Return the ageing limits that the settings hold.

        Nonsense in a parameter must not keep events out: the defaults hold then.
        """
        # sudo: two numbers out of the settings, whoever asks.
        get = self.env["ir.config_parameter"].sudo().get_param
        try:
            return Policy(
                timedelta(days=int(get("veloc_crm.at_risk_days", 30))),
                timedelta(days=int(get("veloc_crm.churned_days", 90))),
            )
        except (ValueError, OverflowError):
            _logger.warning("veloc_crm.at_risk_days and churned_days make no sense")
            return DEFAULT_POLICY

    @api.model
    def _retime_stages(self):
        """Time anew who is waiting, after the limits changed; the job does the rest."""
        policy = self._get_policy()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader SET next_stage_at = last_activity_at + CASE stage"
                " WHEN 'at_risk' THEN %s ELSE %s END WHERE next_stage_at IS NOT NULL",
                policy.churned_after,
                policy.at_risk_after,
            )
        )
        self.invalidate_model(["next_stage_at"])
        self.env.ref("veloc_crm.ir_cron_age_stages")._trigger()

    @api.model
    def _mark_tiers_stale(self, where=None):
        """Mark all traders, or those in ``where``, for the tier job; count them."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader SET is_tier_stale = true"
                " WHERE is_tier_stale IS NOT TRUE AND %s",
                where or SQL("true"),
            )
        )
        marked = self.env.cr.rowcount
        self.invalidate_model(["is_tier_stale"])
        return marked

    @api.model
    def _cron_age_stages(self):
        """Move on those whose silence has lasted long enough."""
        cron = self.env["ir.cron"]
        now = fields.Datetime.now()
        due = [("next_stage_at", "<=", now)]
        time_left = cron._commit_progress(remaining=self.search_count(due))
        fold = self.env["veloc.ingest.fold"]
        while time_left and (count := fold._age_due(now, AGE_BATCH)):
            time_left = cron._commit_progress(count)
