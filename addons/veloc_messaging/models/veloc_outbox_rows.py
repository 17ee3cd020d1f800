import json
from uuid import uuid4

from odoo import api, models
from odoo.tools import SQL

CHANNELS_BY_PHONE = {"sms", "whatsapp", "call"}
URGENT_PRIORITY, BULK_PRIORITY = 0, 10

_COLUMNS = (
    "partner_id",
    "channel",
    "purpose_id",
    "template_version_id",
    "verdict_id",
    "verdict_allowed",
    "account_id",
    "address",
    "subject",
    "body",
    "lang",
    "content_sid",
    "content_variables",
    "template_name",
    "variables",
    "worth",
    "fallback_of_id",
    "fallback_reason",
    "segments",
    "lane",
    "priority",
    "state",
    "key",
    "reference",
    "source",
    "next_attempt_at",
    "useful_until",
    "attempts",
    "queued_at",
    "company_id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
)


class VelocOutbox(models.AbstractModel):
    """How allowed and rendered drafts become rows."""

    _inherit = "veloc.outbox"

    @api.model
    def _columns(self):
        """Return the columns that a row is stored with; every row has them all."""
        return _COLUMNS

    @api.model
    def _prepare_rows(self, drafts, answers, accounts, now):
        pairs = self._open(drafts, answers)
        verdict_ids = self._record_verdicts(pairs, now)
        partners = self.env["res.partner"].browse(d["partner_id"] for d, _a in pairs)
        addresses = self._addresses(partners)
        rows = []
        for (draft, answer), verdict_id in zip(pairs, verdict_ids, strict=True):
            address = addresses[draft["partner_id"]].get(draft["channel"])
            if not verdict_id or not address:
                self._refuse(answer, "no_address")
                continue
            answer["verdict_id"] = verdict_id
            rows.append(
                self._prepare_row(
                    draft, answer, accounts[draft["channel"]], address, now
                )
            )
        return rows

    @api.model
    def _record_verdicts(self, pairs, now):
        if not pairs:
            return []
        return self.env["veloc.contact.gate"]._record_allowed(
            [answer["work"]["ask"] for _draft, answer in pairs],
            [answer["work"]["verdict"] for _draft, answer in pairs],
            now,
        )

    @api.model
    def _addresses(self, partners):
        return {
            partner.id: {
                "email": partner.email_normalized,
                # The gate has seen that a browser of the person is turned on.
                "push": f"partner:{partner.id}",
                **dict.fromkeys(CHANNELS_BY_PHONE, partner.phone_sanitized),
            }
            for partner in partners
        }

    @api.model
    def _prepare_row(self, draft, answer, account, address, now):
        work = answer["work"]
        template, text = work["template"], work["text"]
        lane = template.lane or "bulk"
        default_priority = URGENT_PRIORITY if lane == "urgent" else BULK_PRIORITY
        content_variables = getattr(text, "content_variables", None)
        return {
            "partner_id": draft["partner_id"],
            "channel": draft["channel"],
            "purpose_id": work["ask"][1],
            "template_version_id": text.version_id,
            "verdict_id": answer["verdict_id"],
            "verdict_allowed": True,
            "account_id": account.id,
            "address": address,
            "subject": text.subject or None,
            "body": str(text.body),
            "lang": text.lang or None,
            "content_sid": text.content_sid or None,
            "content_variables": json.dumps(content_variables)
            if content_variables
            else None,
            "template_name": getattr(text, "template_name", None) or None,
            **self._prepare_delivery(draft, template),
            "segments": text.segments or 0,
            "lane": lane,
            "priority": draft.get("priority", default_priority),
            "state": "queued",
            "key": draft["key"],
            "reference": uuid4().hex,
            "source": draft.get("source") or None,
            "next_attempt_at": max(draft.get("not_before") or now, now),
            "useful_until": draft.get("useful_until") or None,
            "attempts": 0,
            "queued_at": now,
            "company_id": account.company_id.id or self.env.company.id,
            "create_uid": self.env.uid,
            "create_date": now,
            "write_uid": self.env.uid,
            "write_date": now,
        }

    @api.model
    def _prepare_delivery(self, draft, template):
        variables = template.fallback_channels and draft.get("variables")
        return {
            # A fallback on another channel is filled with the same.
            "variables": json.dumps(variables, default=str) if variables else None,
            "worth": draft.get("worth") or 0.0,
            "fallback_of_id": draft.get("fallback_of_id"),
            "fallback_reason": draft.get("fallback_reason"),
        }

    @api.model
    def _insert(self, rows, answers):
        """One INSERT; a key that another worker took meanwhile is a duplicate."""
        if not rows:
            return
        columns = self._columns()
        inserted = dict(
            self.env.execute_query(
                SQL(
                    "INSERT INTO veloc_message (%s) VALUES %s "
                    "ON CONFLICT (key) DO NOTHING RETURNING verdict_id, id",
                    SQL(", ").join(map(SQL.identifier, columns)),
                    SQL(", ").join(
                        SQL("%s", tuple(row[name] for name in columns)) for row in rows
                    ),
                )
            )
        )
        for answer in answers:
            if "work" not in answer:
                continue
            if message_id := inserted.get(answer["verdict_id"]):
                self._close(answer, "queued", message_id=message_id)
            else:
                self._close(answer, "duplicate")

    @api.model
    def _wake_lanes(self, rows, now):
        first = {}
        for row in rows:
            at = row["next_attempt_at"]
            first[row["lane"]] = min(at, first.get(row["lane"], at))
        for lane, at in first.items():
            self.env["veloc.dispatcher"]._wake(lane, at if at > now else None)
