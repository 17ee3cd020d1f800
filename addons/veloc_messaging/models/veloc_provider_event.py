from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import twilio_events, twilio_signature

KINDS = [("status", "Status"), ("inbound", "Incoming message"), ("other", "Other")]
STATES = [
    ("received", "Received"),
    ("folded", "Done"),
    ("ignored", "Changed nothing"),
    ("not_understood", "Not understood"),
]
WORDS = [("stop", "Stop"), ("start", "Start again"), ("help", "Help")]


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
    message_id = fields.Many2one("veloc.message", readonly=True, ondelete="set null")
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="set null"
    )
    status = fields.Char(readonly=True, help="The provider's own word for it.")
    word = fields.Selection(
        WORDS, "Opt-out word", readonly=True, help="What the person asked for."
    )
    error = fields.Char(readonly=True)
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

    # === WEBHOOK === #

    @api.model
    def _receive(self, call):
        """Verify one call and store it once; return the HTTP status to answer.

        ``call`` is a dict: provider, code, reference, path (raw, with the raw query),
        signature, pairs (of a form) or body (of anything else).
        """
        account = self._find_account(call["provider"], call["code"])
        refusals = self.env["veloc.webhook.refusal"]
        if not account:
            refusals._count("unknown_account")
            return 404
        url = self.env["veloc.contact.gate"]._public_url() + call["path"]
        if not twilio_signature.is_valid(
            [account._secret()],
            url,
            call["signature"],
            params=call["pairs"],
            body=call["body"],
        ):
            refusals._count("bad_signature", account.id)
            return 403
        raw = call["body"].decode("utf-8", "replace") if call["body"] else ""
        event = twilio_events.parse(call["pairs"] or (), raw)
        if event.account_sid and event.account_sid != account.account_sid:
            refusals._count("wrong_account", account.id)
            return 403
        self._store(account, event, call, raw or urlencode(call["pairs"] or ()))
        return 204

    def _find_account(self, provider, code):
        # Archived ones too: what they sent is still answered, maybe with STOP.
        accounts = self.env["veloc.account"].with_context(active_test=False)
        return accounts.search_fetch(
            [("code", "=", code), ("provider", "=", provider)],
            ["code", "channel", "account_sid"],
            limit=1,
        )

    def _store(self, account, event, call, payload):
        """One INSERT; a copy of a known event stores nothing and wakes nobody."""
        cron = self.env.ref("veloc_messaging.ir_cron_fold")
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_provider_event (account_id, provider, kind, channel,
                    event_key, reference, payload, status, state, received_at)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'received', %s)
                ON CONFLICT (account_id, event_key) DO NOTHING
                RETURNING EXISTS (SELECT FROM ir_cron_trigger
                                   WHERE cron_id = %s AND call_at <= %s)
                """,
                account.id,
                call["provider"],
                event.kind,
                account.channel,
                event.key,
                (call["reference"] or "")[:64] or None,
                # PostgreSQL cannot store this one character.
                payload.replace("\x00", ""),
                event.status[:40] or None,
                fields.Datetime.now(),
                cron.id,
                fields.Datetime.now(),
            )
        )
        # Receipts come in hundreds a second; waking costs more than storing. One that
        # slips in while the job ends waits for its interval. What a person wrote
        # (it may be STOP) always wakes it.
        if rows and (event.kind == "inbound" or not rows[0][0]):
            cron._trigger()
