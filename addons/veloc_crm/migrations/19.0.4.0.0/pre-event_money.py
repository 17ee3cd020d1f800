"""Volume and result of a trade stand in columns: an erasure blanks the payload."""

COLUMNS = """
ALTER TABLE veloc_trader_event_raw ADD COLUMN IF NOT EXISTS volume numeric;
ALTER TABLE veloc_trader_event_raw ADD COLUMN IF NOT EXISTS result numeric;
"""
OWN = """
UPDATE veloc_trader_event_raw e SET
    volume = coalesce((e.data->>'volume')::numeric, 0),
    result = coalesce((e.data->>'result')::numeric, 0)
FROM res_company c JOIN res_currency own ON own.id = c.currency_id
WHERE e.type = 'trade' AND c.id = e.company_id
    AND coalesce(e.currency, own.name) = own.name
"""
# As ``rules/money`` does: the rate of the day, and none before the first one.
FOREIGN = """
WITH rate AS (
    SELECT cur.name AS currency, r.company_id, r.rate, r.name AS day
    FROM res_currency_rate r JOIN res_currency cur ON cur.id = r.currency_id
    WHERE r.rate > 0
), told AS (
    SELECT e.id, e.at, e.at::date AS day, e.currency, own.name AS own,
        split_part(c.parent_path, '/', 1)::int AS root,
        coalesce((e.data->>'volume')::numeric, 0) AS volume,
        coalesce((e.data->>'result')::numeric, 0) AS result
    FROM veloc_trader_event_raw e
    JOIN res_company c ON c.id = e.company_id
    JOIN res_currency own ON own.id = c.currency_id
    WHERE e.type = 'trade' AND e.currency <> own.name
), worth AS (
    SELECT t.*, coalesce((
            SELECT r.rate FROM rate r WHERE r.currency = t.own AND r.day <= t.day
                AND coalesce(r.company_id, t.root) = t.root
            ORDER BY r.day DESC LIMIT 1), 1) AS own_rate, (
            SELECT r.rate FROM rate r WHERE r.currency = t.currency AND r.day <= t.day
                AND coalesce(r.company_id, t.root) = t.root
            ORDER BY r.day DESC LIMIT 1) AS rate
    FROM told t
)
UPDATE veloc_trader_event_raw e SET
    volume = round(w.volume * w.own_rate / w.rate, 2),
    result = round(w.result * w.own_rate / w.rate, 2)
FROM worth w WHERE w.id = e.id AND w.at = e.at
"""
# What an erasure emptied before the columns came: the first trade of each day gets
# what the day still knows.
ERASED = """
UPDATE veloc_trader_event_raw e SET
    volume = d.volume_total - k.volume, result = d.result_total - k.result
FROM (
    SELECT trader_id,
        (at AT TIME ZONE 'UTC' AT TIME ZONE coalesce((
            SELECT value FROM ir_config_parameter WHERE key = 'veloc_crm.zone'),
            'America/Sao_Paulo'))::date AS day,
        min(id) FILTER (WHERE data IS NULL) AS id,
        coalesce(sum(volume) FILTER (WHERE data IS NOT NULL), 0) AS volume,
        coalesce(sum(result) FILTER (WHERE data IS NOT NULL), 0) AS result
    FROM veloc_trader_event_raw WHERE type = 'trade' AND trader_id IN (
        SELECT t.id FROM veloc_trader t JOIN veloc_erasure x
            ON x.partner_id = t.partner_id)
    GROUP BY 1, 2
) k JOIN veloc_trader_day_old d ON d.trader_id = k.trader_id AND d.day = k.day
WHERE e.id = k.id
"""


def migrate(cr, version):
    """Fill the columns; a trade without a rate to company money keeps them empty."""
    cr.execute("SELECT to_regclass('veloc_trader_event_raw')")
    if cr.fetchone() == (None,):
        return
    cr.execute(COLUMNS)
    # The log is append-only for all but its owner, who adds what was always there.
    cr.execute("ALTER TABLE veloc_trader_event_raw DISABLE TRIGGER veloc_no_change")
    cr.execute(OWN)
    cr.execute(FOREIGN)
    cr.execute("SELECT to_regclass('veloc_trader_day_old')")
    if cr.fetchone() != (None,):
        cr.execute(ERASED)
    cr.execute("ALTER TABLE veloc_trader_event_raw ENABLE TRIGGER veloc_no_change")
