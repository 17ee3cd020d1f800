from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ...rules import conversation_text, response_clock


class VelocConversation(models.Model):
    """The chatter of a conversation: its messages go to the person, nowhere else."""

    _inherit = "veloc.conversation"

    # === SENDING === #

    def message_post(self, **kwargs):
        """Send a message of the chatter to the person; log anything else.

        Nothing is posted that was refused: the error says why.
        """
        if not self._goes_out(kwargs):
            return super().message_post(**kwargs)
        self.ensure_one()
        self._check_agent()
        if kwargs.get("attachment_ids") or kwargs.get("attachments"):
            raise UserError(
                self.env._(
                    "Files cannot be sent to people yet. Nothing was sent; put the "
                    "file in a log note, or send a link."
                )
            )
        text = self._plain_text(kwargs)
        # An agent's own language is for the agent; the answer is in the person's.
        sent = self.env["veloc.conversation.reply"]._send_text(self, text)
        kwargs.update(
            author_id=self.env.user.partner_id.id,
            email_from=self.env.user.email_formatted,
            outgoing_email_to=False,
        )
        message = super().message_post(**kwargs)
        # sudo: the agent was checked; states have no write access for anyone.
        self.sudo()._answered(message, sent, text)
        return message

    def _goes_out(self, kwargs):
        if kwargs.get("message_type") != "comment":
            return False
        comment = self.env.ref("mail.mt_comment")
        named = kwargs.get("subtype_xmlid") == "mail.mt_comment"
        return named or kwargs.get("subtype_id") == comment.id

    def _plain_text(self, kwargs):
        body = kwargs.get("body") or ""
        if isinstance(body, Markup) or kwargs.get("body_is_html"):
            return html2plaintext(body, include_references=False).strip()
        return body.strip()

    def _why_not_freely(self, now):
        """Return why words of one's own would not go now, False when they would."""
        self.ensure_one()
        if not self.partner_id:
            if self.candidate_ids:
                return self.env._(
                    "Several contacts have this number. Choose who it is; then you "
                    "can answer."
                )
            return self.env._(
                "Nobody knows who this is yet. Link the conversation to a contact "
                "or create one; then you can answer."
            )
        if self._is_window_closed(now):
            return self.env._(
                "WhatsApp lets us write freely only within 24 hours of the person's "
                "last message there. Send an approved template, or answer by another "
                "channel."
            )
        return False

    def _is_window_closed(self, now):
        if (self.reply_channel or self.channel) != "whatsapp":
            return False
        return not self.window_until or self.window_until <= now

    # === AFTER SENDING === #

    def _show_sent(self, sent, now=None):
        """Show a template that an agent chose, and stop the clock."""
        text = sent.body
        if sent.channel == "email":
            text = html2plaintext(text, include_references=False)
        text = conversation_text.shown(text)
        now = now or fields.Datetime.now()
        author = self.env.user.partner_id
        values = {"conversation": self, "text": text, "author_id": author.id}
        self.env["veloc.conversation.entry"]._add(
            [values | self._prepare_answer(sent, now)]
        )
        # sudo: the agent was checked; states have no write access for anyone.
        self.sudo()._stop_clock(text, now)

    def _answered(self, mail_message, sent, text):
        """Remember how a message of the chatter travels, and stop the clock."""
        self.ensure_one()
        now = fields.Datetime.now()
        self.env["veloc.conversation.entry"].create(
            self._prepare_answer(sent, now)
            | {"conversation_id": self.id, "mail_message_id": mail_message.id}
        )
        self._stop_clock(text, now)

    def _stop_clock(self, text, now):
        if self.state == "closed":
            self._begin_rounds({self: now})
        self._measure_answer(now)
        self.write(
            {
                "state": "waiting",
                "user_id": self.user_id.id or self.env.uid,
                "last_outbound_at": now,
                "last_message_at": now,
                "silent_until": self._silence(now),
                "preview": conversation_text.preview(text),
                **self._no_clock(),
            }
        )
        self._finish_activities()
        self._changed()

    def _prepare_answer(self, sent, now):
        return {
            "voice": "agent",
            "channel": sent.channel,
            "account_id": sent.account_id.id,
            "message_id": sent.id,
            "at": now,
        }

    def _measure_answer(self, now):
        measured = self.round_id
        values = {"answers": measured.answers + 1, "user_id": self.env.uid}
        if not measured.first_response_at and self.waiting_since:
            values |= {
                "first_response_at": now,
                "first_response_minutes": response_clock.minutes_between(
                    self._hours(), self.waiting_since, now
                ),
            }
        measured.write(values)

    # === NOBODY ELSE IS TOLD === #

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Notify colleagues only: Odoo must not mail the person besides us."""
        recipients = super()._notify_get_recipients(
            message, msg_vals=msg_vals, **kwargs
        )
        return [r for r in recipients if r["type"] == "user" and not r["share"]]

    def _message_get_suggested_recipients_batch(self, *_args, **_kwargs):
        """Suggest nobody: a message goes to the person of the conversation."""
        return {talk.id: [] for talk in self}

    def _message_update_content(self, message, /, **kwargs):
        """Refuse to change what was said; only notes are ours to edit."""
        # sudo: whether it was said outside, not what.
        said_sudo = self.env["veloc.conversation.entry"].sudo()
        if said_sudo.search_count([("mail_message_id", "=", message.id)], limit=1):
            raise UserError(
                self.env._("What was said to or by a person cannot be changed.")
            )
        return super()._message_update_content(message, **kwargs)

    # === WHO IT IS === #

    def _link(self, partner):
        """Give an unknown sender's conversation to a contact; return the one left.

        The number or id is remembered, and what the person had already is joined.
        """
        self.ensure_one()
        self._check_agent()
        partner.check_access("read")
        if partner.company_id and partner.company_id != self.company_id:
            raise UserError(
                self.env._("This contact belongs to another company. Choose another.")
            )
        # sudo: the agent was checked; identities have no write access for anyone.
        talk_sudo = self.sudo()
        identities_sudo = talk_sudo.env["veloc.channel.identity"]
        identities_sudo._learn(self.channel, self.identifier, partner.id)
        talk_sudo.message_ids.filtered(
            lambda m: not m.author_id and m.message_type == "comment"
        ).author_id = partner
        own = talk_sudo.search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company_id.id)]
        )
        if own and own != talk_sudo:
            own._absorb(talk_sudo)
            return own.sudo(False)
        talk_sudo.write({"partner_id": partner.id, "candidate_ids": [(5,)]})
        talk_sudo.env["veloc.conversation.entry"]._add_robot(talk_sudo)
        talk_sudo._changed()
        return self

    @api.model
    def _changed_number(self, channel, old, new):
        """Follow a person who moved to another number or id of a channel.

        Their contact is left as it is: whether the old number is really gone is for
        a person to say, who finds the note.
        """
        identities = self.env["veloc.channel.identity"]
        people = identities._find(channel, [(old, "")])[old, ""]
        if len(people) != 1:
            return
        identities._learn(channel, new, people[0], source="person")
        for talk in self.search([("partner_id", "=", people[0])]):
            talk._message_log(
                body=talk.env._(
                    "The person changed from %(old)s to %(new)s. Check the contact.",
                    old=old,
                    new=new,
                )
            )

    @api.model
    def _join(self, partners, partner, company):
        """Make one conversation of those of several contacts, for ``partner``."""
        talks = self.search(
            [("partner_id", "in", partners.ids), ("company_id", "=", company.id)],
            order="last_message_at desc, id desc",
        )
        own = talks.filtered(lambda talk: talk.partner_id == partner) or talks[:1]
        own._absorb(talks - own)
        own.partner_id = partner

    def _absorb(self, others):
        """Take over everything that stands in other conversations, and end them."""
        self.ensure_one()
        if not others:
            return
        others.entry_ids.conversation_id = self
        others.round_ids.conversation_id = self
        others.message_ids.res_id = self.id
        others.activity_ids.res_id = self.id
        newest = (self | others).sorted(lambda t: t.last_message_at or t.create_date)
        waiting = (self | others).filtered("waiting_since").sorted("waiting_since")
        windows = [t.window_until for t in self | others if t.window_until]
        reopened = sum((self | others).mapped("reopened_count"))
        values = {
            name: newest[-1][name]
            for name in ("channel", "reply_channel", "preview", "last_message_at")
        }
        values |= {
            "account_id": newest[-1].account_id.id,
            "round_id": newest[-1].round_id.id,
            "state": newest[-1].state,
            "window_until": max(windows, default=False),
            "reopened_count": reopened,
        }
        if waiting:
            names = ("waiting_since", "step_in_at", "escalate_at", "stepped_in_at")
            values |= {name: waiting[0][name] for name in (*names, "escalated_at")}
            values["state"] = "open"
        others.unlink()
        self.write(values)
        self._changed()
