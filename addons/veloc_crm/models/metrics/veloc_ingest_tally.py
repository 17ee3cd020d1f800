from odoo import api, models
from odoo.tools import SQL

# Workers count in rows of their own, so that none waits for another.
SLOTS = 64
TABLE = """
CREATE TABLE IF NOT EXISTS veloc_ingest_tally (
    road varchar NOT NULL,
    slot int2 NOT NULL,
    batches int8 NOT NULL DEFAULT 0,
    accepted int8 NOT NULL DEFAULT 0,
    duplicates int8 NOT NULL DEFAULT 0,
    rejected int8 NOT NULL DEFAULT 0,
    seconds float8 NOT NULL DEFAULT 0,
    PRIMARY KEY (road, slot)
) WITH (fillfactor = 50)
"""


class VelocIngestTally(models.AbstractModel):
    """How much came in by which way since the house was built: counters only."""

    _name = "veloc.ingest.tally"
    _description = "Ingestion Counters"

    def init(self):
        """Make the table once."""
        self.env.cr.execute(TABLE)

    @api.model
    def _add(self, road, accepted, duplicates, rejected, seconds):
        """Count one batch, with its transaction."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_ingest_tally AS t VALUES
                    (%s, pg_backend_pid() %% %s, 1, %s, %s, %s, %s)
                ON CONFLICT (road, slot) DO UPDATE SET batches = t.batches + 1,
                    accepted = t.accepted + EXCLUDED.accepted,
                    duplicates = t.duplicates + EXCLUDED.duplicates,
                    rejected = t.rejected + EXCLUDED.rejected,
                    seconds = t.seconds + EXCLUDED.seconds
                """,
                road,
                SLOTS,
                accepted,
                duplicates,
                rejected,
                seconds,
            )
        )

    @api.model
    def _totals(self):
        """Return dicts by road."""
        return self.env.execute_query_dict(
            SQL(
                "SELECT road, sum(batches)::int8 AS batches,"
                " sum(accepted)::int8 AS accepted,"
                " sum(duplicates)::int8 AS duplicates,"
                " sum(rejected)::int8 AS rejected, sum(seconds) AS seconds"
                " FROM veloc_ingest_tally GROUP BY road ORDER BY road"
            )
        )
