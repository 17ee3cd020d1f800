"""The night on the ladders: who is looked at, and how an interrupted one goes on."""

from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ..rules.tiers import NIGHT
from .test_tiers import LadderCase


@tagged("post_install", "-at_install")
class TestTiersByNight(LadderCase):
    """Warnings, falls and first places, for those who are due and nobody else."""

    def _warn(self):
        """Let a client's numbers fall too low for the tier, and the night see it."""
        self._ingest(
            self._signup(days_ago=60),
            *[self._trade(days_ago=29) for _ in range(20)],
        )
        self._trader().flush_recordset()
        self._fall_out_of_window()
        self._night(2)
        return self._trader()

    def test_who_waits_for_the_fall_is_not_looked_at_until_that_day(self):
        trader, engine = self._warn(), self.env["veloc.ingest.tiers"]
        where = SQL("t.id = %s", trader.id)
        found = [
            len(
                engine._find_candidates(
                    "tier", NIGHT, where, self.now + timedelta(days=day)
                )
            )
            for day in (3, 8, 9)
        ]
        self.assertEqual(found, [0, 0, 1])

    def test_a_correction_does_not_wait_for_the_day_of_the_fall(self):
        trader = self._warn()
        self.assertTrue(trader.tier_review_on)
        self.env["veloc.ingest.tiers"]._settle(self.now, [trader.id])
        self.env.invalidate_all()
        self.assertEqual(trader.tier_id.code, "low")

    def test_a_night_that_was_interrupted_goes_on_where_it_stopped(self):
        self._tier("moderate").write(
            {"deposit_total": 0, "trades_30d": 0, "net_deposit": 100}
        )
        for ref in ("T-1", "T-2"):
            self._ingest(self._signup(ref), self._deposit("150.00", ref))
        first, second = self._trader("T-1"), self._trader("T-2")
        self.env["veloc.nightly.run"]._current()._set_mark("tiers", first.id)
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["veloc.ingest.tiers"]._nightly_tiers(self.now)
        self.env.invalidate_all()
        self.assertEqual(first.tier_id.code, "low")
        self.assertEqual(second.tier_id.code, "moderate")

    def test_who_stands_nowhere_begins_at_the_bottom_without_a_move(self):
        self._ingest(*[self._signup(f"T-{n}") for n in range(3)])
        self._ingest(self._deposit("600.00", "T-2"))
        traders = self._trader("T-0") + self._trader("T-1") + self._trader("T-2")
        self.env.cr.execute(
            "UPDATE veloc_trader SET tier_id = NULL, tier_since = NULL"
            " WHERE id = ANY(%s); DELETE FROM veloc_tier_event",
            [traders.ids],
        )
        self._night(1)
        codes = traders.mapped("tier_id.code")
        self.assertEqual(codes, ["low", "moderate"])
        self.assertTrue(all(traders.mapped("tier_since")))
        self.assertEqual(traders.tier_event_ids.trader_id, traders[2])

    def test_a_fall_by_night_is_told_to_the_segments(self):
        trader = self._warn()
        self.env.cr.execute(
            "INSERT INTO veloc_segment_mark (trader_id, truths, segment_ids)"
            " VALUES (%s, '{}', '{}') ON CONFLICT (trader_id)"
            " DO UPDATE SET next_check_at = NULL",
            [trader.id],
        )
        self._night(9)
        self.env.cr.execute(
            "SELECT next_check_at FROM veloc_segment_mark WHERE trader_id = %s",
            [trader.id],
        )
        [(due,)] = self.env.cr.fetchall()
        self.assertTrue(due)
