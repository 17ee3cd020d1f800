"""The daily sums move into monthly partitions; a view takes the table's name."""


def migrate(cr, version):
    """Put the old table aside: its name is needed for the view."""
    cr.execute(
        "SELECT relkind FROM pg_class WHERE oid = to_regclass('veloc_trader_day')"
    )
    if cr.fetchone() == ("r",):
        cr.execute("ALTER TABLE veloc_trader_day RENAME TO veloc_trader_day_old")
