import logging
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, plaintext2html

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import message_state

_logger = logging.getLogger(__name__)

STATES = [
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("accepted", "Accepted"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("read", "Read"),
    ("undelivered", "Not delivered"),
    ("failed", "Failed"),
    ("in_doubt", "In doubt"),
    ("blocked", "Blocked"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
]
LANES = [("urgent", "Urgent"), ("bulk", "Bulk")]
FAILURE_CLASSES = [
    ("permanent", "Recipient cannot be reached"),
    ("retry", "Temporary trouble that lasted"),
    ("slow", "Provider too busy"),
    ("config", "Account or template set-up"),
    ("suppress", "Recipient blocked us"),
    ("window", "Outside the answer window"),
    ("policy", "Refused by carrier or policy"),
    ("in_doubt", "Outcome unknown"),
    ("gate", "Not allowed any more"),
    ("late", "Too late to be useful"),
]


class VelocMessage(models.Model):
    """The outbox: one message to one person, from the queue to the receipt.

    A row cannot exist without the verdict of the gate that allowed it.
    """

    _name = "veloc.message"
    _description = "Message"
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True
    _order = "id desc"
    _rec_name = "reference"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    purpose_id = fields.Many2one(
        "veloc.purpose", required=True, readonly=True, ondelete="restrict"
    )
    template_version_id = fields.Many2one(
        "veloc.template.version", required=True, readonly=True, ondelete="restrict"
    )
    verdict_id = fields.Many2one(
        "veloc.gate.verdict",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="The decision of the contact gate that allowed this message.",
    )
    verdict_allowed = fields.Boolean(required=True, readonly=True, default=True)
    account_id = fields.Many2one(
        "veloc.account", required=True, readonly=True, ondelete="restrict"
    )
    address = fields.Char(required=True, readonly=True)
    subject = fields.Char(readonly=True)
    body = fields.Text(required=True, readonly=True)
    lang = fields.Char("Language", readonly=True)
    content_sid = fields.Char(
        "Content SID", readonly=True, help="Approved WhatsApp template at Twilio."
    )
    content_variables = fields.Char(readonly=True)
    segments = fields.Integer(readonly=True, help="SMS parts; each one is billed.")
    lane = fields.Selection(LANES, required=True, readonly=True, default="bulk")
    priority = fields.Integer(readonly=True, default=10, help="Smaller goes first.")
    state = fields.Selection(STATES, required=True, readonly=True, default="queued")
    key = fields.Char(
        required=True,
        readonly=True,
        help="Names the occasion: a second message with the same key is refused.",
    )
    reference = fields.Char(
        required=True, readonly=True, default=lambda self: uuid4().hex
    )
    source = fields.Char(readonly=True, help="What asked for it: model,id.")
    next_attempt_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    useful_until = fields.Datetime(readonly=True, help="Later than this, do not send.")
    lease_until = fields.Datetime(readonly=True)
    owner = fields.Integer(
        "Sent by pass", readonly=True, help="Number of the pass that took it last."
    )
    attempts = fields.Integer(readonly=True)
    provider_ref = fields.Char("Provider's id", readonly=True)
    failure_class = fields.Selection(FAILURE_CLASSES, readonly=True)
    failure_code = fields.Char(readonly=True)
    failure_detail = fields.Char(readonly=True)
    has_conflict = fields.Boolean(
        readonly=True, help="The provider reported both success and failure."
    )
    queued_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    sending_at = fields.Datetime("Sent to provider at", readonly=True)
    accepted_at = fields.Datetime(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    delivered_at = fields.Datetime(readonly=True)
    read_at = fields.Datetime(readonly=True)
    failed_at = fields.Datetime(readonly=True)
    settled_at = fields.Datetime(
        "Last looked up at",
        readonly=True,
        help="In doubt: when the provider was asked.",
    )
    company_id = fields.Many2one("res.company", readonly=True)

    # What the form tells besides: the text as people saw it, reports, the reason.
    body_shown = fields.Html("Text", compute="_compute_body_shown")
    event_ids = fields.One2many("veloc.provider.event", "message_id", readonly=True)
    verdict_at = fields.Datetime("Asked at", related="verdict_id.decided_at")
    verdict_basis = fields.Selection(string="Legal basis", related="verdict_id.basis")
    verdict_reason = fields.Char("Reason", related="verdict_id.reason")
    verdict_consent_id = fields.Many2one(
        string="Consent",
        related="verdict_id.consent_id",
        groups="veloc_compliance.group_officer",
    )

    # The id comes first and deletion is restricted, as for the column's own key:
    # otherwise Odoo takes these for outdated keys of the column and drops them.
    _verdict_fk = models.Constraint(
        "FOREIGN KEY (verdict_id, partner_id, purpose_id, channel, verdict_allowed) "
        "REFERENCES veloc_gate_verdict (id, partner_id, purpose_id, channel, allowed) "
        "ON DELETE RESTRICT",
        "A message needs the verdict that allowed it.",
    )
    _verdict_allowed_check = models.Constraint(
        "CHECK (verdict_allowed IS TRUE)",
        "Only an allowing verdict lets a message out.",
    )
    _verdict_unique = models.Constraint(
        "UNIQUE (verdict_id)", "A verdict allows one message."
    )
    _version_fk = models.Constraint(
        "FOREIGN KEY (template_version_id, purpose_id) "
        "REFERENCES veloc_template_version (id, purpose_id) ON DELETE RESTRICT",
        "The purpose comes from the template version.",
    )
    _key_unique = models.Constraint("UNIQUE (key)", "This occasion has its message.")
    _reference_unique = models.Constraint("UNIQUE (reference)", "Reference exists.")
    _queue_idx = models.Index(
        "(account_id, lane, next_attempt_at, priority, id) WHERE state = 'queued'"
    )
    _air_idx = models.Index("(lease_until, id) WHERE state = 'sending'")
    _doubt_idx = models.Index("(settled_at, sending_at) WHERE state = 'in_doubt'")
    _provider_ref_idx = models.Index("(provider_ref) WHERE provider_ref IS NOT NULL")
    _partner_idx = models.Index("(partner_id, id)")
    _source_idx = models.Index("(source) WHERE state = 'queued'")

    # === COMPUTE === #

    @api.depends("partner_id", "template_version_id")
    def _compute_display_name(self):
        for message in self:
            what = message.template_version_id.display_name
            message.display_name = f"{message.partner_id.name} · {what}"

    @api.depends("body", "channel")
    def _compute_body_shown(self):
        for message in self:
            is_html = message.channel == "email"
            message.body_shown = (
                message.body if is_html else plaintext2html(message.body or "")
            )

    # === ACTIONS === #

    def action_retry(self):
        """Queue failed messages again, if the gate still agrees (button)."""
        self._check_manager()
        if any(message.state not in message_state.RETRYABLE for message in self):
            raise UserError(
                self.env._("Only failed or undelivered messages can be retried.")
            )
        now = fields.Datetime.now()
        asks = [(m.partner_id.id, m.purpose_id.id, m.channel) for m in self]
        # sudo: the gate reads suppressions and consents the manager may not see.
        verdicts = self.env["veloc.contact.gate"].sudo()._ask(asks, now)
        refused = [v.reason for v in verdicts if v.outcome == "refused"]
        if refused:
            raise UserError(
                self.env._(
                    "The contact gate refuses %(count)s of these messages: %(reasons)s",
                    count=len(refused),
                    reasons=", ".join(sorted(set(refused))),
                )
            )
        self._requeue_by_hand(verdicts, now)
        return True

    def _requeue_by_hand(self, verdicts, now):
        each = {
            # A new reference: late callbacks of the failed send must not count.
            message.id: {
                "reference": uuid4().hex,
                "next_attempt_at": verdict.until or now,
            }
            for message, verdict in zip(self, verdicts, strict=True)
        }
        # sudo: the group was checked; nobody has write access to the outbox.
        self.sudo()._move(
            message_state.QUEUED,
            each=each,
            attempts=0,
            provider_ref=None,
            lost_ref=SQL("COALESCE(provider_ref, lost_ref)"),
            failure_class=None,
            failure_code=None,
            failure_detail=None,
            has_conflict=False,
        )
        for lane in set(self.mapped("lane")):
            self.env["veloc.dispatcher"]._wake(lane)

    def action_cancel(self):
        """Take queued messages out of the queue (button)."""
        self._check_manager()
        # sudo: the group was checked; nobody has write access to the outbox.
        moved = self.sudo()._move(message_state.CANCELLED, failure_code="by_hand")
        if len(moved) < len(self):
            raise UserError(self.env._("Only queued messages can be cancelled."))
        return True

    def action_settle(self):
        """Ask the provider now what became of messages in doubt (button)."""
        self._check_manager()
        if any(message.state != message_state.IN_DOUBT for message in self):
            raise UserError(self.env._("Only messages in doubt can be looked up."))
        # sudo: the group was checked; nobody has write access to the outbox.
        self.env["veloc.settler"].sudo()._settle(self.sudo())
        return True

    def action_give_up(self):
        """Call messages in doubt failed, on a person's own judgement (button).

        E-mail servers cannot be asked; afterwards a person may send again.
        """
        self._check_manager()
        if any(message.state != message_state.IN_DOUBT for message in self):
            raise UserError(self.env._("Only messages in doubt can be given up."))
        # sudo: the group was checked; nobody has write access to the outbox.
        self.sudo()._move(
            message_state.FAILED, failure_class="in_doubt", failure_code="by_hand"
        )
        return True

    def _check_manager(self):
        if not self.env.user.has_group("veloc_messaging.group_manager"):
            raise AccessError(
                self.env._("Only messaging managers may act on messages.")
            )
        # What follows runs elevated: other companies' messages end here.
        self.check_access("read")

    # === RPC AND INTERNAL INTERFACE === #

    @api.model
    def enqueue(self, items):
        """Ask for messages by template code; see ``veloc.outbox``."""
        if not self._may_enqueue():
            raise AccessError(self.env._("You may not send messages."))
        # Elevated, the context's companies would be believed; here they are checked.
        self.env.company  # noqa: B018
        # sudo: the outbox has no create access; every item passes the gate.
        return self.env["veloc.outbox"].sudo()._enqueue_items(items)

    @api.model
    def _may_enqueue(self):
        """Return whether this user may ask for messages; addons above add theirs."""
        return self.env.user.has_group("veloc_messaging.group_manager")

    @api.model
    def _enqueue(self, drafts, now):
        """Queue drafts that the gate allows; see ``veloc.outbox``."""
        return self.env["veloc.outbox"]._enqueue(drafts, now)

    @api.model
    def _cancel_queued(self, sources, reason):
        """Cancel what still waits for these sources; return how many."""
        if not sources:
            return 0
        rows = self.env.execute_query(
            SQL(
                # A row that a dispatcher holds at this moment is on its way already.
                "SELECT id FROM veloc_message WHERE state = %s AND source = ANY(%s) "
                "ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
                message_state.QUEUED,
                list(sources),
            )
        )
        messages = self.browse(row[0] for row in rows)
        return len(messages._move(message_state.CANCELLED, failure_code=reason))

    # === STATE === #

    def _lock(self):
        """Hold the rows until the commit, always in the same order: no deadlock.

        Returns ``{id: sending_at}`` as it is now.
        """
        self.flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, sending_at FROM veloc_message WHERE id = ANY(%s) "
                    "ORDER BY id FOR NO KEY UPDATE",
                    self.ids,
                )
            )
        )

    def _move(self, target, *, each=None, at=None, **values):
        """Move the messages that may move to ``target``; return those.

        The only place that writes ``state``. The rule stands in the WHERE clause, so
        of two workers that write at once the later one cannot push a message back.
        ``each`` gives values by id, the same columns for all; ``values`` are for all.
        """
        if not self:
            return self
        self.flush_model()
        each = each or {}
        stamp = message_state.STAMPS.get(target)
        if stamp and not any(stamp in own for own in each.values()):
            values.setdefault(stamp, at or fields.Datetime.now())
        rows = self.env.execute_query(self._move_query(target, each, values))
        moved = self.browse(row[0] for row in rows)
        moved.invalidate_recordset(flush=False)
        if len(moved) < len(self):
            _logger.info("%s ignored for messages %s", target, (self - moved).ids)
        return moved

    def _move_query(self, target, each, values):
        # One array per column: many times faster to put together than VALUES.
        own = sorted(next(iter(each.values()))) if each else []
        sets = [
            SQL("%s = %s", SQL.identifier(name), value)
            for name, value in values.items()
        ] + [SQL("%s = v.%s", *[SQL.identifier(name)] * 2) for name in own]
        columns = [SQL("%s::int[]", list(self.ids))] + [
            SQL(
                "%s::%s[]",
                [each[id_][name] for id_ in self.ids],
                SQL(self._fields[name].column_type[1]),  # pylint: disable=sql-injection
            )
            for name in own
        ]
        return SQL(
            """
            UPDATE veloc_message m
               SET state = %(target)s, write_date = now() AT TIME ZONE 'UTC',
                   write_uid = %(uid)s, %(sets)s
              FROM unnest(%(columns)s) AS v(%(names)s)
             WHERE m.id = v.id AND m.state = ANY(%(sources)s)
         RETURNING m.id
            """,
            target=target,
            uid=self.env.uid,
            sets=SQL(", ").join(sets) if sets else SQL("lease_until = NULL"),
            columns=SQL(", ").join(columns),
            names=SQL(", ").join(map(SQL.identifier, ["id", *own])),
            sources=list(message_state.sources(target)),
        )
