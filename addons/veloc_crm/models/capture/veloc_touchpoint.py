from odoo import api, fields, models

from ...rules.touch import CLICK_KINDS, KEPT, UTM_KEYS

CLICK_LABELS = {
    "gclid": "Google Ads",
    "gbraid": "Google Ads (app to web)",
    "wbraid": "Google Ads (web to app)",
    "fbclid": "Meta",
    "ttclid": "TikTok",
    "msclkid": "Microsoft Ads",
}
GC_BATCH = 10_000


class VelocTouchpoint(models.Model):
    """How somebody found the broker: their first and last visit before they wrote.

    Kept with the person's consent, for 13 months.
    """

    _name = "veloc.touchpoint"
    _description = "Touchpoint"
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True
    _order = "at desc, id desc"

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    place = fields.Selection(
        [("first", "First visit"), ("last", "Last visit")],
        "Visit",
        required=True,
        readonly=True,
    )
    at = fields.Datetime("When", required=True, readonly=True, index=True)
    utm_source = fields.Char("Source", readonly=True)
    utm_medium = fields.Char("Medium", readonly=True)
    utm_campaign = fields.Char("Campaign", readonly=True)
    utm_content = fields.Char("Content", readonly=True)
    utm_term = fields.Char("Search term", readonly=True)
    click_kind = fields.Selection(
        [(kind, CLICK_LABELS[kind]) for kind in CLICK_KINDS],
        "Clicked ad of",
        readonly=True,
    )
    click_id = fields.Char(
        readonly=True,
        groups="veloc_crm.group_analyst",
        help="The advertiser's number of the click.",
    )
    page = fields.Char("Landing page", readonly=True)
    referrer = fields.Char("Came from", readonly=True)
    form_id = fields.Many2one("veloc.capture.form", readonly=True, ondelete="set null")
    variant_id = fields.Many2one(
        "veloc.capture.variant", readonly=True, ondelete="set null"
    )

    @api.depends("place", "utm_source", "utm_campaign", "referrer")
    @api.depends_context("lang")
    def _compute_display_name(self):
        places = dict(self._fields["place"]._description_selection(self.env))
        for point in self:
            said = [point.utm_source or point.referrer, point.utm_campaign]
            told = " / ".join(filter(None, said))
            point.display_name = ": ".join(filter(None, (places[point.place], told)))

    @api.model
    def _keep(self, trader, pair, submission):
        """Store the visits; a first visit that is known already stays the first."""
        has_first = self.search_count(
            [("trader_id", "=", trader.id), ("place", "=", "first")], limit=1
        )
        return self.create(
            [
                {
                    "trader_id": trader.id,
                    "partner_id": trader.partner_id.id,
                    "company_id": trader.company_id.id,
                    "place": place,
                    "at": visit.at,
                    **{key: visit.labels.get(key) for key in UTM_KEYS},
                    "click_kind": visit.click_kind,
                    "click_id": visit.click_id,
                    "page": visit.page,
                    "referrer": visit.referrer,
                    "form_id": submission.form_id.id,
                    "variant_id": submission.variant_id.id,
                }
                for place, visit in pair.items()
                if place == "last" or not has_first
            ]
        )

    @api.autovacuum
    def _gc_old_touches(self):
        """Forget visits after 13 months."""
        limit = fields.Datetime.now() - KEPT
        old = self.search([("at", "<", limit)], limit=GC_BATCH)
        old.unlink()
        return len(old), len(old) == GC_BATCH
