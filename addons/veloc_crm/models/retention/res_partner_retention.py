from odoo import api, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """A trader's clocks, and what stops when they are taken out of use."""

    _inherit = "res.partner"

    @api.model
    def _veloc_clock_joins_sql(self):
        # One trader a contact: the join adds no rows.
        return SQL(
            "%s LEFT JOIN veloc_trader trader ON trader.partner_id = p.id",
            super()._veloc_clock_joins_sql(),
        )

    @api.model
    def _veloc_is_subject_sql(self):
        return SQL("(%s OR trader.id IS NOT NULL)", super()._veloc_is_subject_sql())

    @api.model
    def _veloc_is_client_sql(self):
        """Return SQL: an account, an identity check or money make a client."""
        return SQL(
            "(%s OR coalesce(trader.signup_at IS NOT NULL"
            " OR trader.kyc_state IN ('submitted', 'approved')"
            " OR trader.deposit_count > 0, false))",
            super()._veloc_is_client_sql(),
        )

    @api.model
    def _veloc_last_activity_sql(self):
        return SQL(
            "greatest(%s, trader.last_activity_at, trader.last_event_at)",
            super()._veloc_last_activity_sql(),
        )

    def _veloc_block(self):
        """Take these people out of every cadence, too."""
        done = super()._veloc_block()
        # sudo: runs have no write access; the caller has checked who asks.
        self.env["veloc.enrolment"].sudo()._leave_all(
            [("partner_id", "in", self.ids)], "blocked"
        )
        return done
