"""Volume and result of a trade stand in columns: an erasure blanks the payload."""

# The log is append-only for everybody but its owner, who adds what was always there.
FILL = """
ALTER TABLE veloc_trader_event_raw ADD COLUMN IF NOT EXISTS volume numeric;
ALTER TABLE veloc_trader_event_raw ADD COLUMN IF NOT EXISTS result numeric;
ALTER TABLE veloc_trader_event_raw DISABLE TRIGGER veloc_no_change;
UPDATE veloc_trader_event_raw e SET
    volume = coalesce((e.data->>'volume')::numeric, 0),
    result = coalesce((e.data->>'result')::numeric, 0)
FROM res_company c JOIN res_currency own ON own.id = c.currency_id
WHERE e.type = 'trade' AND c.id = e.company_id
    AND coalesce(e.currency, own.name) = own.name;
ALTER TABLE veloc_trader_event_raw ENABLE TRIGGER veloc_no_change;
"""


def migrate(cr, version):
    """Fill the columns of trades in the company's currency; others stay empty."""
    cr.execute("SELECT to_regclass('veloc_trader_event_raw')")
    if cr.fetchone() != (None,):
        cr.execute(FILL)
