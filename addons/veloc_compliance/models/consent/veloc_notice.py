from markupsafe import Markup

from odoo import api, models
from odoo.tools import plaintext2html


class VelocNotice(models.AbstractModel):
    """Notices that the law or the person asked for: confirmations, codes, letters.

    Never promotion: no consent is needed, and none would help. Addons that have a
    better road than Odoo's mail queue override ``_deliver``.
    """

    _name = "veloc.notice"
    _description = "Service notice"

    @api.model
    def _send(self, notices):
        """Send each notice once per ``key``; return ``{key: outcome}``.

        A notice is a dict: ``partner_id`` or ``email``, ``code`` (what kind),
        ``subject``, ``text`` (plain, blank lines part paragraphs), ``key``, and
        ``attachments`` (``[(file name, bytes)]``) if any. The outcome is ``sent``,
        ``duplicate``, or why not: ``no_address`` or a reason of the gate.
        Keys hold no personal data. Constant number of queries.
        """
        issued = self.env["veloc.notice.issued"]
        fresh = issued._claim(notices)
        outcomes = {notice["key"]: "duplicate" for notice in notices}
        outcomes |= self._deliver(list(fresh.values()))
        # What did not leave may be tried again under the same key.
        issued._release([key for key in fresh if outcomes[key] != "sent"])
        return outcomes

    @api.model
    def _deliver(self, notices):
        """Hand the notices to Odoo's mail queue; return ``{key: outcome}``."""
        addresses = self._addresses(notices)
        outcomes, values = {}, []
        for notice in notices:
            address = addresses[notice["key"]]
            outcomes[notice["key"]] = "sent" if address else "no_address"
            if address:
                values.append(self._prepare_mail_values(notice, address))
        # sudo: whoever may cause a notice need not be able to write mails.
        self.env["mail.mail"].sudo().create(values)
        if values:
            # sudo: Odoo's queue does not wake by itself.
            cron_sudo = self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()
            cron_sudo._trigger()
        return outcomes

    def _addresses(self, notices):
        ids = {notice["partner_id"] for notice in notices if notice.get("partner_id")}
        # sudo: the address is used, not shown.
        partners_sudo = self.env["res.partner"].sudo().browse(ids).exists()
        known = {partner.id: partner.email_normalized for partner in partners_sudo}
        return {
            notice["key"]: notice.get("email") or known.get(notice.get("partner_id"))
            for notice in notices
        }

    def _prepare_mail_values(self, notice, address):
        sender = self.env.company.email_formatted or self.env.user.email_formatted
        return {
            "subject": notice["subject"],
            "body_html": self._as_html(notice["text"]),
            "email_to": address,
            "email_from": sender,
            # It may hold a code or a link: nothing for a list that staff reads.
            "auto_delete": True,
            "headers": repr({"Auto-Submitted": "auto-generated"}),
            "attachment_ids": [
                (0, 0, {"name": name, "raw": content})
                for name, content in notice.get("attachments") or ()
            ],
        }

    @api.model
    def _as_html(self, text):
        """Return plain text as paragraphs, with addresses that can be followed."""
        return Markup("<div>{}</div>").format(plaintext2html(text))
