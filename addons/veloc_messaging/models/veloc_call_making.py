from odoo import api, models

from ..rules import call_outcome


class VelocCall(models.Model):
    """Making call tasks for messages that the desk has taken, a batch at a time."""

    _inherit = "veloc.call"

    @api.model
    def _make(self, rows, now):
        """Make a task for each row (a dict of the message's columns)."""
        if not rows:
            return self
        partners = self.env["res.partner"].browse(row["partner_id"] for row in rows)
        owners = self._owners(rows, partners)
        worth = self._worth(partners.ids)
        return self.create(
            [
                {
                    "message_id": row["id"],
                    "reference": row["reference"],
                    "partner_id": row["partner_id"],
                    "purpose_id": row["purpose_id"],
                    "reason": row["subject"] or self._reason(row, owner),
                    "script": row["body"],
                    "user_id": owner,
                    "priority": "1" if row["lane"] == "urgent" else "0",
                    "worth": worth.get(row["partner_id"], 0.0),
                    "call_at": now,
                    "due_at": call_outcome.due_at(row["useful_until"], now),
                    "company_id": row["company_id"],
                }
                for row, owner in zip(rows, owners, strict=True)
            ]
        )

    def _reason(self, row, owner):
        """Name the template in the language of who will call: the job has none."""
        lang = self.env["res.users"].browse(owner).lang or self.env.lang
        versions = self.env["veloc.template.version"].with_context(lang=lang)
        return versions.browse(row["template_version_id"]).template_id.name

    @api.model
    def _worth(self, partner_ids):
        """Return ``{partner id: value to the broker}``; the CRM above knows it."""
        return {}

    @api.model
    def _owners(self, rows, partners):
        """Return a user id (or False) per row.

        First the person's own salesperson, else who of the desk has the fewest calls.
        """
        callers = self.env.ref("veloc_messaging.group_user").all_user_ids
        own = {
            partner.id: partner.user_id.id
            for partner in partners
            if partner.user_id in callers
        }
        left = {}
        for row in rows:
            if row["partner_id"] not in own:
                left.setdefault(row["company_id"], []).append(row["id"])
        shared = {}
        for company_id, ids in left.items():
            owners = call_outcome.share_out(len(ids), self._desk(company_id))
            shared.update(zip(ids, owners, strict=False))
        return [
            own.get(row["partner_id"]) or shared.get(row["id"], False) for row in rows
        ]

    def _desk(self, company_id):
        """Return ``{user id: open calls}`` of those at the desk of a company."""
        desk = self.env.ref("veloc_messaging.group_desk").all_user_ids.filtered(
            lambda user: (
                user.active and (not company_id or company_id in user.company_ids.ids)
            )
        )
        counts = dict(
            self._read_group(
                [("user_id", "in", desk.ids), ("state", "=", "open")],
                ["user_id"],
                ["__count"],
            )
        )
        return {user.id: counts.get(user, 0) for user in desk}
