from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...providers import smtp_reports
from ...rules import dsn, message_state, smtp_status
from ...rules.receipts import FOLDED, IGNORED

# Gmail and Yahoo: stay below 0.1 %, never reach 0.3 % (there the account is stopped).
WATCH = 0.001
WATCHED_DAYS = 7


class VelocFold(models.AbstractModel):
    """What bounces and complaints by e-mail mean beyond the state of a message."""

    _inherit = "veloc.fold"

    # === BOUNCES === #

    def _prepare_receipt(self, state, message, receipt):
        """Say why in the mail world's own words: 5.1.1 and not our number for it."""
        values = super()._prepare_receipt(state, message, receipt)
        if message.provider == "smtp" and state in message_state.RETRYABLE:
            status, _space, detail = (receipt.error_detail or "").partition(" ")
            values.update(
                failure_code=status or "bounced", failure_detail=detail or None
            )
        return values

    def _apply_failures(self, failures):
        """Stop writing to addresses that are gone."""
        done = super()._apply_failures(failures)
        self._block_addresses(
            [
                message.partner_id
                for message, receipt in failures
                if message.provider == "smtp"
                and smtp_status.is_dead((receipt.error_detail or "").split(" ")[0])
            ]
        )
        return done

    @api.model
    def _block_addresses(self, partner_ids):
        """Write no more e-mails to these people until their address changes."""
        if partner_ids:
            self.env["veloc.suppression"]._impose(
                partner_ids, "channel_blocked", channel="email", source="bounce"
            )

    # === COMPLAINTS === #

    def _fold_preferences(self, items):
        """Who complains or leaves by e-mail is known by the message, not by address."""
        ours = [item for item in items if item[1].provider == "smtp"]
        outcome = super()._fold_preferences([i for i in items if i not in ours])
        return {**outcome, **self._fold_wishes(ours)}

    def _fold_wishes(self, items):
        """End what the person does not want; return outcomes by event id."""
        if not items:
            return {}
        letters = self._find_letters([receipt.reference for receipt, *_rest in items])
        outcome, people = {}, {dsn.COMPLAINT: [], smtp_reports.LEAVE: []}
        complained = self.env["veloc.message"]
        for receipt, _rest, event in items:
            letter = letters.get(receipt.reference)
            if not letter:
                outcome[receipt.id] = {"state": IGNORED, "error": "unknown_message"}
                continue
            people[event.status].append(letter.partner_id.id)
            if event.status == dsn.COMPLAINT:
                complained += letter
            outcome[receipt.id] = {
                "state": FOLDED,
                "partner_id": letter.partner_id.id,
                "word": "stop",
                "channel": "email",
            }
        self._end_email(people[dsn.COMPLAINT], "complaint", closes=True)
        self._end_email(people[smtp_reports.LEAVE], "mail_unsubscribe", closes=False)
        self._note_complaints(complained)
        return outcome

    def _find_letters(self, references):
        """Return {reference: message}; one query."""
        letters = self.env["veloc.message"].search(
            [("reference", "in", references), ("channel", "=", "email")]
        )
        return {letter.reference: letter for letter in letters}

    def _end_email(self, partner_ids, source, *, closes):
        if not partner_ids:
            return
        self.env["veloc.consent"]._revoke_channel(partner_ids, "email", source)
        if closes:
            self.env["veloc.suppression"]._impose(
                partner_ids, "opt_out", channel="email", source=source
            )

    def _note_complaints(self, letters):
        fresh = letters.filtered(lambda letter: not letter.complained_at)
        if not fresh:
            return
        fresh.write({"complained_at": fields.Datetime.now()})
        fresh.flush_recordset()
        self.env["veloc.delivery.objection"]._note(
            "complaint", "email", fresh.partner_id.ids
        )
        for account, sent, complaints in self._complaint_rates(fresh.account_id):
            if complaints / max(sent, 1) >= WATCH:
                self.env["veloc.messaging.alert"]._raise(
                    "complaints",
                    account=account,
                    detail=self.env._(
                        "%(complaints)s of %(sent)s e-mails in %(days)s days were "
                        "reported as spam.",
                        complaints=complaints,
                        sent=sent,
                        days=WATCHED_DAYS,
                    ),
                    key="spam",
                )

    def _complaint_rates(self, accounts):
        """Return ``[(account, sent, complaints)]`` of the last days; one query."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account_id, count(*), count(complained_at)
                  FROM veloc_message
                 WHERE account_id = ANY(%s) AND sent_at > %s GROUP BY account_id
                """,
                accounts.ids,
                fields.Datetime.now() - timedelta(days=WATCHED_DAYS),
            )
        )
        return [(accounts.browse(id_), sent, bad) for id_, sent, bad in rows]
