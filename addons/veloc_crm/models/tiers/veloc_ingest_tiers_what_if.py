"""Who would stand where with other thresholds."""

from odoo import api, models
from odoo.tools import SQL

from ..veloc_ingest_tiers import LADDERS, SOURCE, rank

# Sums that workers can share; an ordered sample would sort everybody.
WHO_GOES_WHERE = """
SELECT here, place, count(*) AS traders, sum(volume)::float8 AS volume,
       ARRAY[min(id), max(id)] AS sample
FROM (
    SELECT id, here, volume, CASE WHEN entered > here THEN entered
        %s ELSE 0 END AS place
    FROM (
        SELECT t.id, %s AS here, %s AS entered,
               s.volume_total_90 AS volume %s
        %s WHERE t.company_id = ANY(%s)
    ) numbers
) places GROUP BY 1, 2
"""


class VelocIngestTiers(models.AbstractModel):
    """The same thresholds as SQL, counted instead of written."""

    _inherit = "veloc.ingest.tiers"

    @api.model
    def _count_places(self, code, ladder, company_ids):
        """Return how many stand where and would go where with this ladder.

        One statement, nothing is written. Falls are where they would end.
        """
        self.env.flush_all()
        columns = self.env[LADDERS[code]]._place_columns
        here = SQL("t.%s", SQL.identifier(columns.rung))
        # Whoever is not kept where they stand goes to the highest rung below.
        places = SQL(" ").join(
            SQL("WHEN here >= %s AND kept_%s THEN %s", n, SQL(str(n)), n)
            for n in range(len(ladder), 0, -1)
        )
        kept = SQL("").join(
            SQL(", %s AS kept_%s", self._is_met(rung, rung.stay_percent), SQL(str(n)))
            for n, rung in enumerate(ladder, 1)
        )
        rows = self.env.execute_query_dict(
            SQL(
                WHO_GOES_WHERE,
                places,
                rank(ladder, here),
                self._rank_entered(ladder),
                kept,
                SOURCE,
                list(company_ids),
            )
        )
        return [_say(row, ladder) for row in rows]


def _say(row, ladder):
    """Return one cell of the matrix with the rungs' ids for their numbers."""
    ids = [None, *(rung.id for rung in ladder)]
    return {
        "from_id": ids[row["here"]],
        "to_id": ids[row["place"]],
        "is_up": row["place"] > row["here"],
        "traders": row["traders"],
        "volume": row["volume"],
        "sample": sorted(set(row["sample"])),
    }
