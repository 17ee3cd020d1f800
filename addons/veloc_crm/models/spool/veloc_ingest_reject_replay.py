from odoo import api, fields, models
from odoo.tools import SQL, groupby

from .veloc_ingest_reject import UNREADABLE

BATCH = 1_000
# SQL: has what this row was refused for arrived?
ARRIVED = {
    "unknown_trader": """EXISTS (SELECT FROM veloc_trader t
        WHERE t.external_ref = d.trader_ref AND t.company_id = d.company_id)""",
    "unknown_target": """EXISTS (SELECT FROM veloc_trader_event_key k
        WHERE k.source = d.source AND k.external_id = d.target)""",
    "no_rate": """EXISTS (SELECT FROM res_currency_rate r
        JOIN res_currency c ON c.id = r.currency_id
        WHERE c.name = d.currency
            AND r.write_date > coalesce(d.tried_at, d.received_at))""",
}


class VelocIngestReject(models.Model):
    """Another try: by hand, or when what was missing has arrived."""

    _inherit = "veloc.ingest.reject"

    def _replay(self):
        """Hand the rows in again, a source at a time; return how many are stored.

        What an erased person left is deleted instead of stored.
        """
        stored = 0
        ordered = self.sorted(lambda r: (r.company_id.id, r.source, r.is_news, r.id))
        for _key, group in groupby(
            ordered, key=lambda r: (r.company_id.id, r.source, r.is_news)
        ):
            rejects = self.browse().union(*group)
            for start in range(0, len(rejects), BATCH):
                stored += rejects[start : start + BATCH]._replay_batch()
        return stored

    def _replay_batch(self):
        rows = self._open_rows()
        # A line that could not be read stays one: its row is only shown.
        kept = self.filtered(lambda r: r.id in rows and r.code not in UNREADABLE)
        first = self[:1]
        ingest = self.env["veloc.ingest"].with_context(veloc_replay=True)
        batch = ingest.with_company(first.company_id)._process(
            first.source, [rows[reject.id] for reject in kept], wake=first.is_news
        )
        codes = {note["index"]: note["code"] for note in batch.rejected}
        refused, stored, erased = {}, self.browse(), self.browse()
        for index, reject in enumerate(kept):
            code = codes.get(index)
            if code == "erased_person":
                erased |= reject
            elif code:
                refused.setdefault(code, self.browse())
                refused[code] |= reject
            else:
                stored |= reject
        self._note_replay(stored, refused)
        erased.unlink()
        return len(stored)

    def _note_replay(self, stored, refused):
        now = fields.Datetime.now()
        stored.write({"state": "replayed", "tried_at": now})
        for code, rejects in refused.items():
            rejects.write({"code": code, "tried_at": now})
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_ingest_reject SET attempts = attempts + 1"
                " WHERE id = ANY(%s)",
                self.ids,
            )
        )
        self.invalidate_model(["attempts"], flush=False)

    # === BY ITSELF === #

    @api.model
    def _cron_replay(self):
        """Replay what was waiting for something that has arrived, in batches."""
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(remaining=0)
        while time_left and (done := self._replay_arrived()):
            time_left = cron._commit_progress(done)

    @api.model
    def _replay_arrived(self):
        """Replay one batch in a transaction of its own; return how many were tried."""
        with self.env["veloc.ingest"]._in_read_committed() as ingest:
            rejects = ingest.env["veloc.ingest.reject"]._lock_arrived()
            rejects._replay()
            return len(rejects)

    @api.model
    def _lock_arrived(self):
        """Lock a batch of those worth another try: each once per arrival."""
        conditions = [
            SQL("(d.code = %s AND %s)", code, SQL(arrived))
            for code, arrived in ARRIVED.items()
        ]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT d.id FROM veloc_ingest_reject d
                WHERE d.state = 'waiting' AND d.row_sealed IS NOT NULL
                    AND d.code = ANY(%s) AND (%s)
                    AND (d.tried_at IS NULL OR d.tried_at < %s)
                ORDER BY d.id LIMIT %s FOR UPDATE OF d SKIP LOCKED
                """,
                list(ARRIVED),
                SQL(" OR ").join(conditions),
                fields.Datetime.subtract(fields.Datetime.now(), minutes=30),
                BATCH,
            )
        )
        return self.browse(id_ for (id_,) in rows)
