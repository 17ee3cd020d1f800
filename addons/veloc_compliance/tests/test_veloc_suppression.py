from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..const import SUPPRESSION_KINDS
from .common import ComplianceCase


@tagged("post_install", "-at_install")
class TestSuppression(ComplianceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blocks = cls.env["veloc.suppression"]
        cls.clerk = new_test_user(cls.env, "clerk", groups="base.group_user")
        cls.now = fields.Datetime.now()

    def _standing(self, partner=None):
        partner = partner or self.ana
        return self.blocks.search(
            [("partner_id", "=", partner.id), ("is_active", "=", True)]
        )

    def _in(self, **delta):
        return self.now + timedelta(**delta)

    # === IMPOSING === #

    def test_a_suppressed_person_is_refused_until_lifted(self):
        self._grant(self.ana)
        self.blocks._impose(self.ana.ids, "complaint", source="test")
        self.assertEqual(self._ask(self.ana).reason, "complaint")
        self.blocks._lift(self.ana.ids, "complaint", source="test")
        self.assertTrue(self._ask(self.ana).allowed)

    def test_every_kind_can_be_imposed_and_is_seen(self):
        for kind, _label in SUPPRESSION_KINDS:
            channel = "sms" if kind in ("opt_out", "channel_blocked") else None
            self.blocks._impose(self.ana.ids, kind, channel, source="test")
        self.assertEqual(
            set(self._standing().mapped("kind")), {k for k, _l in SUPPRESSION_KINDS}
        )
        self.assertEqual(self._ask(self.ana).reason, "deceased")

    def test_imposing_twice_is_one_row(self):
        for _time in range(2):
            self.blocks._impose((self.ana | self.rui).ids * 2, "complaint", source="t")
        self.assertEqual(len(self._standing()), 1)
        self.assertEqual(len(self._standing(self.rui)), 1)

    def test_a_longer_term_extends_and_a_shorter_one_changes_nothing(self):
        until = self._in(days=30)
        for days in (10, 30, 5):
            self.blocks._impose(
                self.ana.ids, "cooling_off", source="t", until=self._in(days=days)
            )
        self.assertEqual(self._standing().until_at, until)

    def test_an_open_end_is_the_longest_term(self):
        self.blocks._impose(self.ana.ids, "cooling_off", until=self._in(days=3))
        self.blocks._impose(self.ana.ids, "cooling_off")
        self.blocks._impose(self.ana.ids, "cooling_off", until=self._in(days=9))
        self.assertFalse(self._standing().until_at)

    def test_a_term_that_ran_out_lets_a_new_one_begin(self):
        self.blocks._impose(self.ana.ids, "cooling_off", until=self._in(days=1))
        with freeze_time(self._in(days=2)):
            self.assertFalse(self._standing())
            self.blocks._impose(self.ana.ids, "cooling_off", until=self._in(days=5))
            self.assertEqual(self._standing().until_at, self._in(days=5))
        self.assertEqual(
            self.blocks.search_count([("partner_id", "=", self.ana.id)]), 2
        )

    def test_a_term_that_ran_out_no_longer_holds(self):
        self._grant(self.ana)
        self.blocks._impose(self.ana.ids, "cooling_off", until=self._in(hours=1))
        asked = (self.ana.id, self.purpose("account_service").id, "sms")
        self.assertTrue(self.gate._ask([asked], self.now)[0].allowed)
        asked = (self.ana.id, self.purpose("marketing").id, "sms")
        held, free = (
            self.gate._ask([asked], moment)[0]
            for moment in (self.now, self._in(hours=1))
        )
        self.assertEqual(held.reason, "cooling_off")
        self.assertNotEqual(free.reason, "cooling_off")

    def test_a_block_imposed_while_a_batch_runs_counts_for_the_batch(self):
        self._grant(self.ana)
        self.blocks._impose(self.ana.ids, "complaint")
        asked = (self.ana.id, self.purpose("marketing").id, "sms")
        (verdict,) = self.gate._ask([asked], self._in(seconds=-30))
        self.assertEqual(verdict.reason, "complaint")

    def test_an_opt_out_names_its_channel(self):
        for kind, channel in (("opt_out", None), ("complaint", "sms")):
            with (
                self.subTest(kind=kind),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.blocks._impose(self.ana.ids, kind, channel)

    def test_a_kind_that_does_not_exist_is_a_bug(self):
        with self.assertRaises(ValueError):
            self.blocks._impose(self.ana.ids, "bad_mood")

    def test_opt_outs_of_two_channels_stand_side_by_side(self):
        for channel in ("sms", "whatsapp", "sms"):
            self.blocks._impose(self.ana.ids, "opt_out", channel)
        self.assertEqual(set(self._standing().mapped("channel")), {"sms", "whatsapp"})
        self.blocks._lift(self.ana.ids, "opt_out", channel="sms")
        self.assertEqual(self._standing().mapped("channel"), ["whatsapp"])

    def test_a_thousand_people_cost_what_one_costs(self):
        people = self.env["res.partner"].create([{"name": f"{n}"} for n in range(50)])
        self.env.flush_all()
        # The rows, the desk's calls, the ledger, the segments.
        with self.assertQueryCount(6):
            self.blocks._impose(people[:1].ids, "complaint", source="t")
        with self.assertQueryCount(6):
            self.blocks._impose(people.ids, "complaint", source="t")

    # === LIFTING === #

    def test_what_the_person_chose_cannot_be_lifted_before_its_end(self):
        for kind in ("self_exclusion", "cooling_off"):
            self.blocks._impose(self.ana.ids, kind, until=self._in(days=30))
            self.assertFalse(self.blocks._lift(self.ana.ids, kind, "test", "please"))
        self.assertEqual(len(self._standing()), 2)

    def test_only_an_officer_declares_somebody_alive(self):
        self.blocks._impose(self.ana.ids, "deceased")
        as_clerk = self.blocks.with_user(self.clerk)
        self.assertFalse(as_clerk._lift(self.ana.ids, "deceased", "test"))
        self.assertEqual(self._ask(self.ana, "account_service").reason, "deceased")
        self.assertTrue(self.blocks._lift(self.ana.ids, "deceased", "test", "Mix-up"))
        self.assertTrue(self._ask(self.ana, "account_service").allowed)

    def test_lifting_says_who_when_and_why(self):
        self.blocks._impose(self.ana.ids, "complaint")
        block = self._standing()
        lifted = self.blocks._lift(self.ana.ids, "complaint", "helpdesk", "Settled")
        self.assertEqual(lifted, block)
        self.assertRecordValues(
            block,
            [
                {
                    "is_active": False,
                    "lifted_by": self.env.uid,
                    "lift_source": "helpdesk",
                    "lift_note": "Settled",
                }
            ],
        )
        self.assertTrue(block.lifted_at)

    def test_lifting_what_does_not_stand_is_harmless(self):
        self.assertFalse(self.blocks._lift(self.ana.ids, "complaint", "test"))

    def test_the_search_for_those_in_force_agrees_with_the_field(self):
        self.blocks._impose(self.ana.ids, "complaint")
        self.blocks._impose(self.ana.ids, "kyc_block")
        self.blocks._lift(self.ana.ids, "kyc_block", "test")
        mine = self.blocks.search([("partner_id", "=", self.ana.id)])
        for value in (True, False):
            found = self.blocks.search(
                [("partner_id", "=", self.ana.id), ("is_active", "=", value)]
            )
            self.assertEqual(found, mine.filtered(lambda b, v=value: b.is_active is v))
            self.assertEqual(len(found), 1)

    # === BY HAND === #

    def _wizard(self, **values):
        return self.env["veloc.suppression.impose"].create(
            {"partner_ids": self.ana.ids, "kind": "complaint", "note": "Wrote to us"}
            | values
        )

    def test_staff_imposes_with_a_reason(self):
        self._wizard().action_impose()
        self.assertRecordValues(
            self._standing(), [{"source": "staff", "note": "Wrote to us"}]
        )

    def test_staff_is_told_what_is_missing(self):
        for values in (
            {"kind": "opt_out"},
            {"kind": "cooling_off", "until_at": self._in(days=-1)},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._wizard(**values).action_impose()

    def test_a_channel_chosen_and_then_not_needed_is_left_out(self):
        self._wizard(channel="sms").action_impose()
        self.assertFalse(self._standing().channel)

    def test_staff_asks_to_lift_with_a_reason_and_nothing_ends_by_that(self):
        self._wizard().action_impose()
        self.env["veloc.suppression.lift"].create(
            {"suppression_ids": self._standing().ids, "note": "Settled"}
        ).action_lift()
        wish = self.env["veloc.suppression.loosening"].search(
            [("suppression_id", "in", self._standing().ids)]
        )
        self.assertRecordValues(wish, [{"state": "requested", "reason": "Settled"}])

    def test_staff_is_told_which_one_stays_and_none_is_lifted(self):
        self._wizard().action_impose()
        self._wizard(kind="self_exclusion", until_at=self._in(days=9)).action_impose()
        wizard = self.env["veloc.suppression.lift"].create(
            {"suppression_ids": self._standing().ids, "note": "All of them"}
        )
        with self.assertRaisesRegex(UserError, "Self-exclusion"):
            wizard.action_lift()
        self.assertEqual(len(self._standing()), 2)

    # === ACCESS === #

    def test_who_may_not_see_suppressions_does_not(self):
        self.blocks._impose(self.ana.ids, "complaint")
        with self.assertRaises(AccessError):
            self.blocks.with_user(self.clerk).search([])
        with self.assertRaises(AccessError):
            self.ana.with_user(self.clerk).read(["veloc_suppression_ids"])
        with self.assertRaises(AccessError):
            self.env["veloc.suppression.impose"].with_user(self.clerk).create({})

    def test_nobody_writes_a_suppression_directly_officers_included(self):
        self.blocks._impose(self.ana.ids, "self_exclusion")
        officer = new_test_user(
            self.env, "dpo", groups="veloc_compliance.group_officer"
        )
        block = self._standing().with_user(officer)
        self.assertEqual(block.kind, "self_exclusion")
        for change in (
            lambda: block.write({"lifted_at": self.now}),
            block.unlink,
            lambda: block.copy(),
        ):
            with self.assertRaises(AccessError):
                change()
