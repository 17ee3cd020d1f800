"""Moves in and out of segments end two years on, once an officer released that."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestSegmentMovesEnd(CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moves = cls.env["veloc.segment.event"]
        cls.moves.search([("id", ">", 0)]).unlink()
        cls.segment = cls.env["veloc.segment"].create(
            {"name": "Moves", "code": "retained_moves", "kind": "static"}
        )
        cls.officer = new_test_user(
            cls.env, "moves-officer", groups="veloc_compliance.group_officer"
        )

    def setUp(self):
        super().setUp()
        self._ingest(self._signup(), self._signup("T-2", email="b@example.com"))
        now = fields.Datetime.now()
        self.old, self.held, self.young = self.moves.create(
            [
                {
                    "segment_id": self.segment.id,
                    "trader_id": self._trader(reference).id,
                    "kind": "entered",
                    "at": now - timedelta(days=days),
                }
                for reference, days in (("T-1", 740), ("T-2", 740), ("T-1", 720))
            ]
        )
        person = self._trader("T-2").partner_id
        self.env["veloc.legal.hold"]._place(person.ids, "order", "Order 1", "Claim")

    def _lines(self, run):
        return run.line_ids.filtered(lambda ln: ln.model_name == self.moves._name)

    def _dry_run(self):
        action = self.env["veloc.retention.run"].with_user(self.officer)
        return self.env["veloc.retention.run"].browse(action.action_dry_run()["res_id"])

    def test_a_dry_run_counts_what_is_older_than_two_years_and_keeps_it(self):
        line = self._lines(self._dry_run())
        self.assertRecordValues(line, [{"found": 1, "held": 1, "done": 0}])
        self.assertEqual(line._action(), "delete")
        self.assertTrue(self.old.exists())

    def test_nothing_goes_before_an_officer_released_the_terms(self):
        self.assertFalse(self._lines(self.env["veloc.retention.run"]._begin()))

    def test_released_the_old_ones_go_and_whom_a_court_holds_stay(self):
        run = self._dry_run()
        # Only these terms: the other shipped ones are not what is tested.
        self._lines(run).version_ids._arm()
        line = self._lines(self.env["veloc.retention.run"]._begin())
        line._work_batch()
        left = (self.old | self.held | self.young).exists()
        self.assertEqual(left, self.held | self.young)
