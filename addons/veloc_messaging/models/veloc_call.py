from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..gate_words import REASONS
from ..rules import call_outcome

STATES = [
    ("open", "To call"),
    ("done", "Done"),
    ("missed", "Not reached"),
    ("cancelled", "Cancelled"),
]
OUTCOMES = [
    ("reached", "Reached"),
    ("no_answer", "No answer"),
    ("busy", "Busy"),
    ("wrong_number", "Wrong number"),
    ("call_back", "Asked to be called back"),
    ("do_not_call", "Asked not to be called"),
]
# What a manager may change by hand; all else is written by the methods.
MANAGER_FIELDS = {"user_id", "note"}


class VelocCall(models.Model):
    """A phone call for a person of the desk to make: the channel "call".

    Made with the acceptance of the message it stands for; what comes of the call
    becomes the message's state.
    """

    _name = "veloc.call"
    _description = "Call task"
    _order = "priority desc, worth desc, call_at, id"
    _rec_name = "reason"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, readonly=True, ondelete="restrict"
    )
    message_id = fields.Many2one(
        "veloc.message", required=True, readonly=True, ondelete="restrict"
    )
    reference = fields.Char(required=True, readonly=True)
    purpose_id = fields.Many2one(
        "veloc.purpose", required=True, readonly=True, ondelete="restrict"
    )
    reason = fields.Char(required=True, readonly=True)
    script = fields.Text("What to say", readonly=True)
    user_id = fields.Many2one("res.users", "Caller", ondelete="set null")
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Urgent")], required=True, readonly=True, default="0"
    )
    worth = fields.Float(
        readonly=True, help="The person's value to the broker: dearer goes first."
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="open")
    call_at = fields.Datetime("Call from", required=True, readonly=True)
    due_at = fields.Datetime("Call until", required=True, readonly=True)
    attempts = fields.Integer("Calls made", readonly=True)
    started_at = fields.Datetime(readonly=True, help="The call that is being made.")
    outcome = fields.Selection(OUTCOMES, "Last outcome", readonly=True)
    ended_at = fields.Datetime(readonly=True)
    end_code = fields.Char(readonly=True)
    end_reason = fields.Char("Why it ended", compute="_compute_end_reason")
    note = fields.Text()
    company_id = fields.Many2one("res.company", readonly=True)

    # Asked each time the task is looked at: who may be called can change by the hour.
    can_call = fields.Boolean("May be called now", compute="_compute_gate")
    why_not = fields.Char("Why not now", compute="_compute_gate")
    phone = fields.Char(compute="_compute_gate", help="Only while a call is allowed.")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _reference_unique = models.Constraint(
        "UNIQUE (reference)", "This message has its call."
    )
    _open_idx = models.Index("(due_at, id) WHERE state = 'open'")
    _user_idx = models.Index("(user_id, id) WHERE state = 'open'")
    _partner_idx = models.Index("(partner_id, id)")
    _message_idx = models.Index("(message_id)")

    # === COMPUTE === #

    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        for call in self:
            call.display_name = f"{call.partner_id.name} · {call.reason}"

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_is_mine(self):
        for call in self:
            call.is_mine = call.user_id == self.env.user

    @api.depends_context("lang")
    @api.depends("end_code", "state")
    def _compute_end_reason(self):
        for call in self:
            is_cancelled = call.state == "cancelled" and call.end_code
            call.end_reason = is_cancelled and call._reason_in_words(call.end_code)

    @api.depends_context("lang", "tz")
    @api.depends("state", "partner_id", "purpose_id")
    def _compute_gate(self):
        verdicts = self._verdicts()
        for call in self:
            verdict = verdicts.get(call.id)
            call.can_call = bool(verdict) and verdict.outcome == "allowed"
            call.why_not = call._why_not(verdict) if verdict else False
            # sudo: the number of a person the caller was given to call.
            phone = call.sudo().partner_id.phone_sanitized
            call.phone = phone if call.can_call else False

    def _verdicts(self):
        """Ask the gate about all open calls at once; return ``{id: verdict}``."""
        calls = self.filtered(lambda call: call.state == "open" and call.id)
        asks = [(c.partner_id.id, c.purpose_id.id, "call") for c in calls]
        if not asks:
            return {}
        # sudo: the gate reads suppressions and consents the caller may not see.
        gate_sudo = self.env["veloc.contact.gate"].sudo()
        verdicts = gate_sudo._ask(asks, fields.Datetime.now())
        return dict(zip(calls.ids, verdicts, strict=True))

    def _why_not(self, verdict):
        if verdict.outcome == "allowed":
            return False
        if verdict.outcome == "deferred":
            local = fields.Datetime.context_timestamp(self, verdict.until)
            return self.env._(
                "Not now: from %(at)s on", at=local.strftime("%d/%m %H:%M")
            )
        return self._reason_in_words(verdict.reason)

    def _reason_in_words(self, code):
        """Return the gate's reason as a sentence in the user's language."""
        return self.env._(REASONS[code]) if code in REASONS else code

    # === CRUD === #

    def write(self, vals):
        """Let people change only who calls and the note; see the buttons."""
        if not self.env.su and set(vals) - MANAGER_FIELDS:
            raise AccessError(self.env._("Use the buttons to say how a call went."))
        return super().write(vals)

    # === ACTIONS === #

    def action_start(self):
        """Ask the gate once more and dial (button)."""
        self.ensure_one()
        self._check_caller()
        verdict = self._verdicts().get(self.id)
        if not verdict:
            raise UserError(self.env._("This call is not open any more."))
        if verdict.outcome == "refused":
            self._close(call_outcome.not_allowed(verdict.reason))
            return self._notify(self._why_not(verdict))
        if verdict.outcome == "deferred":
            # sudo: the caller was checked; tasks change through methods only.
            self.sudo().call_at = verdict.until
            return self._notify(self._why_not(verdict))
        # sudo: the caller was checked; the gate allows the person's number.
        call_sudo = self.sudo()
        call_sudo.write(
            {
                "started_at": fields.Datetime.now(),
                "user_id": self.user_id.id or self.env.uid,
            }
        )
        url = f"tel:{call_sudo.partner_id.phone_sanitized}"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def action_reached(self):
        """The person was reached and heard it (button)."""
        return self._finish(call_outcome.REACHED)

    def action_no_answer(self):
        """Nobody picked up: the task comes back later (button)."""
        return self._finish(call_outcome.NO_ANSWER)

    def action_busy(self):
        """The line was busy: the task comes back soon (button)."""
        return self._finish(call_outcome.BUSY)

    def action_wrong_number(self):
        """Somebody else has this number (button)."""
        return self._finish(call_outcome.WRONG_NUMBER)

    def action_do_not_call(self):
        """The person does not want calls: in force at once (button)."""
        return self._finish(call_outcome.DO_NOT_CALL)

    def action_call_back(self):
        """Ask when the person wants to be called (button)."""
        self.ensure_one()
        self._check_caller()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_messaging.veloc_call_back_action"
        )
        return action | {"context": {"default_call_id": self.id}}

    def action_take(self):
        """Make calls of nobody one's own (button)."""
        self._check_caller()
        # sudo: the caller was checked; tasks change through methods only.
        self.sudo().filtered(lambda call: not call.user_id).user_id = self.env.uid
        return True

    def _check_caller(self):
        if not self.env.user.has_group("veloc_messaging.group_user"):
            raise AccessError(self.env._("You may not work on calls."))
        # What follows runs elevated: calls of others end here.
        self.check_access("read")

    def _notify(self, text):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": text,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === OUTCOMES === #

    def _finish(self, outcome, call_back_at=None):
        """Keep how a call went, with all that follows from it."""
        self.ensure_one()
        self._check_caller()
        if self.state != "open":
            raise UserError(self.env._("This call is not open any more."))
        if not self.started_at and outcome != call_outcome.DO_NOT_CALL:
            raise UserError(
                self.env._("Start the call first: then we ask whether it is allowed.")
            )
        now = fields.Datetime.now()
        step = call_outcome.after_outcome(
            outcome,
            attempts=self.attempts + 1,
            now=now,
            due=self.due_at,
            call_back_at=call_back_at,
        )
        # sudo: the caller was checked; tasks change through methods only.
        self.sudo().write({"outcome": outcome, "attempts": self.attempts + 1})
        self._close(step)
        if outcome == call_outcome.DO_NOT_CALL:
            self._opt_out()
        return True

    def _close(self, step):
        """Bring tasks and their messages to what the rule says."""
        # sudo: the caller was checked; nobody has write access to tasks and outbox.
        calls_sudo = self.sudo()
        values = {"state": step.state, "started_at": False}
        if step.state == call_outcome.OPEN:
            calls_sudo.write({**values, "call_at": step.call_at, "due_at": step.due_at})
            return
        calls_sudo.write(
            {
                **values,
                "ended_at": fields.Datetime.now(),
                "end_code": step.failure_code,
            }
        )
        # A message that was queued again has its own new call.
        messages_sudo = calls_sudo.filtered(
            lambda call: call.message_id.reference == call.reference
        ).message_id
        messages_sudo._lock()
        moved_sudo = messages_sudo._move(
            step.message,
            failure_class=step.failure_class,
            failure_code=step.failure_code,
        )
        if step.failure_class:
            # sudo: another channel is the house's decision, not the caller's.
            self.env["veloc.fallback"].sudo()._offer(moved_sudo)

    def _opt_out(self):
        """Record that the person wants no calls, and take back those that wait."""
        self.ensure_one()
        partner_ids = self.partner_id.ids
        self.env["veloc.consent"]._revoke_channel(
            partner_ids, "call", "phone_call", f"veloc.call,{self.id}"
        )
        # sudo: what the person said counts, whoever of the desk heard it.
        self.env["veloc.suppression"].sudo()._impose(
            partner_ids, "opt_out", channel="call", source="phone_call"
        )
        # sudo: also the calls of colleagues are taken back.
        others_sudo = self.sudo().search(
            [("partner_id", "in", partner_ids), ("state", "=", "open")]
        )
        verdicts = others_sudo._verdicts()
        for call_sudo in others_sudo:
            verdict = verdicts[call_sudo.id]
            if verdict.outcome == "refused":
                call_sudo._close(call_outcome.not_allowed(verdict.reason))

    # === CRON === #

    @api.model
    def _cron_expire(self):
        """End the calls that nobody made in time."""
        cron = self.env["ir.cron"]
        cron._commit_progress()
        while late := self.search(
            [("state", "=", "open"), ("due_at", "<", fields.Datetime.now())],
            order="due_at, id",
            limit=200,
        ):
            late._close(call_outcome.too_late())
            if not cron._commit_progress(len(late)):
                return
