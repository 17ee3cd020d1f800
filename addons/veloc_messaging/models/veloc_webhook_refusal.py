from odoo import api, fields, models
from odoo.tools import SQL

REASONS = [
    ("unknown_account", "Unknown account"),
    ("bad_signature", "Bad signature"),
    ("wrong_account", "Signed for another account"),
]


class VelocWebhookRefusal(models.Model):
    """How often the webhook turned somebody away, per day and reason.

    Counted, not stored: what an unsigned caller says is nobody's business.
    """

    _name = "veloc.webhook.refusal"
    _description = "Refused webhook calls"
    _order = "day desc, id desc"
    _log_access = False

    day = fields.Date(required=True, readonly=True)
    account_id = fields.Many2one(
        "veloc.account", readonly=True, ondelete="cascade", help="Empty: unknown code."
    )
    reason = fields.Selection(REASONS, required=True, readonly=True)
    count = fields.Integer(readonly=True)
    last_at = fields.Datetime(readonly=True)

    _once_a_day = models.UniqueIndex("(day, COALESCE(account_id, 0), reason)")

    @api.depends("day", "reason")
    def _compute_display_name(self):
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for refusal in self:
            refusal.display_name = f"{refusal.day} · {labels[refusal.reason]}"

    @api.model
    def _count(self, reason, account_id=None):
        """Add one."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_webhook_refusal AS r
                       (day, account_id, reason, count, last_at)
                VALUES (%(day)s, %(account)s, %(reason)s, 1, %(now)s)
                ON CONFLICT (day, COALESCE(account_id, 0), reason)
                DO UPDATE SET count = r.count + 1, last_at = excluded.last_at
                """,
                day=now.date(),
                account=account_id,
                reason=reason,
                now=now,
            )
        )
        self.invalidate_model(flush=False)
