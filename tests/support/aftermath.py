"""After an accident: let the clock run fast until every message is settled."""

from .waiting import wait_until

# A report that was posted while the server was down is lost, as at Twilio.
SETTLED = frozenset({"delivered", "accepted", "sent", "read"})


def hasten(house):
    """Make due what waits, look up what is in doubt, and send: all of it now."""
    house.run_cron("veloc_messaging.ir_cron_settle")
    house.database.rows(
        "UPDATE veloc_message SET next_attempt_at = now() AT TIME ZONE 'UTC'"
        " WHERE state = 'queued' AND next_attempt_at > now() AT TIME ZONE 'UTC'"
    )
    house.database.rows(
        "UPDATE veloc_account SET resume_at = NULL WHERE resume_at IS NOT NULL"
    )
    house.database.rows(
        "UPDATE veloc_message SET settled_at = NULL WHERE state = 'in_doubt'"
    )
    house.dispatch()
    house.fold()


def until_settled(house, ids, states=SETTLED, timeout=120, interval=0.5):
    """Return the end states of the messages once all are in one of ``states``."""

    def settled():
        hasten(house)
        found = house.message_states("id = ANY(%s)", ids)
        return found if set(found) <= set(states) else None

    return wait_until(settled, timeout, interval, "all messages to be settled")
