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
    def _get_policies(self):
        """Return ``{tier id: Policy}`` of tiers with limits of their own; None: others.

        A VIP who is silent for ten days is missed; a small client is not.
        """
        # sudo: settings, whoever asks.
        tiers_sudo = self.env["veloc.tier"].sudo().search([("at_risk_days", ">", 0)])
        own = {
            tier.id: Policy(
                timedelta(days=tier.at_risk_days), timedelta(days=tier.churned_days)
            )
            for tier in tiers_sudo
        }
        return {None: self._get_policy()} | own

    @api.model
    def _retime_stages(self, trader_ids=None):
        """Time anew who is waiting, after limits or tiers changed."""
        self.env.flush_all()
        policies = self._get_policies()
        default = policies.pop(None)
        if trader_ids is not None and not policies:
            return  # one limit for all: a new tier changes nothing
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_trader t SET next_stage_at = w.due
                FROM (
                    SELECT id, last_activity_at + CASE stage
                        WHEN 'at_risk' THEN coalesce(p.churned, %s)
                        ELSE coalesce(p.at_risk, %s) END AS due
                    FROM veloc_trader LEFT JOIN unnest(%s::int4[], %s::interval[],
                        %s::interval[]) AS p (tier, at_risk, churned)
                        ON p.tier = tier_id
                    WHERE next_stage_at IS NOT NULL AND %s
                ) w WHERE w.id = t.id AND w.due <> t.next_stage_at
                """,
                default.churned_after,
                default.at_risk_after,
                list(policies),
                [policy.at_risk_after for policy in policies.values()],
                [policy.churned_after for policy in policies.values()],
                SQL("true") if trader_ids is None else SQL("id = ANY(%s)", trader_ids),
            )
        )
        self.invalidate_model(["next_stage_at"], flush=False)
        if trader_ids is None:
            self.env.ref("veloc_crm.ir_cron_age_stages")._trigger()

    @api.model
    def _cron_age_stages(self):
        """Move on those whose silence has lasted long enough."""
        cron = self.env["ir.cron"]
        now = fields.Datetime.now()
        fold = self.env["veloc.ingest.fold"]
        time_left = cron._commit_progress(remaining=fold._count_due(now))
        while time_left and (count := fold._age_due(now, AGE_BATCH)):
            time_left = cron._commit_progress(count)
