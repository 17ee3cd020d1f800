import json

from odoo import api, fields, models

# A person reviews what matters now, not nine years of steps.
MOST_CADENCE_DECISIONS = 20


class VelocPrivacyReview(models.Model):
    """What the CRM decides about a trader by itself: tier, stage, cadence steps."""

    _inherit = "veloc.privacy.review"

    @api.model
    def _decisions(self, partners):
        # sudo: the desk reviews decisions on traders it may not otherwise see.
        traders = self.env["veloc.trader"].sudo()
        found = traders.search([("partner_id", "in", partners.ids)])
        return [
            *super()._decisions(partners),
            *(self._tier_decision(trader) for trader in found if trader.tier_id),
            *(self._stage_decision(trader) for trader in found if trader.stage),
            *self._cadence_decisions(partners),
        ]

    def _tier_decision(self, trader):
        tier, last = trader.tier_id, trader.tier_event_ids[:1]
        return {
            "subject": self.env._("Tier"),
            "decision": tier.name,
            "version": self.env._(
                "Tier rules as of %(at)s", at=fields.Datetime.to_string(tier.write_date)
            ),
            "criteria": self.env._(
                "The highest tier whose thresholds are met: %(thresholds)s. It is kept "
                "with %(percent)s %% of them, for %(days)s days at least.",
                thresholds=tier._say_thresholds(),
                percent=tier.stay_percent,
                days=tier.min_days,
            ),
            "features": json.dumps(
                {
                    "deposit_total": str(trader.deposit_total),
                    "trades_30d": trader.trades_30d,
                    "because_of": last.reason or "",
                }
            ),
            "decided_at": trader.tier_since or trader.create_date,
        }

    def _stage_decision(self, trader):
        last = trader.lifecycle_event_ids[:1]
        labels = dict(trader._fields["stage"]._description_selection(self.env))
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: two thresholds.
        policy = {
            name: parameters.get_param(f"veloc_crm.{name}", default)
            for name, default in (("at_risk_days", "30"), ("churned_days", "90"))
        }
        return {
            "subject": self.env._("Stage"),
            "decision": labels[trader.stage],
            "version": self.env._(
                "At risk after %(risk)s days without activity, lost after %(lost)s",
                risk=policy["at_risk_days"],
                lost=policy["churned_days"],
            ),
            "criteria": self.env._(
                "Milestones (sign-up, identity check, first deposit) and the days "
                "since the last deposit or trade."
            ),
            "features": json.dumps(
                {
                    "last_activity_at": str(trader.last_activity_at or ""),
                    "deposit_count": trader.deposit_count,
                    "because_of": last.reason or "",
                }
            ),
            "decided_at": trader.stage_since,
        }

    def _cadence_decisions(self, partners):
        """Return the newest step decisions: who got what, by which rule."""
        # sudo: as above.
        decisions = self.env["veloc.decision"].sudo()
        return [
            {
                "subject": told["cadence"] or self.env._("Message"),
                "decision": told["verdict_words"],
                "version": self.env._(
                    "Version %(number)s, rule %(rule)s",
                    number=told["version"],
                    rule=told["rule"] or "",
                ),
                "criteria": told["words"],
                "features": json.dumps(told["saw"], default=str),
                "decided_at": told["at"],
            }
            for partner in partners
            for told in decisions._explain(partner.id, limit=MOST_CADENCE_DECISIONS)
        ]
