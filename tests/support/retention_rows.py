"""Rows of every age for the retention run, and what an oracle says must go."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
# The shipped terms that the crowd below falls under.
EVENT_DAYS = 180


def fill(house, number, seed=20260311):
    """Store reports of providers of random ages; return ``{id: moment}``."""
    rng = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    moments = [
        now - timedelta(seconds=rng.randrange(2 * EVENT_DAYS * 86_400))
        for _n in range(number)
    ]
    rows = house.database.rows(
        """
        INSERT INTO veloc_provider_event
            (account_id, provider, kind, event_key, payload, state, received_at)
        SELECT (SELECT min(id) FROM veloc_account), 'twilio', 'status',
            'retention-' || n, '{}', 'folded', at
        FROM unnest(%s::timestamp[]) WITH ORDINALITY AS t (at, n)
        RETURNING id, received_at
        """,
        moments,
    )
    return dict(rows)


def due(rows, today=None):
    """Return the ids that a reader of the law would delete, one row at a time."""
    today = today or datetime.now(ZONE).date()
    return {
        id_ for id_, moment in rows.items() if _last_day(_local_day(moment)) < today
    }


def left(house, rows):
    """Return which of the rows are still stored."""
    found = house.database.rows(
        "SELECT id FROM veloc_provider_event WHERE id = ANY(%s)", list(rows)
    )
    return {id_ for (id_,) in found}


def _local_day(moment) -> date:
    return moment.replace(tzinfo=UTC).astimezone(ZONE).date()


def _last_day(day) -> date:
    return day + timedelta(days=EVENT_DAYS)
