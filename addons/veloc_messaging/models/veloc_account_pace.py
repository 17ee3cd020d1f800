from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import base
from ..rules import retry


class VelocAccount(models.Model):
    """How fast an account may be, and when it has to rest."""

    _inherit = "veloc.account"

    rate = fields.Float(
        "Messages per second",
        default=0.0,
        help="Over all jobs and servers together; 0 for as fast as the provider is.",
    )
    burst = fields.Integer(
        help="How many may leave at once after a pause; 0 for those of one second.",
    )
    sender_rate = fields.Float(
        "Messages per second and sender",
        help="Shared by all accounts with the same sender; 0 for no limit.",
    )
    portfolio_id = fields.Many2one(
        "veloc.reach.portfolio",
        "Business portfolio",
        ondelete="restrict",
        index="btree_not_null",
        help="At Meta: how many people may be written to first in 24 hours.",
    )
    failures = fields.Integer(
        "Failures in a row",
        readonly=True,
        help="How often the account had to rest without a message getting through.",
    )

    paused_by_hand = fields.Boolean(readonly=True)
    stays_out = fields.Boolean(
        "Never stands in",
        help="Do not let this account take over the messages of another one of its "
        "channel and company that is refused or keeps failing.",
    )

    _pace_positive = models.Constraint(
        "CHECK (rate >= 0 AND sender_rate >= 0 AND burst >= 0)",
        "A limit cannot be negative; 0 stands for none.",
    )

    @api.model
    def _recover(self, ids):
        """Forget the failures of accounts that work again."""
        if ids:
            self.env.cr.execute(
                SQL("UPDATE veloc_account SET failures = 0 WHERE id = ANY(%s)", ids)
            )
            self.browse(ids).invalidate_recordset(["failures"], flush=False)

    def action_pause(self):
        """Stop sending; nobody takes over what a person stopped (button)."""
        result = super().action_pause()
        # sudo: the pause was checked; nobody may write this by hand.
        self.sudo().write({"paused_by_hand": True})
        return result

    def action_resume(self):
        """Go on sending what waited, with a clean record (button)."""
        result = super().action_resume()
        # sudo: the resuming was checked; nobody may write this by hand.
        self.sudo().write({"paused_by_hand": False, "failures": 0})
        return result

    def _rest(self, results, now):
        """Leave the account alone for a while; longer each time in a row.

        ``results`` are answers that were about the account, not about a recipient. What
        a neighbour found out during the same rest does not make it longer.
        """
        self.ensure_one()
        self.flush_recordset()
        asked = [
            result.retry_after
            for result in results
            if result.retry_after and base.SLOW in (result.kind, result.detail)
        ]
        seconds = retry.rest(
            base.SLOW if asked else _kind(results), self.failures, max(asked, default=0)
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_account
                   SET failures = COALESCE(failures, 0)
                           + (resume_at IS NULL OR resume_at <= %(now)s)::int,
                       resume_at = CASE WHEN resume_at > %(now)s
                           THEN greatest(resume_at, %(asked)s)
                           ELSE %(until)s END
                 WHERE id = %(id)s
                """,
                now=now,
                until=now + timedelta(seconds=seconds),
                asked=now + timedelta(seconds=seconds if asked else 0),
                id=self.id,
            )
        )
        self.invalidate_recordset(["failures", "resume_at"], flush=False)


def _kind(results):
    """Return what the trouble was, by the first answer that is trouble itself."""
    for result in results:
        if result.kind != base.NOT_STARTED:
            return result.kind
    return results[0].detail
