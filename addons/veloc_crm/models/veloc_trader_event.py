"""What traders did: an append-only, partitioned table, read through this view."""

import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules.event_schema import EnvelopeError

RAW_TABLE = """
CREATE SEQUENCE IF NOT EXISTS veloc_trader_event_id_seq;
CREATE TABLE IF NOT EXISTS veloc_trader_event_key (
    source varchar NOT NULL,
    external_id varchar NOT NULL,
    event_id bigint NOT NULL DEFAULT nextval('veloc_trader_event_id_seq'),
    PRIMARY KEY (source, external_id)
);
CREATE TABLE IF NOT EXISTS veloc_trader_event_raw (
    id bigint NOT NULL,
    at timestamp NOT NULL,
    trader_id int4 NOT NULL,
    company_id int4 NOT NULL,
    type varchar NOT NULL,
    is_known boolean NOT NULL,
    source varchar NOT NULL,
    external_id varchar NOT NULL,
    amount numeric,
    currency varchar(3),
    amount_company numeric,
    volume numeric,
    result numeric,
    data jsonb,
    received_at timestamp NOT NULL
) PARTITION BY RANGE (at);
CREATE TABLE IF NOT EXISTS veloc_trader_event_change (
    target_id bigint PRIMARY KEY,
    is_reversed boolean NOT NULL,
    corrected_at timestamp,
    corrected_by bigint,
    amount numeric,
    volume numeric,
    result numeric
);
CREATE INDEX IF NOT EXISTS veloc_trader_event_raw_trader_at
    ON veloc_trader_event_raw (trader_id, at);
CREATE INDEX IF NOT EXISTS veloc_trader_event_raw_at
    ON veloc_trader_event_raw USING brin (at);
CREATE INDEX IF NOT EXISTS veloc_trader_event_raw_id ON veloc_trader_event_raw (id);
CREATE INDEX IF NOT EXISTS veloc_trader_event_raw_unknown
    ON veloc_trader_event_raw (type) WHERE NOT is_known;
"""
# The ORM would log an error for a model on the partitioned root itself. The second view
# is what counts: in company money, without what was reversed, as it was corrected.
VIEW = """
CREATE OR REPLACE VIEW veloc_trader_event AS
SELECT e.id, at, trader_id, company_id, type,
       CASE WHEN is_known THEN type ELSE 'other' END AS kind, is_known,
       source, external_id, e.amount, currency, amount_company, data, received_at,
       CASE WHEN c.is_reversed THEN 'reversed'
            WHEN c.corrected_by IS NOT NULL THEN 'corrected' END AS amended
FROM veloc_trader_event_raw e
LEFT JOIN veloc_trader_event_change c ON c.target_id = e.id;
CREATE OR REPLACE VIEW veloc_trader_event_counted AS
SELECT e.id, e.at, e.trader_id, e.company_id, e.type,
       coalesce(c.amount, e.amount_company) AS amount,
       coalesce(c.volume, e.volume) AS volume, coalesce(c.result, e.result) AS result
FROM veloc_trader_event_raw e
LEFT JOIN veloc_trader_event_change c ON c.target_id = e.id
WHERE e.type NOT IN ('reversal', 'correction') AND c.is_reversed IS NOT TRUE
"""
TYPES = [
    ("lead", "Lead"),
    ("signup_started", "Sign-up started"),
    ("signup", "Signed up"),
    ("kyc_submitted", "KYC submitted"),
    ("kyc_approved", "KYC approved"),
    ("kyc_rejected", "KYC rejected"),
    ("deposit_started", "Deposit started"),
    ("deposit_approved", "Deposit approved"),
    ("deposit_failed", "Deposit failed"),
    ("withdrawal_requested", "Withdrawal requested"),
    ("withdrawal_processing", "Withdrawal processing"),
    ("withdrawal_paid", "Withdrawal paid"),
    ("withdrawal_rejected", "Withdrawal rejected"),
    ("trade", "Trade"),
    ("login", "Login"),
    ("login_suspicious", "Suspicious login"),
    ("password_changed", "Password changed"),
    ("limit_set", "Limit set"),
    ("self_excluded", "Self-excluded"),
    ("complaint_opened", "Complaint opened"),
    ("complaint_closed", "Complaint closed"),
    ("account_closed", "Account closed"),
    ("account_reopened", "Account reopened"),
    ("reversal", "Reversal"),
    ("correction", "Correction"),
]


class VelocTraderEvent(models.Model):
    """Read-only; ``ingest`` is the one way in."""

    _name = "veloc.trader.event"
    _description = "Trader Event"
    _auto = False
    _log_access = False
    _order = "at desc, id desc"

    at = fields.Datetime(string="Date", readonly=True)
    trader_id = fields.Many2one("veloc.trader", readonly=True)
    partner_id = fields.Many2one(related="trader_id.partner_id", string="Contact")
    company_id = fields.Many2one("res.company", readonly=True)
    type = fields.Char(string="Type Code", readonly=True)
    kind = fields.Selection(
        [*TYPES, ("other", "Unknown type")], string="Event", readonly=True
    )
    is_known = fields.Boolean(string="Known Type", readonly=True)
    source = fields.Char(readonly=True)
    external_id = fields.Char(string="Source's Id", readonly=True)
    amount = fields.Float(digits=(16, 2), readonly=True)
    currency = fields.Char(string="Currency Code", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_company = fields.Monetary(string="Amount (Company Currency)", readonly=True)
    data = fields.Json(readonly=True)
    data_text = fields.Text(compute="_compute_data_text", string="Details")
    received_at = fields.Datetime(readonly=True)
    amended = fields.Selection(
        [("reversed", "Reversed"), ("corrected", "Corrected")],
        string="Since Then",
        readonly=True,
        help="A reversed event counts no more; a corrected one with its new values.",
    )

    def init(self):
        """Make the raw tables once, and the view anew."""
        self.env.cr.execute(RAW_TABLE)
        self.env["veloc.partition"]._set_up("veloc_trader_event_raw", "at")
        self.env.cr.execute(VIEW)

    # === COMPUTE === #

    @api.depends("type", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for event in self:
            known = event.kind if event.is_known else None
            event.display_name = labels.get(known, event.type)

    @api.depends("data")
    def _compute_data_text(self):
        for event in self:
            event.data_text = (
                json.dumps(event.data, indent=2, ensure_ascii=False)
                if event.data
                else False
            )

    # === BUSINESS === #

    @api.model
    def ingest(self, source, events):
        """Store a batch of the broker's events; return what became of them.

        ``{"accepted": n, "duplicates": n, "rejected": [{"index", "id", "code",
        "message"}]}``; good rows are stored even when others are refused. Refuses a
        caller who is not an integration.
        """
        self.env["veloc.ingest"]._check_may_ingest()
        # sudo: the caller may hand in events and needs no right on what they touch.
        ingest_sudo = self.env["veloc.ingest"].sudo()
        try:
            return ingest_sudo._run(source, events)
        except EnvelopeError as error:
            raise ValidationError(self.env._(str(error))) from error
