"""Accounts that share a home, a device or a bank account: for checks of abuse."""

from odoo import api, fields, models
from odoo.tools import SQL

KINDS = [
    ("household", "Same household"),
    ("device", "Same device"),
    ("bank", "Same bank account or PIX key"),
    ("phone", "Same phone"),
    ("declared", "Linked by staff"),
]
# A phone of more accounts than this is an office's or a made-up one; see hygiene.
# What only one has is left out before anything is joined.
MOST = 50
CLUSTERS = """
WITH common AS MATERIALIZED (
    SELECT digest, kind FROM veloc_person_key WHERE kind IN ('household', 'phone')
    GROUP BY digest, kind HAVING count(*) > 1
), devices AS MATERIALIZED (
    SELECT digest FROM veloc_trader_device GROUP BY digest HAVING count(*) > 1
), shared (kind, cluster, trader_id) AS (
    SELECT DISTINCT k.kind, k.digest, t.id
    FROM common JOIN veloc_person_key k USING (digest, kind)
    JOIN veloc_trader t ON t.partner_id = k.partner_id
    UNION
    SELECT 'device', digest, trader_id FROM devices JOIN veloc_trader_device
        USING (digest)
    UNION
    SELECT 'bank', digest, t.id
    FROM veloc_bank_account b JOIN veloc_trader t ON t.partner_id = b.partner_id
    CROSS JOIN LATERAL (VALUES (b.pix_key_blind),
        (b.account_blind || coalesce(b.bank_code, ''))) AS one (digest)
    WHERE b.active AND digest IS NOT NULL
), found AS (
    SELECT s.kind, s.cluster, s.trader_id, t.company_id,
        count(*) OVER (PARTITION BY s.kind, s.cluster) AS size
    FROM shared s JOIN veloc_trader t ON t.id = s.trader_id
), gone AS (
    DELETE FROM veloc_trader_link l
    WHERE kind <> 'declared' AND NOT EXISTS (
        SELECT FROM found f WHERE f.size BETWEEN 2 AND %(most)s AND f.kind = l.kind
            AND f.cluster = l.cluster AND f.trader_id = l.trader_id)
    RETURNING trader_id
), fresh AS (
    INSERT INTO veloc_trader_link AS l
        (kind, cluster, trader_id, company_id, size, since)
    SELECT kind, cluster, trader_id, company_id, size, %(now)s FROM found
    WHERE size BETWEEN 2 AND %(most)s
    ON CONFLICT (kind, cluster, trader_id) DO UPDATE SET size = excluded.size
    WHERE l.size <> excluded.size
    RETURNING trader_id, xmax = 0 AS is_new
)
SELECT trader_id FROM gone UNION SELECT trader_id FROM fresh WHERE is_new
"""


class VelocTraderLink(models.Model):
    """One trader's place in a cluster; clusters have two members or more.

    What links them stands here as a kind and a keyed hash, never as a value.
    """

    _name = "veloc.trader.link"
    _description = "Linked Account"
    _order = "size desc, cluster, id"
    _rec_name = "trader_id"
    _log_access = False

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    cluster = fields.Char(required=True, readonly=True)
    size = fields.Integer("Accounts", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    since = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    others = fields.Char(compute="_compute_others", string="Linked to")
    stage = fields.Selection(related="trader_id.stage")

    _member_unique = models.Constraint(
        "UNIQUE (kind, cluster, trader_id)", "This account is in the cluster already."
    )

    # === COMPUTE === #

    @api.depends("cluster", "kind", "trader_id")
    def _compute_others(self):
        members = self.search([("cluster", "in", self.mapped("cluster"))])
        by_cluster = members.grouped(lambda link: (link.kind, link.cluster))
        for link in self:
            others = by_cluster.get((link.kind, link.cluster), self) - link
            names = others.trader_id.mapped("display_name")
            link.others = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")

    # === ACTIONS === #

    def action_open_cluster(self):
        """List the accounts of this cluster (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_link_action"
        )
        domain = [("kind", "=", self.kind), ("cluster", "=", self.cluster)]
        return action | {"domain": domain, "context": {}}

    def action_open_trader(self):
        """Open the account (button)."""
        self.ensure_one()
        return self.trader_id._get_records_action()

    # === BUSINESS === #

    @api.model
    def _rebuild(self, now):
        """Bring all clusters up to date; return whose links changed. One statement."""
        self.env["veloc.bank.account"].flush_model()
        self.env["veloc.trader"].flush_model()
        rows = self.env.execute_query(SQL(CLUSTERS, most=MOST, now=now))
        self.invalidate_model(flush=False)
        return [trader_id for (trader_id,) in rows]

    @api.model
    def _declare(self, pairs):
        """Link the traders of pairs that staff called linked, not the same."""
        self._withdraw(pairs)
        # sudo: nobody has create rights; the caller has checked who decides.
        self.sudo().create(
            [
                {
                    "trader_id": trader.id,
                    "kind": "declared",
                    "cluster": _cluster_of(pair),
                    "size": len(traders),
                    "company_id": trader.company_id.id,
                }
                for pair in pairs
                if len(traders := (pair.left_id | pair.right_id).veloc_trader_ids) == 2
                for trader in traders
            ]
        )

    @api.model
    def _withdraw(self, pairs):
        # sudo: as above.
        self.sudo().search(
            [
                ("kind", "=", "declared"),
                ("cluster", "in", [_cluster_of(pair) for pair in pairs]),
            ]
        ).unlink()


def _cluster_of(pair):
    return f"pair-{pair.id}"
