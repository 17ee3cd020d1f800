from odoo import api, models
from odoo.tools import SQL

from ...rules import hygiene
from ...rules.hygiene import Facts

FACTS = """
SELECT p.id, t.id, t.company_id, p.name, t.external_ref, p.email, p.phone,
    t.signup_at IS NOT NULL OR t.deposit_count > 0, p.veloc_cpf_blind IS NOT NULL,
    CASE WHEN p.veloc_cpf_blind IS NOT NULL THEN (SELECT count(*) FROM res_partner o
        WHERE o.veloc_cpf_blind = p.veloc_cpf_blind) ELSE 0 END,
    CASE WHEN p.phone_sanitized IS NOT NULL THEN (SELECT count(*) FROM (
        SELECT FROM res_partner o WHERE o.phone_sanitized = p.phone_sanitized
        LIMIT 10) AS sharers) ELSE 0 END,
    p.veloc_birth_date,
    coalesce(p.tz, t.zone) IS NOT NULL OR p.state_id IS NOT NULL,
    EXISTS (SELECT FROM veloc_suppression s WHERE s.partner_id = p.id
        AND s.kind = 'channel_blocked' AND s.channel = 'email' AND s.lifted_at IS NULL),
    p.zip, CASE WHEN country.code = 'BR' THEN state.code END,
    p.is_company, p.veloc_cnpj_blind IS NOT NULL,
    CASE WHEN p.veloc_cnpj_blind IS NOT NULL THEN (SELECT count(*) FROM res_partner o
        WHERE o.veloc_cnpj_blind = p.veloc_cnpj_blind AND o.is_company) ELSE 0 END,
    p.vat
FROM veloc_trader t JOIN res_partner p ON p.id = t.partner_id
LEFT JOIN res_country_state state ON state.id = p.state_id
LEFT JOIN res_country country ON country.id = state.country_id
WHERE p.id = ANY(%s) AND p.veloc_blocked_at IS NULL
"""
STORE = """
WITH found (partner_id, trader_id, company_id, kind, severity) AS (
    SELECT * FROM unnest(%(partners)s::int[], %(traders)s::int[], %(companies)s::int[],
        %(kinds)s::varchar[], %(severities)s::varchar[])
), solved AS (
    UPDATE veloc_data_issue i SET state = 'fixed', closed_at = %(now)s,
        write_date = %(now)s
    WHERE i.partner_id = ANY(%(ids)s) AND i.state <> 'fixed' AND NOT EXISTS (
        SELECT FROM found f WHERE f.partner_id = i.partner_id AND f.kind = i.kind)
    RETURNING i.id
), fresh AS (
    INSERT INTO veloc_data_issue (partner_id, trader_id, company_id, kind, severity,
        state, found_at, create_uid, create_date, write_uid, write_date)
    SELECT partner_id, trader_id, company_id, kind, severity, 'open', %(now)s, %(uid)s,
        %(now)s, %(uid)s, %(now)s
    FROM found
    ON CONFLICT (partner_id, kind) WHERE state <> 'fixed' DO NOTHING RETURNING id
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM solved)
"""
COUNT = """
UPDATE veloc_trader_state s SET quality_issue_count = c.issues
FROM (
    SELECT t.id, (SELECT count(*) FROM veloc_data_issue i
        WHERE i.trader_id = t.id AND i.state = 'open')::int AS issues
    FROM veloc_trader t WHERE t.id = ANY(%s) ORDER BY t.id FOR NO KEY UPDATE OF t
) c
WHERE c.id = s.id AND s.quality_issue_count <> c.issues RETURNING s.id
"""


class VelocDataIssue(models.Model):
    """Checking: a constant number of statements for any number of people."""

    _inherit = "veloc.data.issue"

    @api.model
    def _check_people(self, partner_ids, now):
        """Look these people's data over; return ``{issues, solved}``."""
        self.env.flush_all()
        ids = sorted(set(partner_ids))
        found = []
        rows = self.env.execute_query(SQL(FACTS, ids))
        for partner_id, trader_id, company_id, *facts in rows:
            read = Facts(*(fact or default for fact, default in _with_defaults(facts)))
            found += [
                (partner_id, trader_id, company_id, kind, severity)
                for kind, severity in hygiene.findings(read, now.date()).items()
            ]
        columns = list(zip(*found, strict=True)) or [()] * 5
        ((fresh, solved),) = self.env.execute_query(
            SQL(
                STORE,
                ids=ids,
                partners=list(columns[0]),
                traders=list(columns[1]),
                companies=list(columns[2]),
                kinds=list(columns[3]),
                severities=list(columns[4]),
                now=now,
                uid=self.env.uid,
            )
        )
        self.invalidate_model(flush=False)
        self._count([row[1] for row in rows])
        return {"issues": fresh, "solved": solved}

    @api.model
    def _count(self, trader_ids):
        """Write how many findings are open beside each trader's figures."""
        self.flush_model()
        rows = self.env.execute_query(SQL(COUNT, list(trader_ids)))
        self.env["veloc.segment.engine"]._note_changed([id_ for (id_,) in rows])
        self.env["veloc.trader.state"].invalidate_model(
            ["quality_issue_count"], flush=False
        )


def _with_defaults(facts):
    """Pair what the database said with what stands for nothing there."""
    names = list(Facts.__dataclass_fields__.values())
    return [
        (fact, False if field.default is True else field.default)
        for fact, field in zip(facts, names, strict=True)
    ]
