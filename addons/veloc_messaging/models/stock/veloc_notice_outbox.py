from odoo import api, fields, models

from . import service_mark

TEMPLATE = "veloc_messaging.veloc_template_notice"
# The outbox cannot carry it, though the person may well be written to.
_OUR_TROUBLE = frozenset({"no_account", "no_approved_version", "no_body"})


class VelocNotice(models.AbstractModel):
    """Notices to people travel in the outbox: retried, looked up, explained."""

    _inherit = "veloc.notice"

    @api.model
    def _deliver(self, notices):
        """Queue what the outbox can carry; the mail queue takes the rest."""
        outcomes = self._enqueue([n for n in notices if self._is_letter(n)])
        rest = [n for n in notices if outcomes.get(n["key"], "") in ("", *_OUR_TROUBLE)]
        if rest:
            # No promotion: an address alone is asked about nothing else.
            mails = service_mark.marked(self)
            outcomes |= super(VelocNotice, mails)._deliver(rest)
        return outcomes

    @staticmethod
    def _is_letter(notice):
        """Return whether it is for a contact, and text alone."""
        is_to_contact = notice.get("partner_id") and not notice.get("email")
        return bool(is_to_contact) and not notice.get("attachments")

    def _enqueue(self, notices):
        if not notices:
            return {}
        template = self.env.ref(TEMPLATE)
        drafts = [
            {
                "partner_id": notice["partner_id"],
                "template_id": template.id,
                "channel": "email",
                "key": f"notice:{notice['key']}",
                "source": f"notice:{notice['code']}",
                "variables": {
                    "notice_subject": notice["subject"],
                    "notice_text": notice["text"],
                },
            }
            for notice in notices
        ]
        # sudo: whoever may cause a notice need not be able to send messages.
        outbox_sudo = self.env["veloc.outbox"].sudo()
        answers = outbox_sudo._enqueue(drafts, fields.Datetime.now())
        return {
            notice["key"]: self._outcome(answer)
            for notice, answer in zip(notices, answers, strict=True)
        }

    @staticmethod
    def _outcome(answer):
        words = {"queued": "sent", "duplicate": "duplicate"}
        return words.get(answer["outcome"]) or answer["reason"] or "refused"
