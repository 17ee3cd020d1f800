"""Archived months of people who were merged: files keep old numbers, readers do not."""

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .archive_case import MONTH, NOW, ArchiveCase


@tagged("post_install", "-at_install")
class TestArchiveOfMergedPeople(ArchiveCase):
    """T-1 left four events in May 2021, T-2 three."""

    def _merge(self, kept="T-2", gone="T-1"):
        # sudo: who may merge is the merge's own test.
        merges = self.env["veloc.merge"].sudo()
        return merges._perform(
            self._trader(kept).partner_id, self._trader(gone).partner_id
        )

    def _owners(self):
        """Return ``{reference: events}`` of the month; None: nobody's."""
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT t.external_ref, count(*) FROM veloc_trader_event_raw r"
                    " LEFT JOIN veloc_trader t ON t.id = r.trader_id"
                    " WHERE r.at >= '2021-05-01' AND r.at < '2021-06-01' GROUP BY 1"
                )
            )
        )

    def _erase(self, ref):
        self.env["veloc.erasure"]._erase(self._trader(ref).partner_id, "request")
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()

    def _count_emptied(self):
        return len(self._rows("external_id = 'erased-' || id AND data IS NULL"))

    def test_a_month_that_comes_back_after_a_merge_is_the_survivor_s(self):
        archive, _before = self._archive()
        self._merge()
        self._bring_back(archive)
        self.assertEqual(self._owners(), {"T-2": 7})

    def test_undoing_the_merge_parts_the_month_again(self):
        archive, before = self._archive()
        merge = self._merge()
        self._bring_back(archive)
        merge.action_undo()
        self.assertEqual(self._owners(), {"T-1": 4, "T-2": 3})
        self.assertEqual(self._rows(), before)
        self.assertEqual(self._trader("T-1").deposit_total, 10.2)

    def test_a_merge_undone_before_the_month_comes_back_leaves_it_as_it_was(self):
        archive, before = self._archive()
        self._merge().action_undo()
        self._bring_back(archive)
        self.assertEqual(self._rows(), before)

    def test_a_month_that_left_under_the_survivor_s_number_is_parted_too(self):
        self._live_through_may()
        before = self._rows()
        merge = self._merge()
        self._run_night()
        merge.action_undo()
        archive = self.archives.search([("month", "=", MONTH)])
        self._bring_back(archive)
        self.assertEqual(self._owners(), {"T-1": 4, "T-2": 3})
        self.assertEqual(self._rows(), before)
        notes = self.env["veloc.archive.owner"].search_count([])
        self.assertEqual(notes, 0)

    def test_who_was_merged_twice_is_found_at_the_end_of_the_row(self):
        archive, before = self._archive()
        self._ingest(self._signup("T-3", email="c@example.com", phone=None))
        first = self._merge()
        second = self._merge("T-3", "T-2")
        self._bring_back(archive)
        self.assertEqual(self._owners(), {"T-3": 7})
        second.action_undo()
        self.assertEqual(self._owners(), {"T-2": 7})
        first.action_undo()
        self.assertEqual(self._rows(), before)

    def test_after_the_thirty_days_the_month_still_finds_its_person(self):
        archive, _before = self._archive()
        merge = self._merge()
        merge._make_final()
        self._bring_back(archive)
        self.assertEqual(self._owners(), {"T-2": 7})
        self.assertFalse(self.env["veloc.trader.alias.event"].search([]))

    def test_events_since_the_merge_must_be_here_when_it_is_undone(self):
        self._live_through_may()
        merge = self._merge()
        self._ingest(self._deposit("5.00", "T-1", at=self._at(20)))
        self._run_night()
        with self.assertRaisesRegex(UserError, "bring their month back"):
            merge.action_undo()
        self._bring_back(self.archives.search([("month", "=", MONTH)]))
        merge.action_undo()
        self.assertEqual(self._owners(), {"T-1": 5, "T-2": 3})
        self.assertEqual(self._trader("T-1").deposit_total, 15.2)
        self.assertEqual(self._trader("T-2").deposit_total, 0)

    def test_an_erasure_reaches_the_file_under_either_number(self):
        archive, before = self._archive()
        former = archive.file_name
        self._merge()
        self._erase("T-2")
        self.assertEqual(self._run_night()["rewritten"], 1)
        self.assertNotEqual(archive.file_name, former)
        self._bring_back(archive)
        self.assertEqual(self._count_emptied(), len(before))
        self.assertEqual(list(self._owners().values()), [7])

    def test_an_erasure_of_one_who_was_parted_leaves_the_other_s_events(self):
        self._live_through_may()
        merge = self._merge()
        self._run_night()
        merge.action_undo()
        self._erase("T-1")
        archive = self.archives.search([("month", "=", MONTH)])
        self.assertEqual(self._run_night()["rewritten"], 1)
        self._bring_back(archive)
        self.assertEqual(self._count_emptied(), 4)
        self.assertEqual(self._owners()["T-2"], 3)

    def test_a_restore_before_the_night_empties_both_numbers_too(self):
        archive, before = self._archive()
        self._merge()
        self._erase("T-2")
        self._bring_back(archive)
        self.assertEqual(self._count_emptied(), len(before))

    def test_the_night_rewrites_nothing_of_people_who_were_merged_only(self):
        archive, _before = self._archive()
        former = archive.file_name
        self._merge()
        self.archives._archive_due(NOW)
        self.assertEqual(archive.file_name, former)
