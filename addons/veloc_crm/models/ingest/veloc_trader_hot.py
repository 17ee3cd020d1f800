"""What batches of events change is not indexed: a trader's row stays in place."""

from odoo import models
from odoo.tools import SQL

# PostgreSQL writes a new entry into every index of a row unless all indexed columns
# keep their values. The times move with each batch; their day and hour seldom do.
COARSE = """
ALTER TABLE veloc_trader ADD COLUMN IF NOT EXISTS last_activity_day date
    GENERATED ALWAYS AS (last_activity_at::date) STORED;
ALTER TABLE veloc_trader ADD COLUMN IF NOT EXISTS next_stage_hour timestamp
    GENERATED ALWAYS AS (date_trunc('hour', next_stage_at)) STORED;
DROP INDEX IF EXISTS veloc_trader_last_activity_idx;
DROP INDEX IF EXISTS veloc_trader_next_stage_at_idx;
CREATE INDEX IF NOT EXISTS veloc_trader_last_activity_day
    ON veloc_trader (last_activity_day DESC NULLS LAST);
CREATE INDEX IF NOT EXISTS veloc_trader_next_stage_hour
    ON veloc_trader (next_stage_hour) WHERE next_stage_hour IS NOT NULL;
"""


class VelocTrader(models.Model):
    """Two columns that PostgreSQL keeps, for indexes alone: the ORM knows no field."""

    _inherit = "veloc.trader"

    def init(self):
        """Make the columns and their indexes once."""
        done = super().init()
        self.env.cr.execute(COARSE)
        return done

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by the day first, which changes nothing and is what the index holds."""
        term = super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        if field_name != "last_activity_at":
            return term
        day = SQL.identifier(alias, "last_activity_day")
        query._order_groupby.append(day)
        return SQL("%s %s %s, %s", day, direction, nulls, term)
