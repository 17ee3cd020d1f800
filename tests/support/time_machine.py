"""Looking at a running house, and making its clockwork do at once what is due later."""

import xmlrpc.client
from datetime import timedelta

import requests

from .waiting import wait_until

MOVES = """
CREATE TABLE e2e_move (message int, before text, after text, at timestamptz);
CREATE FUNCTION e2e_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO e2e_move VALUES (new.id, old.state, new.state, clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER e2e_note AFTER UPDATE ON veloc_message FOR EACH ROW
WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION e2e_note();
"""
DISPATCHERS = ("urgent", "bulk_1", "bulk_2")


class TimeMachine:
    """The part of a house that tests look through; needs ``database``, ``manager``."""

    # === LOOKING === #

    def message_states(self, where="true", *values):
        """Return how many outbox rows are in each state."""
        return self.database.counts(
            f"SELECT state, count(*) FROM veloc_message WHERE {where} GROUP BY 1",
            *values,
        )

    def message(self, message_id):
        """Return a message as a program sees it over XML-RPC."""
        fields = ["state", "provider_ref", "channel", "attempts", "has_conflict"]
        fields += ["failure_class", "failure_code", "failure_detail"]
        domain = [("id", "=", message_id)]
        return self.manager.read("veloc.message", domain, fields)[0]

    def wait_for_state(self, message_id, *states, timeout=30):
        """Return the message as soon as it is in one of the states."""
        seen = []

        def reached():
            message = self.message(message_id)
            if not seen or seen[-1] != message["state"]:
                seen.append(message["state"])
            return message if message["state"] in states else None

        try:
            return wait_until(reached, timeout, what=f"{states}")
        except AssertionError as error:
            row = self.message(message_id)
            raise AssertionError(f"{error}; states seen: {seen}; row: {row}") from None

    def wait_for_opt_out(self, partner_id, channel, timeout=20):
        """Wait until the person is suppressed on the channel."""
        domain = [
            ("partner_id", "=", partner_id),
            ("channel", "=", channel),
            ("lifted_at", "=", False),
        ]
        wait_until(
            lambda: self.manager.count("veloc.suppression", domain),
            timeout,
            what="the opt-out",
        )

    def post(self, url, form, headers):
        """Post a form as a stranger."""
        return requests.post(url, data=form, headers=headers, timeout=30)

    # === HISTORY === #

    def record_moves(self):
        """Note every change of state from here on, with a trigger of the test's own."""
        self.database.rows(MOVES)

    def moves(self):
        """Return how often each (before, after) happened."""
        rows = self.database.rows(
            "SELECT before, after, count(*) FROM e2e_move GROUP BY 1, 2"
        )
        return {(before, after): number for before, after, number in rows}

    # === CLOCKWORK === #

    def travel(self, partner_id, **time):
        """Let the runs of a person be older by this time, and decide what is due."""
        age = timedelta(**time)
        self.database.rows(
            "UPDATE veloc_enrolment SET entered_at = entered_at - %s,"
            " next_due = next_due - %s, previous_at = previous_at - %s"
            " WHERE partner_id = %s AND state = 'active'",
            *(age, age, age, partner_id),
        )
        self.run_cron("veloc_crm.ir_cron_cadence")

    def run_cron(self, xmlid):
        """Run a job now; one that is running already is as good."""
        try:
            self.admin.run_cron(xmlid)
        except xmlrpc.client.Fault as fault:
            if "already executing" not in fault.faultString:
                raise

    def letter_to(self, address, what):
        """Return the one e-mail that left Odoo's own queue to an address."""

        def arrived():
            # Each time: a run that has begun before it was queued passes it over.
            self.run_cron("mail.ir_cron_mail_scheduler_action")
            return self.sandbox.emails(to=address)

        (email,) = wait_until(arrived, 30, 0.5, what)
        return email

    def dispatch(self):
        """Let all dispatchers look for due messages now."""
        for name in DISPATCHERS:
            self.run_cron(f"veloc_messaging.ir_cron_dispatch_{name}")

    def make_due(self, message_id):
        """Let a queued message be due now, and wait until a dispatcher took it."""
        before = self.message(message_id)["attempts"]

        def taken():
            self.database.rows(
                "UPDATE veloc_message SET next_attempt_at = now() AT TIME ZONE 'UTC'"
                " WHERE id = %s AND state = 'queued'",
                message_id,
            )
            self.dispatch()
            row = self.message(message_id)
            return row["state"] != "queued" or row["attempts"] > before

        wait_until(taken, 30, 0.3, "a dispatcher to take the message")

    def hurry(self, message_id):
        """Wait until an attempt failed for now, then make the next one at once."""

        def waits():
            row = self.message(message_id)
            return row["state"] == "queued" and row["attempts"]

        wait_until(waits, 20, what="a failed attempt")
        self.make_due(message_id)

    def settle(self, *message_ids):
        """Look up messages in doubt as if their grace were over."""
        self.database.rows(
            "UPDATE veloc_message SET settled_at = NULL,"
            " sending_at = sending_at - interval '10 seconds'"
            " WHERE state = 'in_doubt' AND id = ANY(%s)",
            list(message_ids),
        )
        self.run_cron("veloc_messaging.ir_cron_settle")

    def fold(self):
        """Fold what the webhook stored."""
        self.run_cron("veloc_messaging.ir_cron_fold")
