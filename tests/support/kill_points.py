"""Stopping a server at one exact point of its work, to kill it there.

The product knows nothing of this: a trigger of the test's own lets the statement (or
its COMMIT) wait for a lock that the test holds.
"""

from .waiting import wait_until

KEY = 20261122
HOLD = """
CREATE OR REPLACE FUNCTION e2e_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({key});
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER e2e_hold AFTER UPDATE ON veloc_message {when}
FOR EACH ROW WHEN (old.state = '{before}' AND new.state = '{after}')
EXECUTE FUNCTION e2e_hold();
"""
WAITING = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
SERVERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Hold:
    """While open, a move of messages from one state to another stands still."""

    def __init__(self, database, before, after, *, at_commit=False):
        self.database = database
        when = "DEFERRABLE INITIALLY DEFERRED" if at_commit else ""
        self.trigger = HOLD.format(key=KEY, when=when, before=before, after=after)
        self._connection = None

    def __enter__(self):
        self.database.rows(self.trigger)
        self._connection = self.database.connect()
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (KEY,))
        self._connection.commit()
        return self

    def wait_for_victim(self, timeout=60):
        """Return once a server stands at the point."""
        waits = lambda: self.database.value(WAITING, KEY)  # noqa: E731
        wait_until(waits, timeout, 0.02, "a server at the point")

    def __exit__(self, *exc_info):
        """Let go; whoever waited (dead or alive) goes on."""
        self._connection.close()
        self.database.rows("DROP TRIGGER e2e_hold ON veloc_message")


def wait_until_gone(database):
    """Return once the last session of a killed server has ended."""
    wait_until(lambda: database.value(SERVERS) == 0, 30, 0.05, "the sessions to end")
