import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import fallback, message_state, retry

# A fallback is for these ends; "retry" once the sends again are used up.
CLASSES = {"window", "permanent", "policy"}


class VelocFallback(models.AbstractModel):
    """What becomes of messages that did not arrive: again later, or another channel."""

    _name = "veloc.fallback"
    _description = "Fallback to another channel"

    @api.model
    def _offer(self, messages):
        """Queue a message on the next channel for those that ended without arriving.

        Call it for messages that were just moved to failed, undelivered or blocked, in
        the same transaction; it picks those that a fallback is for. Returns the new
        messages. The key of the occasion and the channel is unique: whoever comes
        second finds it taken.
        """
        now = fields.Datetime.now()
        rows = [row for row in self._load(messages) if row["ended"]]
        resent = self._resend([row for row in rows if row["was_given_up"]], now)
        rows = [
            row
            for row in rows
            if row["id"] not in resent
            and (row["failure_class"] in CLASSES or row["was_given_up"])
            and row["fallback_channels"]
        ]
        found = messages.browse()
        while rows:
            rows, queued = self._try_next(rows, now)
            found += queued
        return found

    def _load(self, messages):
        if not messages:
            return []
        messages.flush_model()
        self.env["veloc.template"].flush_model(["fallback_channels"])
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id, m.partner_id, m.channel, m.key, m.source, m.priority,
                       m.useful_until, m.failure_class, m.failure_code, m.company_id,
                       m.variables, m.worth, m.resends, m.lane, v.template_id,
                       t.fallback_channels, first.channel AS first_channel,
                       m.state IN ('failed', 'undelivered')
                           AND m.failure_class = 'retry'
                           AND m.channel IN ('sms', 'whatsapp')
                           AND m.provider_ref IS NOT NULL AS was_given_up,
                       m.state = ANY(%s) AS ended
                  FROM veloc_message m
                  JOIN veloc_template_version v ON v.id = m.template_version_id
                  JOIN veloc_template t ON t.id = v.template_id
                  LEFT JOIN veloc_message first ON first.id = m.fallback_of_id
                 WHERE m.id = ANY(%s) ORDER BY m.id
                """,
                [
                    message_state.FAILED,
                    message_state.UNDELIVERED,
                    message_state.BLOCKED,
                ],
                messages.ids,
            )
        )
        return self.env.cr.dictfetchall()

    def _resend(self, rows, now):
        """Queue again what a provider finally gave up; return the ids.

        Its report is the proof that nothing arrived. A new reference: late reports
        about the lost send must not count. Mail servers have tried for days before they
        give up, and people who call try again themselves.
        """
        times = {
            row["id"]: retry.resend_at(row["resends"] or 0, now, row["useful_until"])
            for row in rows
        }
        due = {id_: at for id_, at in times.items() if at}
        if not due:
            return set()
        messages = self.env["veloc.message"].browse(due)
        moved = messages._move(
            message_state.QUEUED,
            each={id_: {"next_attempt_at": at} for id_, at in due.items()},
            reference=SQL("replace(gen_random_uuid()::text, '-', '')"),
            resends=SQL("COALESCE(resends, 0) + 1"),
            attempts=0,
            provider_ref=None,
            lost_ref=SQL("provider_ref"),
            hold_reason="undelivered",
        )
        return set(moved.ids)

    def _try_next(self, rows, now):
        """Offer each row its next channel; return the refused, and what was queued."""
        drafts = []
        for row in rows:
            row["next"] = fallback.next_channel(
                row["fallback_channels"],
                row.get("next") or row["channel"],
                row["first_channel"] or row["channel"],
            )
            if row["next"]:
                drafts.append((row, self._prepare_draft(row)))
        refused, queued = [], self.env["veloc.message"]
        for company_id in {row["company_id"] for row, _draft in drafts}:
            own = [pair for pair in drafts if pair[0]["company_id"] == company_id]
            for (row, _draft), answer in zip(
                own, self._enqueue(own, company_id, now), strict=True
            ):
                if answer["outcome"] == "queued":
                    queued += queued.browse(answer["message_id"])
                elif answer["outcome"] == "refused":
                    refused.append(row)
        return refused, queued

    def _enqueue(self, pairs, company_id, now):
        """Queue drafts; where people may only be reached later, for that time."""
        outbox = self.env["veloc.outbox"].with_company(company_id)
        answers = outbox._enqueue([draft for _row, draft in pairs], now)
        for number, ((row, draft), answer) in enumerate(
            zip(pairs, answers, strict=True)
        ):
            until = answer.get("until")
            useful = row["useful_until"]
            if answer["outcome"] == "deferred" and not (useful and until > useful):
                later = {**draft, "not_before": until}
                (answers[number],) = outbox._enqueue([later], until)
        return answers

    def _prepare_draft(self, row):
        code = f"{row['failure_class']}: {row['failure_code'] or ''}"
        return {
            "partner_id": row["partner_id"],
            "template_id": row["template_id"],
            "channel": row["next"],
            "key": fallback.key_of(row["key"], row["next"]),
            "source": row["source"],
            "variables": json.loads(row["variables"] or "{}"),
            "useful_until": row["useful_until"],
            "not_before": None,
            "priority": row["priority"],
            "worth": row["worth"],
            "fallback_of_id": row["id"],
            "fallback_reason": code,
        }
