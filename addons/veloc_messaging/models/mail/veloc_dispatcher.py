from dataclasses import replace
from email.utils import parseaddr

from odoo import models

from odoo.addons.veloc_compliance.const import PROMOTIONAL

from ...providers import base
from ...providers.smtp_reports import RETURN_PATH
from ...rules import bounce_address, smtp_status


class VelocDispatcher(models.AbstractModel):
    """E-mails leave with addresses that say which message an answer is about."""

    _inherit = "veloc.dispatcher"

    def _batch_context(self, rows):
        """Add the template code and purpose of each e-mail; a constant of queries."""
        context = super()._batch_context(rows)
        letters = [row for row in rows if row["channel"] == "email"]
        if letters:
            messages = self.env["veloc.message"].browse(row["id"] for row in letters)
            context["letters"] = {
                message.id: (
                    message.template_version_id.template_id.code,
                    message.purpose_id.code,
                    message.purpose_id.kind in PROMOTIONAL,
                )
                for message in messages
            }
            # sudo: the secret signs addresses and never leaves the process.
            context["mail_secret"] = self.env["veloc.mail.intake"].sudo()._secret()
        return context

    def _prepare_outgoing(self, row, account, context):
        """Add the headers that bring bounces, complaints and answers back to us."""
        outgoing = super()._prepare_outgoing(row, account, context)
        if row["channel"] != "email" or row["id"] not in context.get("letters", {}):
            return outgoing
        headers = dict(outgoing.headers)
        headers.update(self._prepare_list_headers(row, account, context, headers))
        headers.update(self._prepare_return_addresses(row, account, context))
        return replace(outgoing, headers=tuple(headers.items()))

    def _prepare_list_headers(self, row, account, context, headers):
        """Name list and campaign, for the mail services' own reports."""
        template, purpose, is_promotional = context["letters"][row["id"]]
        domain = parseaddr(account.sender or "")[1].rpartition("@")[2]
        # Gmail groups complaints by these; nothing in it is about the person.
        added = {"Feedback-ID": f"{template}:{purpose}:email:{account.code}"}
        if not is_promotional:
            return added
        if domain:
            added["List-ID"] = f"<{purpose.replace('_', '-')}.{domain}>"
        added["Precedence"] = "bulk"
        mailbox = account.bounce_mailbox or account.reply_mailbox
        if mailbox and "List-Unsubscribe" in headers:
            leave = bounce_address.make(
                context["mail_secret"],
                bounce_address.LEAVE,
                row["reference"],
                mailbox,
            )
            added["List-Unsubscribe"] = (
                f"{headers['List-Unsubscribe']}, <mailto:{leave}?subject=unsubscribe>"
            )
        return added

    def _prepare_return_addresses(self, row, account, context):
        boxes = (
            (RETURN_PATH, bounce_address.BOUNCE, account.bounce_mailbox),
            ("Reply-To", bounce_address.REPLY, account.reply_mailbox),
        )
        return {
            name: bounce_address.make(
                context["mail_secret"], scope, row["reference"], mailbox
            )
            for name, scope, mailbox in boxes
            if mailbox
        }

    def _after_answers(self, group, rows, now):
        """An address that our own server knows to be dead is not written to again."""
        done = super()._after_answers(group, rows, now)
        dead = [
            rows[key]["partner_id"]
            for key, result in group
            if rows[key]["channel"] == "email"
            and result.kind == base.PERMANENT
            and smtp_status.is_dead(
                smtp_status.status_of(f"{result.code[-3:]} {result.detail}")
            )
        ]
        self.env["veloc.fold"]._block_addresses(dead)
        return done
