from odoo import fields, models

from odoo.addons.veloc_compliance.const import PROMOTIONAL

from ..providers import base


class VelocDispatcher(models.AbstractModel):
    """What is handed to the providers: claimed rows as plain values."""

    _inherit = "veloc.dispatcher"

    # === WHAT LEAVES === #

    def _prepare_batch(self, rows):
        """Return ``[(row, account, Outgoing)]`` for claimed rows."""
        accounts = self.env["veloc.account"].browse({r["account_id"] for r in rows})
        context = self._batch_context(rows)
        return [
            (row, account, self._prepare_outgoing(row, account, context))
            for account in accounts
            for row in rows
            if row["account_id"] == account.id
        ]

    def _batch_context(self, rows):
        """Hook: return what the messages of a batch need besides their rows.

        Constant queries. Add keys of your own to what ``super()`` returns.
        """
        return {
            "url": self.env["veloc.contact.gate"]._public_url(),
            "now": fields.Datetime.now(),
            "headers": self._prepare_headers(rows),
        }

    def _prepare_outgoing(self, row, account, context):
        """Hook: return the ``base.Outgoing`` of a row; no queries here.

        Change what ``super()`` returns with ``dataclasses.replace``.
        """
        until = row["useful_until"]
        callback = (
            f"{context['url']}/veloc/webhook/twilio/{account.code}/{row['reference']}"
        )
        return base.Outgoing(
            reference=row["reference"],
            to=row["address"],
            body=row["body"],
            subject=row["subject"] or "",
            sender=account.sender or "",
            status_callback=callback if account.provider == "twilio" else "",
            headers=context["headers"].get(row["id"], ()),
            content_sid=row["content_sid"] or "",
            content_variables=row["content_variables"] or "",
            template_name=row["template_name"] or "",
            lang=row["lang"] or "",
            useful_for=until and (until - context["now"]).total_seconds(),
        )

    def _prepare_headers(self, rows):
        """One-click unsubscribe (RFC 8058) for promotional e-mail, by row id."""
        headers = {}
        letters = [row for row in rows if row["channel"] == "email"]
        purposes = self.env["veloc.purpose"].browse({r["purpose_id"] for r in letters})
        for purpose in purposes.filtered(lambda p: p.kind in PROMOTIONAL):
            of_purpose = [r for r in letters if r["purpose_id"] == purpose.id]
            partners = self.env["res.partner"].browse(
                {row["partner_id"] for row in of_purpose}
            )
            urls = partners._veloc_unsubscribe_url(purpose, "email")
            for row in of_purpose:
                headers[row["id"]] = (
                    ("List-Unsubscribe", f"<{urls[row['partner_id']]}>"),
                    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                )
        return headers
