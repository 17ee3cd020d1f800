from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import response_clock

STATES = [("open", "Open"), ("waiting", "Waiting for the person"), ("closed", "Closed")]
# What an agent may set by hand; everything else has a method.
BY_HAND = {"reply_channel", "user_id", "tag_ids"}


class VelocConversation(models.Model):
    """What one person and we say to each other, over all channels.

    There is one for each person and company; it is closed and opened again. What
    the chatter sends as a message goes to the person, what it logs stays inside.
    """

    _name = "veloc.conversation"
    _description = "Conversation"
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "waiting_since, last_message_at desc, id desc"
    _rec_names_search = ["partner_id", "sender_name", "identifier"]
    # Who may read may answer; what goes out is checked by message_post.
    _mail_post_access = "read"

    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="restrict", index=True
    )
    candidate_ids = fields.Many2many(
        "res.partner",
        string="Could be",
        readonly=True,
        help="Several contacts have this number.",
    )
    identifier = fields.Char(
        "Number or id", readonly=True, help="How the channel names the person."
    )
    sender_name = fields.Char("Name at the channel", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    desk_id = fields.Many2one("veloc.desk", readonly=True, ondelete="set null")
    user_id = fields.Many2one(
        "res.users",
        "Agent",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
    )
    tag_ids = fields.Many2many("veloc.conversation.tag", string="Tags")
    state = fields.Selection(STATES, required=True, readonly=True, default="open")
    channel = fields.Selection(
        CHANNELS, required=True, readonly=True, help="Where the person wrote last."
    )
    reply_channel = fields.Selection(
        CHANNELS, "Answer by", help="Where the next message of the chatter goes."
    )
    account_id = fields.Many2one("veloc.account", readonly=True, ondelete="set null")
    preview = fields.Char("Last message", readonly=True)
    last_message_at = fields.Datetime(readonly=True)
    last_inbound_at = fields.Datetime("Person wrote at", readonly=True)
    last_outbound_at = fields.Datetime("Answered at", readonly=True)
    waiting_since = fields.Datetime(
        readonly=True, help="The oldest message that nobody has answered."
    )
    step_in_at = fields.Datetime(readonly=True)
    escalate_at = fields.Datetime(readonly=True)
    stepped_in_at = fields.Datetime("Asked to step in at", readonly=True)
    escalated_at = fields.Datetime(readonly=True)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    window_until = fields.Datetime(
        "WhatsApp window until",
        readonly=True,
        help="WhatsApp lets us answer freely for 24 hours; then only with an "
        "approved template.",
    )
    silent_until = fields.Datetime(
        "Robot keeps quiet until", readonly=True, index="btree_not_null"
    )
    round_id = fields.Many2one(
        "veloc.conversation.round", "Present matter", readonly=True, ondelete="set null"
    )
    round_ids = fields.One2many("veloc.conversation.round", "conversation_id")
    entry_ids = fields.One2many("veloc.conversation.entry", "conversation_id")
    first_response_minutes = fields.Float(
        related="round_id.first_response_minutes", store=True, aggregator="avg"
    )
    resolution_minutes = fields.Float(
        related="round_id.resolution_minutes", store=True, aggregator="avg"
    )
    reopened_count = fields.Integer("Times reopened", readonly=True)
    blocked_reason = fields.Char(compute="_compute_blocked_reason")

    _person_unique = models.UniqueIndex(
        "(company_id, partner_id) WHERE partner_id IS NOT NULL",
        "This person has a conversation already.",
    )
    _stranger_unique = models.UniqueIndex(
        "(company_id, channel, identifier) WHERE partner_id IS NULL",
        "This sender has a conversation already.",
    )
    _step_in_idx = models.Index("(step_in_at) WHERE step_in_at IS NOT NULL")
    _escalate_idx = models.Index("(escalate_at) WHERE escalate_at IS NOT NULL")
    _waiting_idx = models.Index("(waiting_since) WHERE waiting_since IS NOT NULL")

    # === COMPUTE === #

    @api.depends("partner_id", "sender_name", "identifier")
    def _compute_display_name(self):
        for talk in self:
            unknown = talk.sender_name or talk.identifier or ""
            talk.display_name = talk.partner_id.name or unknown

    @api.depends("waiting_since", "stepped_in_at", "step_in_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for talk in self:
            late = talk.stepped_in_at or (talk.step_in_at and talk.step_in_at <= now)
            talk.is_overdue = bool(talk.waiting_since and late)

    def _search_is_overdue(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        late = fields.Domain("waiting_since", "!=", False) & (
            fields.Domain("stepped_in_at", "!=", False)
            | fields.Domain("step_in_at", "<=", fields.Datetime.now())
        )
        return late if (True in value) == (operator == "in") else ~late

    @api.depends("partner_id", "reply_channel", "window_until", "candidate_ids")
    def _compute_blocked_reason(self):
        """Say on the form, before anybody writes, why an answer would not go."""
        now = fields.Datetime.now()
        for talk in self:
            talk.blocked_reason = talk._why_not_freely(now)

    # === CRUD === #

    def write(self, vals):
        """Let agents set by hand what is theirs to set."""
        names = {n for n in vals if not n.startswith(("message_", "activity_"))}
        if not self.env.su and names - BY_HAND:
            raise AccessError(
                self.env._("A conversation is changed by its buttons and by answering.")
            )
        return super().write(vals)

    # === ACTIONS === #

    def action_take(self):
        """Make these conversations mine (button)."""
        self._check_agent()
        self.write({"user_id": self.env.uid})
        return True

    def action_close(self):
        """Call the matter done (button)."""
        self._check_agent()
        # sudo: the agent was checked; states have no write access for anyone.
        self.sudo()._close(fields.Datetime.now())
        return True

    def _close(self, now):
        for talk in self.filtered(lambda t: t.state != "closed"):
            spent = response_clock.minutes_between(
                talk._hours(), talk.round_id.opened_at or now, now
            )
            talk.round_id.write({"closed_at": now, "resolution_minutes": spent})
            talk.write({"state": "closed", "silent_until": False, **self._no_clock()})
            talk._finish_activities()
        self._changed()

    def action_reopen(self):
        """Go on with a closed matter (button)."""
        self._check_agent()
        now = fields.Datetime.now()
        # sudo: the agent was checked; states have no write access for anyone.
        for talk in self.sudo().filtered(lambda t: t.state == "closed"):
            talk._begin_rounds({talk: now})
            talk.write({"state": "waiting", "silent_until": talk._silence(now)})
        self._changed()
        return True

    def action_link(self):
        """Say who this unknown sender is (button)."""
        return self._open_wizard(
            "veloc.conversation.link", self.env._("Who is this person?")
        )

    def action_template(self):
        """Send one of the approved templates (button)."""
        return self._open_wizard(
            "veloc.conversation.template", self.env._("Send an approved template")
        )

    def _open_wizard(self, model, name):
        self.ensure_one()
        self._check_agent()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_conversation_id": self.id},
        }

    def action_open_person(self):
        """Open the contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }

    def _check_agent(self):
        if not self.env.user.has_group("veloc_messaging.group_user"):
            raise AccessError(self.env._("Only messaging users work in the inbox."))
        # What follows runs elevated: other companies' conversations end here.
        self.sudo(False).check_access("read")

    # === INTERFACE === #

    @api.model
    def _receive(self, items):
        """Thread what people wrote; see ``veloc.conversation.receiver``."""
        # sudo: only the fold calls this; nobody has create access.
        return self.env["veloc.conversation.receiver"].sudo()._receive(items)

    @api.model
    def _window_until(self, channel, partner_ids):
        """Return ``{partner id: when the 24 hours to answer freely end}``.

        Only WhatsApp has such a window; one query.
        """
        if channel != "whatsapp" or not partner_ids:
            return {}
        self.flush_model(["partner_id", "window_until"])
        query = SQL(
            "SELECT partner_id, max(window_until) FROM veloc_conversation "
            "WHERE partner_id = ANY(%s) AND window_until IS NOT NULL GROUP BY 1",
            list(partner_ids),
        )
        return dict(self.env.execute_query(query))

    @api.model
    def _silent(self, partner_ids, now):
        """Return ``{partner id: until when the robot keeps quiet}``; one query."""
        if not partner_ids:
            return {}
        self.flush_model(["partner_id", "silent_until"])
        query = SQL(
            "SELECT partner_id, max(silent_until) FROM veloc_conversation "
            "WHERE silent_until > %s AND partner_id = ANY(%s) GROUP BY 1",
            now,
            list(partner_ids),
        )
        return dict(self.env.execute_query(query))

    # === BUSINESS === #

    def _hours(self):
        return self.desk_id._hours() if self.desk_id else NO_HOURS

    def _silence(self, now):
        hours = self.desk_id.silence_hours if self.desk_id else 24
        return fields.Datetime.add(now, hours=hours)

    @api.model
    def _no_clock(self):
        names = ("waiting_since", "step_in_at", "escalate_at")
        return dict.fromkeys((*names, "stepped_in_at", "escalated_at"), False)

    def _begin_rounds(self, opened_at):
        """Open a new matter at ``{conversation: moment}``; count reopened ones."""
        values_list = []
        for talk, at in opened_at.items():
            last = talk.round_id.closed_at
            days = talk.desk_id.reopen_days
            again = bool(last and fields.Datetime.add(last, days=days) >= at)
            values_list.append(
                {
                    "conversation_id": talk.id,
                    "desk_id": talk.desk_id.id,
                    "user_id": talk.user_id.id,
                    "channel": talk.channel,
                    "opened_at": at,
                    "reopened": int(again),
                }
            )
        rounds = self.env["veloc.conversation.round"].create(values_list)
        for each in rounds:
            talk = each.conversation_id
            talk.round_id = each
            talk.reopened_count += each.reopened

    def _finish_activities(self):
        """Take away what asked somebody to answer."""
        self.activity_unlink(["veloc_messaging.mail_activity_type_answer"])

    def _changed(self):
        """Let the open inboxes show it; only ids travel."""
        if self:
            # sudo: the group is only an address on the bus.
            group_sudo = self.env.ref("veloc_messaging.group_user").sudo()
            group_sudo._bus_send("veloc.conversation/changed", {"ids": self.ids})


NO_HOURS = response_clock.Hours("America/Sao_Paulo", ())
