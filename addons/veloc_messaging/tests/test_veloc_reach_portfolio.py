from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.veloc_compliance.tests.common import NOON

from ..models import veloc_dispatcher_claim
from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestReachPortfolio(MessagingCase):
    """The limit of people in 24 hours, and the gap between two messages."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))
        self.whatsapp = self.env["veloc.account"].search(
            [("code", "=", "test-whatsapp")]
        )
        self.portfolio = self.env["veloc.reach.portfolio"].create(
            {"name": "Veloc", "daily_limit": 2}
        )
        self.whatsapp.portfolio_id = self.portfolio
        self.people = self.env["res.partner"].create(
            [
                self._prepare_person(
                    f"W{n}", f"w{n}@example.com", f"+55 11 97777-45{n:02}"
                )
                for n in range(4)
            ]
        )

    def _templates(self, *worths, key=""):
        """Queue an approved template for each person, worth that much."""
        messages = self.env["veloc.message"]
        for person, worth in zip(self.people, worths, strict=False):
            messages += self._queue(
                person, channel="whatsapp", worth=worth, key=f"r{key}:{person.id}"
            )
        self._approve(messages)
        return messages

    def _approve(self, messages):
        self.env.cr.execute(
            "UPDATE veloc_message SET content_sid = 'HX1' WHERE id = ANY(%s)",
            [messages.ids],
        )
        messages.invalidate_recordset()

    def _run(self):
        with self.fake_provider() as provider:
            self.run_dispatch_cron()
        return provider

    def test_the_account_says_how_many_people_it_may_still_write_to(self):
        accounts = self.whatsapp + self.account
        self.assertEqual(accounts._budget_left(NOON), {self.whatsapp.id: 2})

        self._templates(1)
        self._run()

        self.assertEqual(accounts._budget_left(NOON), {self.whatsapp.id: 1})
        tomorrow = NOON + timedelta(days=1)
        self.assertEqual(accounts._budget_left(tomorrow), {self.whatsapp.id: 2})
        self.portfolio.daily_limit = 0
        self.assertEqual(accounts._budget_left(NOON), {})

    def test_the_most_valuable_get_what_there_is(self):
        messages = self._templates(1, 9, 5, 7)

        self._run()

        self.assertEqual(
            messages.mapped("state"), ["queued", "accepted", "queued", "accepted"]
        )
        self.assertEqual(messages.mapped("hold_reason")[0], "no_budget")
        self.assertEqual(messages[0].next_attempt_at, NOON + timedelta(days=1))
        self.assertEqual((self.portfolio.used, self.portfolio.left), (2, 0))

    def test_a_claim_of_one_row_takes_the_most_valuable(self):
        messages = self._templates(1, 9, 5, 7)

        _taken, ((row, _account, _out),) = self.env["veloc.dispatcher"]._claim(
            "bulk", {self.whatsapp.id: 1}
        )

        self.assertEqual(row["id"], messages[1].id)

    def test_what_waited_goes_when_places_are_free_again(self):
        messages = self._templates(1, 9, 5, 7)
        self._run()

        with freeze_time(NOON + timedelta(days=1, seconds=1)):
            self._run()

        self.assertEqual(set(messages.mapped("state")), {"accepted"})
        self.assertFalse(any(messages.mapped("hold_reason")))

    def test_a_person_counts_once_a_day(self):
        self._templates(1, 1)
        self._run()

        with freeze_time(NOON + timedelta(hours=2)):
            more = self._templates(1, 1, key="2")
            self._run()

        self.assertEqual(set(more.mapped("state")), {"accepted"})

    def test_who_wrote_to_us_needs_no_place(self):
        self.portfolio.daily_limit = 1
        self.env["veloc.conversation"].create(
            {
                "partner_id": self.people[0].id,
                "company_id": self.env.company.id,
                "channel": "whatsapp",
                "window_until": NOON + timedelta(hours=20),
            }
        )
        messages = self._templates(1, 9)

        self._run()

        self.assertEqual(set(messages.mapped("state")), {"accepted"})
        self.assertEqual(self.portfolio.used, 1)

    def test_without_a_limit_everybody_is_written_to(self):
        self.portfolio.daily_limit = 0
        messages = self._templates(1, 2, 3, 4)

        self._run()

        self.assertEqual(set(messages.mapped("state")), {"accepted"})

    def test_what_would_wait_beyond_its_use_expires(self):
        self.portfolio.daily_limit = 1
        self._templates(9)
        self._run()
        late = self._queue(
            self.people[1],
            channel="whatsapp",
            key="late",
            useful_until=NOON + timedelta(hours=3),
        )
        self._approve(late)

        self._run()

        self.assertRecordValues(
            late, [{"state": "expired", "failure_code": "no_budget"}]
        )

    def test_an_agent_cannot_raise_the_limit(self):
        agent = new_test_user(
            self.env, "reach-agent", groups="veloc_messaging.group_user"
        )

        with self.assertRaises(AccessError):
            self.portfolio.with_user(agent).daily_limit = 100_000

    # === THE GAP === #

    def test_two_messages_to_a_person_keep_their_distance(self):
        self.portfolio.daily_limit = 0
        person = self.people[0]
        first = self._queue(person, channel="whatsapp", key="gap1")
        second = self._queue(person, channel="whatsapp", key="gap2")
        self._approve(first + second)

        self.assertEqual(len(self._run().sent), 1)

        self.assertRecordValues(
            second, [{"state": "queued", "hold_reason": "pair_gap"}]
        )
        self.assertEqual(second.next_attempt_at, NOON + timedelta(seconds=7))
        with freeze_time(NOON + timedelta(seconds=7)):
            self.assertEqual(len(self._run().sent), 1)
        self.assertEqual(second.state, "accepted")

    def test_the_queries_do_not_grow_with_the_batch(self):
        counts = []
        for size in (1, 4):
            self._templates(*range(size), key=str(size))
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.cr.execute("DELETE FROM veloc_reach_use")
            self.portfolio.daily_limit = 100
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.env["veloc.dispatcher"]._claim("bulk")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_however_long_the_queue_a_claim_walks_an_index_in_its_order(self):
        """Otherwise a million rows are read and sorted for each claim."""
        dispatcher, turns = self.env["veloc.dispatcher"], {self.whatsapp.id: 64}
        for way, index in (
            (veloc_dispatcher_claim.BY_TIME, "veloc_message_queue_idx"),
            (veloc_dispatcher_claim.BY_WORTH, "veloc_message_worth_idx"),
        ):
            query = dispatcher._claim_query("bulk", turns, way, NOON)
            # So few rows are cheaper read whole; a long queue is what is meant.
            self.env.cr.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
            )
            self.env.cr.execute(SQL("EXPLAIN %s", query))
            plan = "\n".join(line for (line,) in self.env.cr.fetchall())
            self.assertIn(index, plan)
            self.assertNotIn("Sort", plan)
