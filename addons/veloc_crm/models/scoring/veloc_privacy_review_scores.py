import json

from odoo import api, fields, models
from odoo.tools import SQL

from .veloc_score_run import COLUMNS

RFM = ("rfm_r", "rfm_f", "rfm_m", "rfm_segment_id", "previous_rfm_segment_id")
SCORES = (*COLUMNS, *RFM, "cluster_id")


class VelocPrivacyReview(models.Model):
    """Scores are automated decisions too (art. 20): a person may take them back."""

    _inherit = "veloc.privacy.review"

    score_code = fields.Char("Score", readonly=True, export_string_translation=False)

    @api.model
    def _decisions(self, partners):
        # sudo: the desk reviews decisions on traders it may not otherwise see.
        traders = self.env["veloc.trader"].sudo()
        found = traders.search([("partner_id", "in", partners.ids)])
        return [
            *super()._decisions(partners),
            *(
                self._score_decision(trader.figures_id, line)
                for trader in found
                for line in trader.figures_id._explain_scores()
                if line["value"] is not None
            ),
        ]

    def _score_decision(self, figures, line):
        kind = line["code"].removeprefix("p_")
        kinds = {"churn_risk": "activity", "ltv": "value", "ltv_simple": "value"}
        # sudo: the card's number, for whoever reviews.
        card = (
            self.env["veloc.score.model"]
            .sudo()
            ._live(figures.company_id, kinds.get(kind, kind))
        )
        version = card.display_name if card else self.env._("The night's run")
        return {
            "subject": line["label"],
            "decision": line["text"],
            "version": version,
            "criteria": " ".join(line["reasons"])
            or self.env._("Clients with similar figures are grouped together."),
            "features": json.dumps(
                {
                    "active_days": figures.active_days,
                    "deposit_days": figures.deposit_days,
                    "last_active_day": str(figures.last_active_day or ""),
                }
            ),
            "decided_at": figures.scored_at,
            "score_code": line["code"],
        }

    def _record(self, request):
        result = super()._record(request)
        if self.score_code and self.outcome in ("changed", "annulled"):
            # What a person corrected, tonight's run must not put back.
            self._withhold(request._partners())
        return result

    @api.model
    def _withhold(self, partners):
        """Empty the scores of these people, and have none computed again."""
        ids = self._empty_scores(partners)
        self.env["veloc.segment"]._on_touched(ids, fields.Datetime.now())

    @api.model
    def _empty_scores(self, partners):
        """Empty them for good; return the traders whose they were."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "UPDATE veloc_trader_state s SET score_withheld = true, %s"
                " FROM veloc_trader t WHERE t.id = s.id AND t.partner_id = ANY(%s)"
                " RETURNING s.id",
                SQL(", ").join(
                    SQL("%s = NULL", SQL.identifier(name)) for name in SCORES
                ),
                partners.ids,
            )
        )
        self.env["veloc.trader.state"].invalidate_model(flush=False)
        return [id_ for (id_,) in rows]
