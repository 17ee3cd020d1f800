"""Who has which benefit, and since when."""

from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import SUPPRESSION_KINDS

from ...rules.load import assign

# Whom nothing may draw to trade.
CARE = (
    "self_exclusion",
    "cooling_off",
    "loss_limit",
    "minor",
    "complaint",
    "deceased",
)
DUE = SQL(
    """
    SELECT t.id AS trader_id, b.id AS benefit_id, t.company_id
    FROM veloc_trader t JOIN veloc_vip_level l ON l.id = t.vip_level_id
    JOIN veloc_vip_benefit b ON b.active
    JOIN veloc_vip_level f ON f.id = b.level_id
        AND (f.sequence, f.id) <= (l.sequence, l.id)
    WHERE coalesce(b.company_id, t.company_id) = t.company_id
    """
)


# Who lost the benefit, or whose manager left the house, is free again.
FREE_MANAGERS = SQL(
    """
    UPDATE veloc_trader t SET account_manager_id = NULL
    FROM res_users u WHERE u.id = t.account_manager_id
        AND (NOT u.active OR NOT EXISTS (
            SELECT FROM veloc_vip_grant g
            JOIN veloc_vip_benefit b ON b.id = g.benefit_id
            WHERE g.trader_id = t.id AND g.until IS NULL
                AND b.kind = 'account_manager'))
    """
)
WAITING = SQL(
    """
    SELECT DISTINCT ON (t.id) b.id, t.id
    FROM veloc_vip_grant g JOIN veloc_vip_benefit b ON b.id = g.benefit_id
    JOIN veloc_trader t ON t.id = g.trader_id
    WHERE g.until IS NULL AND b.kind = 'account_manager'
        AND t.account_manager_id IS NULL
    ORDER BY t.id, b.level_sequence DESC, b.id
    """
)
LOADS = SQL(
    "SELECT account_manager_id, count(*) FROM veloc_trader"
    " WHERE account_manager_id IS NOT NULL GROUP BY 1"
)


class VelocVipGrant(models.Model):
    """Begins and ends with the level; written by SQL alone."""

    _name = "veloc.vip.grant"
    _description = "VIP Benefit Granted"
    _order = "since desc, id desc"
    _log_access = False

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade", index=True
    )
    benefit_id = fields.Many2one(
        "veloc.vip.benefit", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    kind = fields.Selection(related="benefit_id.kind")
    text = fields.Text(related="benefit_id.text")
    since = fields.Datetime(required=True, readonly=True)
    until = fields.Datetime(readonly=True, help="Empty: still granted.")
    withheld_because = fields.Char(
        compute="_compute_withheld_because",
        help="Benefits that draw to trading wait while the person is protected.",
    )

    _one_standing = models.UniqueIndex(
        "(benefit_id, trader_id) WHERE until IS NULL",
        "A benefit is granted once at a time.",
    )

    # === COMPUTE === #

    @api.depends("benefit_id.draws_to_trade", "trader_id.partner_id")
    @api.depends_context("lang")
    def _compute_withheld_because(self):
        """Look now: who excluded themselves a minute ago is protected already."""
        guarded = self.filtered("benefit_id.draws_to_trade")
        reasons = self._care_reasons(guarded.trader_id.partner_id)
        labels = dict(
            self.env["veloc.suppression"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        for grant in self:
            kind = grant in guarded and reasons.get(grant.trader_id.partner_id.id)
            grant.withheld_because = labels[kind] if kind else False

    @api.model
    def _care_reasons(self, partners):
        """Return ``{partner id: kind}`` of those whom nothing may draw to trade."""
        # sudo: why a person is protected decides, whoever asks.
        blocks_sudo = self.env["veloc.suppression"].sudo()
        found = blocks_sudo.search_fetch(
            [
                ("partner_id", "in", partners.ids),
                ("kind", "in", CARE),
                ("is_active", "=", True),
            ],
            ["partner_id", "kind"],
        )
        order = [kind for kind, _label in SUPPRESSION_KINDS]
        found = found.sorted(lambda block: order.index(block.kind), reverse=True)
        return {block.partner_id.id: block.kind for block in found}

    # === BUSINESS === #

    @api.model
    def _refresh(self, now, trader_ids=None):
        """Grant what the levels bring, end what they no longer bring; return counts."""
        own = SQL("true")
        if trader_ids is not None:
            own = SQL("trader_id = ANY(%s)", list(trader_ids))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "WITH due AS MATERIALIZED (SELECT * FROM (%s) d WHERE %s)"
                " UPDATE veloc_vip_grant g SET until = %s"
                " WHERE until IS NULL AND %s AND NOT EXISTS (SELECT FROM due"
                " WHERE due.trader_id = g.trader_id AND due.benefit_id = g.benefit_id)",
                DUE,
                own,
                now,
                own,
            )
        )
        ended = self.env.cr.rowcount
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_vip_grant (trader_id, benefit_id, company_id, since)"
                " SELECT d.trader_id, d.benefit_id, d.company_id, %s FROM (%s) d"
                " WHERE %s ORDER BY d.trader_id ON CONFLICT DO NOTHING",
                now,
                DUE,
                own,
            )
        )
        granted = self.env.cr.rowcount
        self.invalidate_model(flush=False)
        self._assign_managers()
        return {"granted": granted, "ended": ended}

    @api.model
    def _assign_managers(self):
        """Give each VIP without a manager the one who looks after the fewest."""
        self.env.cr.execute(FREE_MANAGERS)
        waiting = self.env.execute_query(WAITING)
        if waiting:
            self._assign(waiting)
        self.env["veloc.trader"].invalidate_model(["account_manager_id"], flush=False)

    @api.model
    def _assign(self, waiting):
        loads = dict(self.env.execute_query(LOADS))
        # sudo: whom the benefit names looks after the trader, whoever set this off.
        benefits_sudo = self.env["veloc.vip.benefit"].sudo()
        queues = defaultdict(list)
        for benefit_id, trader_id in waiting:
            queues[benefit_id].append(trader_id)
        chosen = []
        for benefit_sudo in benefits_sudo.browse(sorted(queues)):
            managers = benefit_sudo.manager_ids.filtered("active").ids
            pairs = assign(
                queues[benefit_sudo.id], managers, loads, benefit_sudo.max_traders
            )
            loads |= Counter(loads) + Counter(user_id for _trader, user_id in pairs)
            chosen += pairs
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader t SET account_manager_id = c.user_id"
                " FROM unnest(%s::int4[], %s::int4[]) AS c (trader_id, user_id)"
                " WHERE t.id = c.trader_id",
                [trader_id for trader_id, _user in chosen],
                [user_id for _trader, user_id in chosen],
            )
        )
