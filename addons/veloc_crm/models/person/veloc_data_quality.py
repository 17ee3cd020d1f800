"""How good the data of all traders are, day by day."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

MEASURES = [
    ("name", "Name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("cpf", "CPF or CNPJ (clients)"),
    ("consent", "Consent to marketing"),
    ("birth_date", "Birth date"),
    ("zone", "Time zone"),
    ("valid", "Without findings"),
    ("unique", "Without open duplicates"),
]
MEASURE = """
WITH people AS (
    SELECT t.company_id, t.signup_at IS NOT NULL OR t.deposit_count > 0 AS is_client,
        p.name IS DISTINCT FROM t.external_ref AND p.name > '' AS name,
        p.email_normalized > '' AS email, p.phone_sanitized > '' AS phone,
        CASE WHEN p.is_company THEN p.veloc_cnpj_blind ELSE p.veloc_cpf_blind END
            IS NOT NULL AS cpf,
        p.veloc_birth_date IS NOT NULL AS birth_date, t.zone IS NOT NULL AS zone,
        s.quality_issue_count = 0 AS valid, d.partner_id IS NULL AS is_unique,
        c.partner_id IS NOT NULL AS consent
    FROM veloc_trader t JOIN res_partner p ON p.id = t.partner_id
    JOIN veloc_trader_state s ON s.id = t.figures_id
    LEFT JOIN (
        SELECT left_id AS partner_id FROM veloc_duplicate WHERE state = 'open'
        UNION SELECT right_id FROM veloc_duplicate WHERE state = 'open'
    ) d ON d.partner_id = p.id
    LEFT JOIN (
        SELECT DISTINCT w.partner_id FROM veloc_consent_state w
        JOIN veloc_purpose u ON u.id = w.purpose_id
        WHERE w.granted AND u.code = 'marketing'
    ) c ON c.partner_id = p.id
    WHERE p.veloc_blocked_at IS NULL
), sums AS (
    SELECT company_id, count(*) AS total, count(*) FILTER (WHERE is_client) AS clients,
        count(*) FILTER (WHERE name) AS name, count(*) FILTER (WHERE email) AS email,
        count(*) FILTER (WHERE phone) AS phone,
        count(*) FILTER (WHERE cpf AND is_client) AS cpf,
        count(*) FILTER (WHERE birth_date) AS birth_date,
        count(*) FILTER (WHERE zone) AS zone, count(*) FILTER (WHERE valid) AS valid,
        count(*) FILTER (WHERE is_unique) AS is_unique,
        count(*) FILTER (WHERE consent) AS consent
    FROM people GROUP BY company_id
), old AS (
    UPDATE veloc_data_quality SET is_latest = false WHERE is_latest AND day < %(day)s
)
INSERT INTO veloc_data_quality
    (day, company_id, measure, good_count, total_count, percent, change, is_latest)
SELECT %(day)s, s.company_id, m.measure, m.good, m.total,
    100.0 * m.good / greatest(m.total, 1),
    100.0 * m.good / greatest(m.total, 1) - (
        SELECT q.percent FROM veloc_data_quality q
        WHERE q.company_id = s.company_id AND q.measure = m.measure
            AND q.day <= %(before)s ORDER BY q.day DESC LIMIT 1), true
FROM sums s CROSS JOIN LATERAL (VALUES
    ('name', s.name, s.total), ('email', s.email, s.total), ('phone', s.phone, s.total),
    ('cpf', s.cpf, s.clients), ('birth_date', s.birth_date, s.total),
    ('zone', s.zone, s.total), ('valid', s.valid, s.total),
    ('unique', s.is_unique, s.total), ('consent', s.consent, s.total)
) AS m (measure, good, total)
ON CONFLICT (day, company_id, measure) DO UPDATE SET
    good_count = excluded.good_count, total_count = excluded.total_count,
    percent = excluded.percent, change = excluded.change, is_latest = true
"""
COMPARED_WITH = timedelta(days=30)


class VelocDataQuality(models.Model):
    """One measure of one day: how many of how many people are in order."""

    _name = "veloc.data.quality"
    _description = "Data Quality"
    _order = "day desc, measure"
    _rec_name = "measure"
    _log_access = False

    day = fields.Date(required=True, readonly=True, index=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    measure = fields.Selection(MEASURES, required=True, readonly=True)
    good_count = fields.Integer("In order", readonly=True)
    total_count = fields.Integer("People", readonly=True)
    percent = fields.Float(
        "In order (%)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    change = fields.Float(
        "Against 30 days ago", readonly=True, aggregator=None, digits=(16, 1)
    )
    is_latest = fields.Boolean("Newest", readonly=True)

    _day_unique = models.Constraint(
        "UNIQUE (day, company_id, measure)", "One row per day and measure."
    )

    # === ACTIONS === #

    def action_open(self):
        """Open what is to be put in order (button)."""
        self.ensure_one()
        name = "duplicate" if self.measure == "unique" else "data_issue"
        return self.env["ir.actions.act_window"]._for_xml_id(
            f"veloc_crm.veloc_{name}_action"
        )

    # === BUSINESS === #

    @api.model
    def _measure(self, now):
        """Write today's scores of all companies; one pass over the traders."""
        self.env.flush_all()
        day = now.date()
        self.env.cr.execute(SQL(MEASURE, day=day, before=day - COMPARED_WITH))
        self.invalidate_model(flush=False)
