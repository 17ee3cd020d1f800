"""The count of 30 days stands with the other figures now."""


def migrate(cr, version):
    """Drop the column that the fold no longer writes."""
    cr.execute("ALTER TABLE veloc_trader DROP COLUMN IF EXISTS trades_30d")
