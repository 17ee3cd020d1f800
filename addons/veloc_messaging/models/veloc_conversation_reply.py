from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

from ..rules import conversation_text, sms_segments, style_check

TEMPLATE = "conversation.reply"
MAX_SEGMENTS = 10


class VelocConversationReply(models.AbstractModel):
    """Sends what an agent says: through the gate and the outbox, like all else."""

    _name = "veloc.conversation.reply"
    _description = "Answering in conversations"

    @api.model
    def _send_text(self, talk, text):
        """Queue an agent's own words; return the message, or say why not."""
        self._check_text(talk, text)
        template = self.env["veloc.template"].search([("code", "=", TEMPLATE)])
        if not template.current_version_id:
            raise UserError(
                self.env._("The template “%(code)s” is not approved.", code=TEMPLATE)
            )
        return self._send(talk, template, {"reply_text": text})

    @api.model
    def _send(self, talk, template, variables=None):
        """Queue a template for the person; return the message, or say why not."""
        if not talk.partner_id:
            raise UserError(
                self.env._(
                    "Nobody knows who this is yet. Link the conversation to a contact "
                    "or create one; then you can answer."
                )
            )
        draft = {
            "partner_id": talk.partner_id.id,
            "template_id": template.id,
            "channel": talk.reply_channel or talk.channel,
            "key": f"conversation:{talk.id}:{uuid4().hex}",
            "source": f"veloc.conversation,{talk.id}",
            "variables": variables or {},
            "conversation_account_id": talk.account_id.id,
        }
        # sudo: the outbox has no create access; the gate decides about each message.
        outbox_sudo = self.env["veloc.outbox"].sudo().with_company(talk.company_id)
        (answer,) = outbox_sudo._enqueue([draft], fields.Datetime.now())
        if answer["outcome"] != "queued":
            raise UserError(self._explain(answer))
        return outbox_sudo.env["veloc.message"].browse(answer["message_id"])

    # === CHECKS === #

    def _check_text(self, talk, text):
        if not conversation_text.is_sendable(text):
            raise UserError(self.env._("Write what you want to say first."))
        channel = talk.reply_channel or talk.channel
        if problem := talk._why_not_freely(fields.Datetime.now()):
            self._offer_template(talk, problem)
        if found := self._forbidden(text, channel, talk.partner_id.lang):
            raise UserError(
                self.env._(
                    "Not sent: the style guide forbids “%(words)s”. Say it another "
                    "way.",
                    words="”, “".join(found),
                )
            )
        size = sms_segments.measure(text).segments if channel == "sms" else 0
        if size > MAX_SEGMENTS or len(text) > conversation_text.LONGEST:
            raise UserError(
                self.env._(
                    "Not sent: the text is too long for this channel. Say it in two "
                    "messages."
                )
            )

    def _offer_template(self, talk, problem):
        """Refuse; where a template would still do, offer the way to one."""
        if not talk.partner_id or not talk._is_window_closed(fields.Datetime.now()):
            raise UserError(problem)
        raise RedirectWarning(
            problem,
            talk.action_template(),
            self.env._("Choose a template"),
        )

    def _forbidden(self, text, channel, lang):
        words = self.env["veloc.style.word"]._words()
        policy = style_check.Policy(
            is_promotional=False,
            needs_risk_notice=False,
            max_segments=MAX_SEGMENTS,
            words={style_check.FORBIDDEN: words[style_check.FORBIDDEN]},
        )
        # Braces of an agent are braces, no variables.
        plain = text.replace("{", "(").replace("}", ")")
        findings = style_check.check(
            style_check.Text(channel, lang or style_check.HOME_LANG, plain), policy
        )
        codes = [f.hint or f.detail for f in findings if f.code == "forbidden_word"]
        return list(dict.fromkeys(codes))

    def _explain(self, answer):
        reason = answer["reason"] or ""
        field = self.env["veloc.suppression"]._fields["kind"]
        kinds = dict(field._description_selection(self.env))
        words = {
            "no_address": self.env._("the contact has no address for this channel"),
            "no_account": self.env._("no account sends on this channel"),
            "no_body": self.env._("the template has no text for this channel"),
            "outside_hours": self.env._("the person may not be contacted now"),
            "missing_variable": self.env._("the template lacks a value"),
            "archived": self.env._("the contact is archived"),
        }
        because = words.get(reason) or kinds.get(reason) or reason
        return self.env._(
            "Not sent: %(reason)s. Nothing left the house.", reason=because
        )
