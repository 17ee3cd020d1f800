from odoo import api, fields, models

from ...rules.balancing import NOTICE_DAYS
from ...rules.finding import Finding


class VelocWatch(models.AbstractModel):
    """What the consent desk must not forget: reviews, and words of unclear people."""

    _inherit = "veloc.watch"

    @api.model
    def _check_balancing_review(self, rule, since):
        """Return approved tests in use whose review is near or over."""
        today = fields.Date.context_today(self)
        due = self.env["veloc.balancing"].search(
            [
                ("state", "=", "approved"),
                ("review_on", "<=", fields.Date.add(today, days=NOTICE_DAYS)),
                ("version_ids.state", "=", "published"),
            ]
        )
        return [
            Finding(
                f"balancing:{test.id}",
                self.env._(
                    "“%(name)s”: review by %(review)s; from %(expiry)s on the gate "
                    "refuses what rests on it.",
                    name=test.name,
                    review=test.review_on,
                    expiry=test.expires_on,
                ),
                "veloc.balancing",
                test.id,
                severity="critical" if test.expires_on <= today else None,
            )
            for test in due
        ]

    @api.model
    def _check_consent_unmatched(self, rule, since):
        """Return confirmed consents that wait for somebody to say whose they are."""
        waiting = self.env["veloc.consent.pending"].search(
            [("state", "=", "unmatched")], limit=100
        )
        return [
            Finding(
                f"pending:{pending.id}",
                self.env._("Several contacts have the address that confirmed."),
                "veloc.consent.pending",
                pending.id,
                at=pending.confirmed_at,
            )
            for pending in waiting
        ]
