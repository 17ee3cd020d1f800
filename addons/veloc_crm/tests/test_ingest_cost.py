"""What a batch of events leaves alone, because it costs too much."""

from datetime import timedelta

from odoo.tests import tagged

from .common import CrmCase

INDEXED = """
SELECT DISTINCT a.attname FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = %s::regclass
"""
COARSE = """
SELECT last_activity_day = last_activity_at::date,
    next_stage_hour = date_trunc('hour', next_stage_at)
FROM veloc_trader WHERE id = %s
"""


@tagged("post_install", "-at_install")
class TestIngestCost(CrmCase):
    """Queries and indexes."""

    def _queries(self, *events):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        answer = self._ingest(*events)
        self.assertEqual(answer["accepted"], len(events))
        return self.env.cr.sql_log_count - before

    def test_a_trade_before_the_first_deposit_asks_no_more_than_a_login(self):
        self._ingest(self._signup(days_ago=9))
        self._ingest(self._trade(days_ago=3), self._event("login", days_ago=3))
        login = self._queries(self._event("login", days_ago=2))
        self.assertEqual(self._queries(self._trade(days_ago=1)), login)
        self.assertRecordValues(
            self._trader(),
            [
                {
                    "stage": "signup",
                    "next_stage_at": False,
                    "last_activity_at": self.now - timedelta(days=1),
                }
            ],
        )

    def test_no_index_holds_what_every_batch_changes(self):
        changing = {"last_activity_at", "next_stage_at", "last_event_at", "write_date"}
        changing |= {"last_login_at", "last_deposit_at", "net_deposit", "volume_total"}
        self.env.cr.execute(INDEXED, ["veloc_trader"])
        self.assertFalse(changing & {name for (name,) in self.env.cr.fetchall()})

    def test_day_and_hour_follow_the_times_they_stand_for(self):
        self._ingest(self._signup(days_ago=9), self._deposit(days_ago=8))
        for days in (5, 2):
            self._ingest(self._trade(days_ago=days))
            self.env.cr.execute(COARSE, [self._trader().id])
            self.assertEqual(self.env.cr.fetchall(), [(True, True)])

    def test_traders_are_listed_by_their_last_activity_to_the_second(self):
        self._ingest(*(self._signup(f"L-{n}", 9) for n in range(4)))
        for trader, days in (("L-0", 2), ("L-1", 1), ("L-2", 1.0001)):
            self._ingest(self._trade(trader=trader, days_ago=days))
        ours = [("external_ref", "like", "L-")]
        traders = self.env["veloc.trader"]
        newest = ["L-1", "L-2", "L-0", "L-3"]
        self.assertEqual(traders.search(ours).mapped("external_ref"), newest)
        oldest = traders.search(ours, order="last_activity_at asc nulls first, id desc")
        self.assertEqual(oldest.mapped("external_ref"), newest[::-1])

    def test_events_are_grouped_by_trader_in_the_order_of_traders(self):
        self._ingest(*(self._signup(f"L-{n}", 9) for n in range(2)))
        self._ingest(self._trade(trader="L-0", days_ago=1))
        groups = self.env["veloc.trader.event"]._read_group(
            [("trader_id.external_ref", "like", "L-")], ["trader_id"], ["__count"]
        )
        told = [(trader.external_ref, count) for trader, count in groups]
        self.assertEqual(told, [("L-0", 2), ("L-1", 1)])

    def test_a_batch_that_was_sent_in_part_brings_the_rest(self):
        self._ingest(self._signup(days_ago=9))
        old, new = self._trade("10", days_ago=2), self._trade("5", days_ago=1)
        self._ingest(old)
        answer = self._ingest(new, old)
        self.assertEqual((answer["accepted"], answer["duplicates"]), (1, 1))
        self.assertEqual(self._trader().volume_total, 15)
