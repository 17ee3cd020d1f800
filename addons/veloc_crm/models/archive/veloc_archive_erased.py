from odoo import api, fields, models
from odoo.tools import SQL

from .veloc_archive_owner import OWNERS
from .veloc_archive_writing import STAGE


class VelocArchive(models.Model):
    """Erasures reach the months that left: their files are written anew."""

    _inherit = "veloc.archive"

    @api.model
    def _clean_erased(self):
        """Rewrite the files that speak of people erased since; return how many."""
        cron, done = self.env["ir.cron"], 0
        for archive, erasures in self._find_unclean():
            archive._rewrite(erasures)
            done += 1
            if not cron._commit_progress():
                break
        return done

    @api.model
    def _find_unclean(self):
        """Return ``[(archive, erasures)]``: daily sums tell who has rows in a month."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, array_agg(DISTINCT e.id) FROM veloc_archive a
                -- its time is noted before it is committed: look back further
                JOIN veloc_erasure e ON e.pseudonymised_at
                    > coalesce(a.rewritten_at, a.archived_at) - interval '1 day'
                JOIN veloc_trader t ON t.partner_id = e.partner_id
                WHERE a.state = 'archived' AND EXISTS (
                    SELECT FROM veloc_trader_day d WHERE d.trader_id = t.id
                        AND d.day >= a.month - 1
                        AND d.day <= a.month + interval '1 month 1 day')
                GROUP BY a.id ORDER BY a.id
                """
            )
        )
        erasures = self.env["veloc.erasure"]
        return [(self.browse(id_), erasures.browse(ids)) for id_, ids in rows]

    def _rewrite(self, erasures):
        """Write the file anew without these people, and prove it in their erasures."""
        with self.env["veloc.ingest"]._in_read_committed() as ingest:
            own = self.with_env(ingest.env)
            former = own._load_stage()
            emptied = own._blank_erased()
            if emptied:
                own.write(own._write_again())
                erasures.with_env(ingest.env)._prove(
                    "pseudonymise", {self._name: emptied}
                )
            own.rewritten_at = fields.Datetime.now()
            ingest.env.flush_all()
        if emptied:
            former.unlink(missing_ok=True)
        self.invalidate_recordset(flush=False)

    def _write_again(self):
        """Write the staged rows to a new file with a new key."""
        rows = f"{STAGE}_clean"
        self.env.cr.execute(
            SQL(
                "CREATE TEMP TABLE %s ON COMMIT DROP AS TABLE %s",
                SQL.identifier(rows),
                SQL.identifier(STAGE),
            )
        )
        values = self._write_file(rows, self.month)
        del values["archived_at"]
        return values

    @api.model
    def _blank_erased(self):
        """Empty the staged rows of erased people as their erasure did elsewhere.

        The file may name a trader they had been before a merge.
        """
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE %(stage)s s SET data = NULL, external_id = 'erased-' || s.id
                FROM %(stage)s n LEFT JOIN (%(owners)s) w ON w.id = n.id
                JOIN veloc_trader t ON t.id = coalesce(w.trader_id, n.trader_id)
                JOIN veloc_erasure e ON e.partner_id = t.partner_id
                WHERE n.id = s.id
                    AND e.state IN ('pseudonymised', 'destroyed')
                    AND s.external_id <> 'erased-' || s.id
                    AND s.at <= e.pseudonymised_at
                RETURNING s.id
                """,
                stage=SQL.identifier(STAGE),
                owners=SQL(OWNERS, stage=SQL.identifier(STAGE)),
            )
        )
        return len(rows)
