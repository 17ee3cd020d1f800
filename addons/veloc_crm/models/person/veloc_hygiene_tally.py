from odoo import api, models
from odoo.tools import SQL

# Workers count in rows of their own, so that none waits for another.
SLOTS = 64
TABLE = """
CREATE TABLE IF NOT EXISTS veloc_hygiene_tally (
    day date NOT NULL,
    company_id int4 NOT NULL,
    field varchar NOT NULL,
    slot int2 NOT NULL,
    tidied int8 NOT NULL,
    PRIMARY KEY (day, company_id, field, slot)
) WITH (fillfactor = 50)
"""


class VelocHygieneTally(models.AbstractModel):
    """How often what was told was written better than it was told: counters only."""

    _name = "veloc.hygiene.tally"
    _description = "Counters of tidied values"

    def init(self):
        """Make the table once."""
        self.env.cr.execute(TABLE)

    @api.model
    def _add(self, day, tidied):
        """Count ``{field: times}`` of a batch, with its transaction."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_hygiene_tally AS t
                SELECT %s, %s, field, pg_backend_pid() %% %s, times
                FROM unnest(%s::varchar[], %s::int8[]) AS r (field, times)
                ON CONFLICT (day, company_id, field, slot)
                DO UPDATE SET tidied = t.tidied + EXCLUDED.tidied
                """,
                day,
                self.env.company.id,
                SLOTS,
                list(tidied),
                list(tidied.values()),
            )
        )

    @api.model
    def _totals(self, company, first, last):
        """Return ``{field: times}`` of the days from ``first`` to before ``last``."""
        rows = self.env.execute_query(
            SQL(
                "SELECT field, sum(tidied)::int8 FROM veloc_hygiene_tally"
                " WHERE company_id = %s AND day >= %s AND day < %s GROUP BY field",
                company.id,
                first,
                last,
            )
        )
        return dict(rows)
