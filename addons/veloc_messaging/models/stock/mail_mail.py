from odoo import api, fields, models
from odoo.tools.mail import email_normalize, email_split_and_format_normalize

from . import service_mark

# Passwords, invitations, second factors: about the login that the person has here.
LOGIN_MODELS = {"res.users", "portal.wizard.user", "auth_totp.device"}


class MailMail(models.Model):
    """A stock mail to people of ours passes the gate, at the time it is sent."""

    _inherit = "mail.mail"

    veloc_service = fields.Boolean("Service message", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        """Remember whether the code that makes the mail may call it service."""
        is_service = service_mark.is_marked(self.env)
        return super().create(
            [{**vals, "veloc_service": is_service} for vals in vals_list]
        )

    def write(self, vals):
        """Keep the mark as it was made."""
        return super().write({k: v for k, v in vals.items() if k != "veloc_service"})

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Take out who may not be written to, then send what is left."""
        kept = self._veloc_pass_gate()
        if not kept:
            return True
        return super(MailMail, kept).send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    # === GATE === #

    def _veloc_pass_gate(self):
        """Return the mails that may go; the others are cancelled or wait."""
        gate = self.env["veloc.stock.gate"].sudo()  # sudo: the gate reads for anybody.
        waiting = self.filtered(
            lambda m: m.state == "outgoing" and not m._veloc_login()
        )
        by_email = gate._by_email(waiting._veloc_addresses())
        everybody = set(waiting.recipient_ids.ids).union(*by_email.values())
        ours = gate._ours(everybody)
        kept = self - waiting
        now = fields.Datetime.now()
        for is_service, mails in waiting.grouped(
            lambda m: m.veloc_service or m._veloc_answers(ours)
        ).items():
            people = set(mails.recipient_ids.ids).union(*by_email.values()) & ours
            verdicts = gate._ask(people, "email", is_service, now)
            for mail in mails:
                kept += mail._veloc_filter(verdicts, by_email)
        return self.filtered(lambda mail: mail in kept)

    def _veloc_login(self):
        """Whether it is about a login, and for nobody but who logs in with it.

        Anybody may write a mail "about" a user; to others it is a mail like any.
        """
        if self.model not in LOGIN_MODELS:
            return False
        # sudo: only whose login it is is read.
        record = self.env[self.model].sudo().browse(self.res_id).exists()
        user = record if self.model == "res.users" else record.user_id
        partner = user.partner_id or ("partner_id" in record and record.partner_id)
        if not partner:
            return False
        own = {email_normalize(partner.email or ""), email_normalize(user.login or "")}
        return self.recipient_ids <= partner and self._veloc_addresses() <= own

    def _veloc_addresses(self):
        """Return every address written out, normalized."""
        written = {
            email_normalize(address)
            for mail in self
            for line in (mail.email_to, mail.email_cc)
            for address in email_split_and_format_normalize(line or "")
        }
        return written - {False}

    def _veloc_answers(self, ours):
        """Whether it answers what the person wrote on the same record."""
        if not (self.is_notification and self.model and self.res_id):
            return False
        people = set(self.recipient_ids.ids) & ours
        # sudo: only whether they wrote is read.
        wrote = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self.model),
                    ("res_id", "=", self.res_id),
                    ("message_type", "=", "email"),
                    ("author_id", "in", list(people)),
                ]
            )
        )
        return bool(people) and people <= set(wrote.author_id.ids)

    def _veloc_filter(self, verdicts, by_email):
        """Take out the refused; return the mail if anybody is left and it is time."""
        refused = self.recipient_ids.filtered(
            lambda p: p.id in verdicts and verdicts[p.id].outcome == "refused"
        )
        people = [*self.recipient_ids.ids]
        lines, dropped = {}, []
        for name in ("email_to", "email_cc"):
            lines[name] = []
            for address in email_split_and_format_normalize(self[name] or ""):
                ids = by_email.get(email_normalize(address), [])
                people += ids
                denied = [i for i in ids if i in verdicts]
                denied = [i for i in denied if verdicts[i].outcome == "refused"]
                (dropped if denied else lines[name]).append((address, denied))
        untils = [verdicts[i].until for i in people if i in verdicts]
        until = max(filter(None, untils), default=None)
        if not refused and not dropped:
            return self._veloc_wait(until)
        reasons = {verdicts[i].reason for i in refused.ids}
        reasons |= {verdicts[i].reason for _address, ids in dropped for i in ids}
        left = {
            name: ", ".join(address for address, _d in kept) or False
            for name, kept in lines.items()
        }
        return self._veloc_refuse(refused, left, sorted(reasons))._veloc_wait(until)

    def _veloc_wait(self, until):
        """Leave the mail in the queue until the hours of its people begin."""
        if self and until:
            self.scheduled_date = until
            return self.browse()
        return self

    def _veloc_refuse(self, refused, left, reasons):
        """Take people out; with nobody left the mail is cancelled, with the reason."""
        why = self.env._(
            "The contact gate refuses: %(reasons)s", reasons=", ".join(reasons)
        )
        self._veloc_tell_notifications(refused, why)
        self.write({"recipient_ids": [(3, p.id) for p in refused], **left})
        if self.recipient_ids or left["email_to"] or left["email_cc"]:
            return self
        self.write(
            {"state": "cancel", "failure_type": "mail_optout", "failure_reason": why}
        )
        if "mailing_trace_ids" in self._fields:
            self.mailing_trace_ids.set_canceled()
        return self.browse()

    def _veloc_tell_notifications(self, refused, why):
        notifications = self.env["mail.notification"].sudo()  # sudo: as core does.
        found = notifications.search(
            [
                ("mail_mail_id", "in", self.ids),
                ("notification_type", "=", "email"),
                ("notification_status", "not in", ("sent", "canceled")),
            ]
        )
        of_refused = found.filtered(
            lambda n: n.res_partner_id in refused or not n.res_partner_id
        )
        of_refused.write(
            {
                "notification_status": "exception",
                "failure_type": "mail_optout",
                "failure_reason": why,
            }
        )
        of_refused.mail_message_id._notify_message_notification_update()
