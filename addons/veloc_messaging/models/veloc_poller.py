from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import registry

BATCH = 200
# Reports come within minutes. After so long they are taken for lost.
DEFAULT_STALE_HOURS = 12
# Not every carrier reports a delivery: "sent" may be the last there is to know.
GIVE_UP_AFTER = timedelta(days=4)
THREADS = 4


class VelocPoller(models.AbstractModel):
    """Asks what became of messages whose reports never came.

    The answer is stored as the event that did not come, and folded like one: a report
    that arrives after all is a copy.
    """

    _name = "veloc.poller"
    _description = "Polling of stale messages"

    @api.model
    def _cron_poll(self):
        """Ask about stale messages, one batch per transaction."""
        cron = self.env["ir.cron"]
        cron._commit_progress()
        self.env["veloc.webhook.refusal"]._close_alerts()
        while messages := self._claim_stale():
            asks = [
                (message.id, message.account_id._get_provider(), message.provider_ref)
                for message in messages
            ]
            # Committed first: nobody else asks about the same messages meanwhile.
            cron._commit_progress()
            reports = self._ask_providers(asks)
            self._store(messages, reports)
            if not cron._commit_progress(len(messages)):
                return

    @api.model
    def _claim_stale(self):
        """Take messages that nobody reported about; their asking is noted at once."""
        self.env["veloc.dispatcher"]._read_committed()
        now = fields.Datetime.now()
        stale = now - self._stale_after()
        self.env["veloc.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_message SET polled_at = %(now)s WHERE id IN (
                    SELECT m.id FROM veloc_message m
                      JOIN veloc_account a ON a.id = m.account_id
                     WHERE m.state IN ('accepted', 'sent')
                       AND m.provider_ref IS NOT NULL AND a.provider = ANY(%(able)s)
                       AND m.sending_at BETWEEN %(oldest)s AND %(stale)s
                       AND (m.polled_at IS NULL OR m.polled_at <= %(stale)s)
                     ORDER BY m.sending_at, m.id LIMIT %(limit)s
                       FOR NO KEY UPDATE OF m SKIP LOCKED)
                RETURNING id
                """,
                now=now,
                able=registry.codes_able_to("fetch"),
                oldest=now - GIVE_UP_AFTER,
                stale=stale,
                limit=BATCH,
            )
        )
        messages = self.env["veloc.message"].browse(sorted(row[0] for row in rows))
        messages.invalidate_recordset(["polled_at"], flush=False)
        return messages

    def _stale_after(self):
        dispatcher = self.env["veloc.dispatcher"]
        hours = dispatcher._parameter("stale_hours", DEFAULT_STALE_HOURS)
        return timedelta(hours=max(hours, 1))

    def _ask_providers(self, asks):
        with ThreadPoolExecutor(THREADS, thread_name_prefix="poll") as executor:
            futures = {
                key: executor.submit(_fetch_safely, provider, ref)
                for key, provider, ref in asks
            }
            return {key: future.result() for key, future in futures.items()}

    def _store(self, messages, reports):
        """Store the answers as events of their accounts and wake the folding."""
        events = self.env["veloc.provider.event"]
        for account in messages.account_id:
            found = [
                reports[message.id]
                for message in messages
                if message.account_id == account and reports[message.id]
            ]
            events._store(account, found)


def _fetch_safely(provider, ref):
    """Fetch; a bug of the adapter tells nothing and costs nobody else the answer."""
    try:
        return provider.fetch(ref)
    except Exception:  # noqa: BLE001
        return None
