"""The daily sums move into monthly partitions."""

from odoo import SUPERUSER_ID, api

TABLE = "veloc_trader_day_raw"
MONTHS = "SELECT DISTINCT date_trunc('month', day)::date FROM veloc_trader_day_old"
COPY = """
INSERT INTO veloc_trader_day_raw (
    day, trader_id, event_count, deposit_count, deposit_total, withdrawal_count,
    withdrawal_total, trade_count, volume_total, result_total, login_count)
SELECT day, trader_id, coalesce(event_count, 0), coalesce(deposit_count, 0),
    coalesce(deposit_total, 0), coalesce(withdrawal_count, 0),
    coalesce(withdrawal_total, 0), coalesce(trade_count, 0),
    coalesce(volume_total, 0), coalesce(result_total, 0), coalesce(login_count, 0)
FROM veloc_trader_day_old
ON CONFLICT DO NOTHING
"""


def migrate(cr, version):
    """Copy the rows of the table that was put aside, and drop it."""
    cr.execute("SELECT to_regclass('veloc_trader_day_old')")
    if cr.fetchone() == (None,):
        return
    _make_months(cr)
    cr.execute(COPY)
    cr.execute("DROP TABLE veloc_trader_day_old")


def _make_months(cr):
    """Make the months first: else every row moves twice, the second time at night."""
    partitions = api.Environment(cr, SUPERUSER_ID, {})["veloc.partition"]
    cr.execute(MONTHS)
    months = {month for (month,) in cr.fetchall()}
    for month in sorted(months - partitions._find_months(TABLE)):
        partitions._make_month(TABLE, "day", month)
