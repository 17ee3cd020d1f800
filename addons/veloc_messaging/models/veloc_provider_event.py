from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ..providers import registry
from ..rules.outbox_item import is_storable, storable
from ..rules.webhook import DEFAULT_MAX_BYTES, Call

KINDS = [
    ("status", "Status"),
    ("inbound", "Incoming message"),
    ("preference", "Preference"),
    ("template", "Template approval"),
    ("other", "Other"),
]
# What a person said is not left waiting.
WAKING = ("inbound", "preference")
STATES = [
    ("received", "Received"),
    ("folded", "Done"),
    ("ignored", "Changed nothing"),
    ("not_understood", "Not understood"),
]
REPLAYABLE = ("not_understood", "ignored")
WORDS = [("stop", "Stop"), ("start", "Start again"), ("help", "Help")]


class LooseMany2one(fields.Many2one):
    """A link without a foreign key: checking it is a fifth of the cost of folding.

    Messages are not deleted; where one is, ``unlink`` of the message cuts the link.
    """

    def update_db_foreign_key(self, model, column):
        """Have none, and drop the one that an older version had."""
        model.env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s",
                SQL.identifier(model._table),
                SQL.identifier(f"{model._table}_{self.name}_fkey"),
            )
        )


class VelocProviderEvent(models.Model):
    """What a provider told us, stored as received; a cron makes sense of it."""

    _name = "veloc.provider.event"
    _description = "Provider event"
    _order = "id desc"
    _rec_name = "event_key"
    _log_access = False

    account_id = fields.Many2one(
        "veloc.account", required=True, readonly=True, ondelete="restrict"
    )
    provider = fields.Char(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    event_key = fields.Char(
        required=True, readonly=True, help="Equal for copies of the same event."
    )
    reference = fields.Char(readonly=True, help="Our message, from the address called.")
    payload = fields.Text(readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="received")
    received_at = fields.Datetime(required=True, readonly=True)
    folded_at = fields.Datetime(readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    message_id = LooseMany2one("veloc.message", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="set null"
    )
    status = fields.Char(readonly=True, help="The provider's own word for it.")
    word = fields.Selection(
        WORDS, "Opt-out word", readonly=True, help="What the person asked for."
    )
    error = fields.Char(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    # What a receipt says, read once when it came: folding needs nothing else.
    provider_ref = fields.Char("Provider's id", readonly=True)
    error_code = fields.Integer(readonly=True)
    error_detail = fields.Char(readonly=True)
    price_category = fields.Char(readonly=True)
    is_billable = fields.Boolean("Charged", readonly=True)
    occurred_at = fields.Datetime(readonly=True, help="By the provider's clock.")
    company_id = fields.Many2one(related="account_id.company_id")

    _event_unique = models.Constraint(
        "UNIQUE (account_id, event_key)", "This event is stored already."
    )
    _received_idx = models.Index("(id) WHERE state = 'received'")
    _message_idx = models.Index("(message_id) WHERE message_id IS NOT NULL")
    _partner_idx = models.Index("(partner_id) WHERE partner_id IS NOT NULL")

    # === COMPUTE === #

    @api.depends("kind", "status")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for event in self:
            event.display_name = " · ".join(
                part for part in (labels.get(event.kind), event.status) if part
            )

    @api.depends("error", "state")
    def _compute_reason(self):
        reasons = self._reasons()
        for event in self:
            event.reason = reasons.get(event.error, event.error)

    def _reasons(self):
        return {
            "unknown_shape": self.env._("Nothing we know the provider to send."),
            "status": self.env._("A status that is not known here."),
            "unknown_message": self.env._("It is about no message of this account."),
            "earlier_send": self.env._("It is about an earlier send of the message."),
            "unknown_sender": self.env._("Nobody here has this number or name."),
        }

    # === ACTIONS === #

    def action_replay(self):
        """Work on these events once more (button).

        Harmless as often as you like: folding moves nothing backwards, and what was
        understood already is left alone.
        """
        if not self.env.user.has_group("veloc_messaging.group_manager"):
            raise AccessError(self.env._("Only messaging managers replay events."))
        # What follows runs elevated: other companies' events end here.
        self.check_access("read")
        # sudo: the group was checked; nobody has write access to events.
        again_sudo = self.sudo().filtered(lambda event: event.state in REPLAYABLE)
        again_sudo.write({"state": "received", "error": False, "folded_at": False})
        if again_sudo:
            self.env.ref("veloc_messaging.ir_cron_fold").sudo()._trigger()
        return True

    # === WEBHOOK === #

    @api.model
    def _handshake(self, provider, code, query):
        """Answer the verification of an address: HTTP status and text."""
        webhook = self._webhook_of(provider)
        if webhook is None or not webhook.has_handshake:
            return 405, ""
        account = self._find_account(provider, code)
        if not account:
            return 404, ""
        text = webhook.handshake(account._secrets(), query)
        return (403, "") if text is None else (200, text)

    @api.model
    def _max_bytes(self, provider):
        webhook = self._webhook_of(provider)
        return webhook.max_bytes if webhook else DEFAULT_MAX_BYTES

    @api.model
    def _receive(self, call):
        """Verify one call and store what it says once; return the HTTP status.

        ``call`` is a dict: provider, code, reference, path (raw, with the raw query),
        headers (lower case), pairs (of a form) or body (of anything else).
        """
        webhook = self._webhook_of(call["provider"])
        account = webhook and self._find_account(call["provider"], call["code"])
        refusals = self.env["veloc.webhook.refusal"]
        if not account:
            refusals._count("unknown_account")
            return 404
        url = self.env["veloc.contact.gate"]._public_url() + call["path"]
        signed = Call(url, call["headers"], call["pairs"], call["body"])
        if not webhook.is_valid(account._secrets(), signed):
            refusals._count("bad_signature", account.id)
            return 403
        body = call["body"].decode("utf-8", "replace") if call["body"] else ""
        events = webhook.parse(body or urlencode(call["pairs"] or ()))
        shares = self._share_out(webhook, account, events, signed)
        if sum(map(len, shares.values())) < len(events):
            refusals._count("wrong_account", account.id)
        if events and not shares:
            return 403
        for owner, theirs in shares.items():
            self._store(owner, theirs, call["reference"] if owner == account else None)
        return webhook.ok_status

    def _share_out(self, webhook, account, events, signed):
        """Return ``{account: its events}`` of a call to ``account``.

        Meta knows one address per app, whose numbers may be several accounts of
        ours. Another one gets its events when the same signature is good for it.
        """
        ours, others = [], {}
        for event in events:
            if event.account_ref in ("", account._account_ref()):
                ours.append(event)
            else:
                others.setdefault(event.account_ref, []).append(event)
        shares = {account: ours} if ours else {}
        if not others:
            return shares
        accounts = account.with_context(active_test=False).search(
            [
                ("provider", "=", account.provider),
                ("account_sid", "in", list(others)),
                ("id", "!=", account.id),
            ]
        )
        for owner in accounts:
            theirs = others.get(owner._account_ref(), [])
            if theirs and webhook.is_valid(owner._secrets(), signed):
                shares[owner] = others.pop(owner._account_ref())
        return shares

    def _webhook_of(self, provider):
        kind = registry.kinds().get(provider)
        return kind.webhook if kind else None

    def _find_account(self, provider, code):
        # Archived ones too: what they sent is still answered, maybe with STOP.
        accounts = self.env["veloc.account"].with_context(active_test=False)
        if not is_storable(code):
            return accounts
        return accounts.search_fetch(
            [("code", "=", code), ("provider", "=", provider)],
            ["code", "provider", "channel", "account_sid", "has_stored_secret"],
            limit=1,
        )

    def _store(self, account, events, reference=None):
        """One INSERT; a copy of a known event stores nothing and wakes nobody."""
        if not events:
            return
        # Not ``env.ref``, which looks whether it exists: a query for each call.
        data = self.env["ir.model.data"]
        cron_id = data._xmlid_to_res_id("veloc_messaging.ir_cron_fold", True)
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_provider_event (account_id, provider, kind, channel,
                    event_key, reference, payload, status, state, received_at,
                    provider_ref, error_code, error_detail, price_category,
                    is_billable, occurred_at)
                VALUES %s
                ON CONFLICT (account_id, event_key) DO NOTHING
                RETURNING kind, EXISTS (SELECT FROM ir_cron_trigger
                                         WHERE cron_id = %s AND call_at <= %s
                                           AND xmax = 0)
                """,
                SQL(", ").join(
                    SQL("%s", self._prepare_row(account, event, reference, now))
                    for event in events
                ),
                cron_id,
                now,
            )
        )
        # Receipts come in hundreds a second; waking costs more than storing: one call
        # is enough. A call with an ``xmax`` is over: the job that it started deletes it
        # when it ends, and may have had its last look. What a person wrote (it may be
        # STOP) always wakes it.
        if any(kind in WAKING or not called for kind, called in rows):
            self.env["ir.cron"].browse(cron_id)._trigger()

    def _prepare_row(self, account, event, reference, now):
        return (
            account.id,
            account.provider,
            event.kind,
            account.channel,
            storable(event.key[:200]),
            storable(event.reference or reference or "")[:64] or None,
            storable(event.payload),
            storable(event.status[:40]) or None,
            "received",
            now,
            storable(event.provider_ref[:200]) or None,
            _small(event.error_code),
            storable(event.error_detail[:200]) or None,
            storable(event.price_category[:40]) or None,
            event.is_billable,
            event.at,
        )


def _small(number):
    """Return a number that fits the column; another one says nothing to us."""
    return number if number is not None and abs(number) < 2**31 else None
