from odoo import api, fields, models
from odoo.tools import SQL

from ..providers.base import Device
from ..providers.web_push import MAX_DEVICES
from ..rules import push_endpoint, push_subscription

STATES = [("live", "On"), ("ended", "Turned off"), ("gone", "Gone")]


class VelocPushSubscription(models.Model):
    """A browser in which a person turned notifications on.

    Whoever knows address and keys can write to it, so they are shown to nobody.
    """

    _name = "veloc.push.subscription"
    _description = "Push subscription"
    _order = "id desc"
    _rec_name = "device"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "veloc.account",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="Whose key the browser knows us by: only this account can write to it.",
    )
    endpoint = fields.Char(required=True, readonly=True, groups="base.group_system")
    p256dh = fields.Char(
        "Browser's key", required=True, readonly=True, groups="base.group_system"
    )
    auth = fields.Char(
        "Browser's secret", required=True, readonly=True, groups="base.group_system"
    )
    service = fields.Char("Push service", readonly=True)
    device = fields.Char("Browser", readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="live")
    subscribed_at = fields.Datetime(
        "Turned on at", required=True, readonly=True, default=fields.Datetime.now
    )
    last_success_at = fields.Datetime("Last message taken at", readonly=True)
    ended_at = fields.Datetime(readonly=True)
    company_id = fields.Many2one(related="account_id.company_id")

    _endpoint_unique = models.Constraint(
        "UNIQUE (endpoint)", "This browser has its subscription."
    )
    _live_idx = models.Index("(partner_id, account_id) WHERE state = 'live'")
    _partner_idx = models.Index("(partner_id, id)")

    # === COMPUTE === #

    @api.depends("partner_id", "device")
    def _compute_display_name(self):
        for subscription in self:
            subscription.display_name = (
                f"{subscription.partner_id.display_name} · {subscription.device or '?'}"
            )

    # === SUBSCRIBING === #

    @api.model
    def _subscribe(self, partner, account, keys, user_agent):
        """Store the browser as this person's; it may have been somebody else's.

        The newest few are kept: more could not be written to in time.
        """
        now = fields.Datetime.now()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_push_subscription (partner_id, account_id, endpoint,
                    p256dh, auth, service, device, state, subscribed_at,
                    create_uid, create_date, write_uid, write_date)
                VALUES (%(partner)s, %(account)s, %(endpoint)s, %(p256dh)s, %(auth)s,
                    %(service)s, %(device)s, 'live', %(now)s,
                    %(uid)s, %(now)s, %(uid)s, %(now)s)
                ON CONFLICT (endpoint) DO UPDATE
                    SET partner_id = excluded.partner_id, p256dh = excluded.p256dh,
                        account_id = excluded.account_id, auth = excluded.auth,
                        device = excluded.device, state = 'live', ended_at = NULL,
                        subscribed_at = excluded.subscribed_at,
                        write_date = excluded.write_date
                """,
                partner=partner.id,
                account=account.id,
                endpoint=keys.endpoint,
                p256dh=keys.p256dh,
                auth=keys.auth,
                service=push_endpoint.host(keys.endpoint),
                device=push_subscription.device(user_agent),
                now=now,
                uid=self.env.uid,
            )
        )
        self.invalidate_model(flush=False)
        live = self.search(
            [("partner_id", "=", partner.id), ("state", "=", "live")],
            order="subscribed_at desc, id desc",
        )
        live[MAX_DEVICES:]._end()

    @api.model
    def _subscribe_raw(self, partner, account, raw, user_agent):
        """Store what a browser handed over; return whether it made sense."""
        own = account._prepare_provider_config().base_url
        keys = push_subscription.read_keys(raw, own)
        if keys:
            self._subscribe(partner, account, keys, user_agent)
        return bool(keys)

    def _end(self, state="ended"):
        """Stop writing to these browsers."""
        live = self.filtered(lambda subscription: subscription.state == "live")
        live.write({"state": state, "ended_at": fields.Datetime.now()})

    # === SENDING === #

    @api.model
    def _devices(self, partner_ids):
        """Return ``{(partner id, account id): (Device, …)}``, newest first."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, account_id, endpoint, p256dh, auth "
                "FROM veloc_push_subscription "
                "WHERE partner_id = ANY(%s) AND state = 'live' "
                "ORDER BY subscribed_at DESC, id DESC",
                list(partner_ids),
            )
        )
        devices = {}
        for partner_id, account_id, *keys in rows:
            key = (partner_id, account_id)
            devices[key] = (*devices.get(key, ()), Device(*keys))
        return devices

    @api.model
    def _learn(self, gone, reached, now):
        """Keep what the push services said, in the transaction of their answers.

        ``gone`` are addresses; ``reached`` are (partner id, account id).
        """
        if gone:
            self._write_locked(
                SQL("state = 'gone', ended_at = %s", now),
                SQL("endpoint = ANY(%s)", list(gone)),
            )
        if reached:
            partner_ids, account_ids = map(list, zip(*reached, strict=True))
            self._write_locked(
                SQL("last_success_at = %s", now),
                SQL(
                    "(partner_id, account_id) IN "
                    "(SELECT * FROM unnest(%s::int[], %s::int[]))",
                    partner_ids,
                    account_ids,
                ),
            )

    def _write_locked(self, values, condition):
        """Update live rows, always in the same order: no deadlock between jobs."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_push_subscription SET %s WHERE id IN ("
                "SELECT id FROM veloc_push_subscription "
                "WHERE state = 'live' AND %s ORDER BY id FOR NO KEY UPDATE)",
                values,
                condition,
            )
        )
        self.invalidate_model(flush=False)
