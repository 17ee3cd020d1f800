from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

REASONS = [
    ("unknown_account", "Unknown account"),
    ("bad_signature", "Bad signature"),
    ("wrong_account", "Signed for another account"),
]
# So many in so short a time are no accident; quiet for so long, it is over.
BURST, BURST_TIME = 20, timedelta(minutes=5)
QUIET_TIME = timedelta(hours=1)


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
    burst_at = fields.Datetime("Counting since", readonly=True)
    burst_count = fields.Integer("Lately", readonly=True)

    _once_a_day = models.UniqueIndex("(day, COALESCE(account_id, 0), reason)")

    @api.depends("day", "reason")
    def _compute_display_name(self):
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for refusal in self:
            refusal.display_name = f"{refusal.day} · {labels[refusal.reason]}"

    @api.model
    def _count(self, reason, account_id=None):
        """Add one; a burst of them opens an alert."""
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_webhook_refusal AS r
                       (day, account_id, reason, count, last_at, burst_at, burst_count)
                VALUES (%(day)s, %(account)s, %(reason)s, 1, %(now)s, %(now)s, 1)
                ON CONFLICT (day, COALESCE(account_id, 0), reason)
                DO UPDATE SET count = r.count + 1, last_at = excluded.last_at,
                    burst_at = CASE WHEN r.burst_at > %(fresh)s THEN r.burst_at
                                    ELSE excluded.burst_at END,
                    burst_count = CASE WHEN r.burst_at > %(fresh)s
                                       THEN r.burst_count + 1 ELSE 1 END
                RETURNING burst_count
                """,
                day=now.date(),
                account=account_id,
                reason=reason,
                now=now,
                fresh=now - BURST_TIME,
            )
        )
        self.invalidate_model(flush=False)
        if rows[0][0] == BURST:
            self._alert(reason, account_id)

    def _alert(self, reason, account_id):
        labels = dict(self._fields["reason"]._description_selection(self.env))
        self.env["veloc.messaging.alert"]._raise(
            "bad_signatures",
            self.env["veloc.account"].browse(account_id) if account_id else None,
            detail=self.env._(
                "%(count)s calls at the webhook were refused within %(minutes)s "
                "minutes: %(reason)s.",
                count=BURST,
                minutes=int(BURST_TIME.total_seconds() / 60),
                reason=labels[reason],
            ),
            key=reason,
        )

    @api.model
    def _close_alerts(self):
        """Close the alerts of bursts that are over."""
        alerts = self.env["veloc.messaging.alert"]
        for alert in alerts.search(
            [("kind", "=", "bad_signatures"), ("closed_at", "=", False)], limit=100
        ):
            account = alert.account_id
            noisy = self.search_count(
                [
                    ("account_id", "=", account.id),
                    ("reason", "=", alert.key),
                    ("last_at", ">", fields.Datetime.now() - QUIET_TIME),
                ],
                limit=1,
            )
            if not noisy:
                alerts._clear("bad_signatures", account, alert.key)
