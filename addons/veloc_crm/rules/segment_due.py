"""When time alone may change what is true of somebody: the first of such moments.

A moment too early does no harm.
"""

from typing import NamedTuple

from .sql_text import Piece, join, sql


class Due(NamedTuple):
    """A moment (naive UTC) or one of the broker's days, which begins at midnight.

    ``is_coming``: never in the past, so nobody needs to look.
    """

    at: Piece
    is_day: bool = False
    is_coming: bool = False


def first_of(dues, clock):
    """Return the first of the moments that is still to come.

    The zone is asked once for the first day, not for each: that is what costs.
    """
    if not dues:
        return Piece("NULL::timestamp")
    moments = [_coming(due, clock.now) for due in dues if not due.is_day]
    days = [_coming(due, clock.today) for due in dues if due.is_day]
    if days:
        first = sql("least(%s)", join(", ", days))
        moments.append(
            sql(
                "((%s)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')",
                first,
                clock.zone,
            )
        )
    return sql("least(%s)", join(", ", moments))


def _coming(due, now):
    if due.is_coming:
        return due.at
    return sql("CASE WHEN %s > %s THEN %s END", due.at, now, due.at)
