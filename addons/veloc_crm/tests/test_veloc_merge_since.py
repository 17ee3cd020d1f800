from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .merge_case import MergeCase


@tagged("post_install", "-at_install")
class TestVelocMergeSince(MergeCase):
    """What came while two records were one is not lost when they part again."""

    def _blocks(self, person):
        standing = self.env["veloc.suppression"].search(
            [("partner_id", "=", person.id), ("is_active", "=", True)]
        )
        return sorted(standing.mapped("kind"))

    def _say(self, person, granted):
        word = {"partner_id": person.id, "purpose": "marketing", "channel": "sms"}
        self.env["veloc.consent"].record([{**word, "granted": granted, "source": "t"}])

    def _words(self):
        states = self.env["veloc.consent.state"].search(
            [("partner_id", "in", (self.kept | self.gone).ids)]
        )
        return {state.partner_id: state.granted for state in states}

    def _set_limit(self, person, amount):
        limits = self.env["veloc.care.limit"]
        currency = self.env.company.currency_id
        limits._set_limit(person, "deposit", "day", amount, currency, "test")

    def _pair_of_leads(self):
        """Return the contacts of T-3 and T-4, who have opened an account only."""
        self._ingest(
            self._signup("T-3", 20, email="eva@one.example", phone="+5511961230003"),
            self._signup("T-4", 20, email="eva@two.example", phone="+5511961230004"),
        )
        return self._trader("T-3").partner_id, self._trader("T-4").partner_id

    def _stage(self, ref):
        self.env.invalidate_all()
        return self._trader(ref).stage

    # === WHAT PROTECTS PEOPLE === #

    def test_who_excluded_themselves_since_is_protected_under_both_records(self):
        merge = self._merge()
        self._ingest(self._event("self_excluded", "T-2"))
        merge.action_undo()
        for person in (self.kept, self.gone):
            self.assertEqual(self._blocks(person), ["self_exclusion"])

    def test_an_exclusion_prolonged_since_is_longer_for_both(self):
        blocks = self.env["veloc.suppression"]
        soon = self.now + timedelta(days=30)
        blocks._impose(self.gone.ids, "self_exclusion", source="t", until=soon)
        merge = self._merge()
        blocks._impose(self.kept.ids, "self_exclusion", source="t")
        merge.action_undo()
        for person in (self.kept, self.gone):
            standing = blocks._standing_of(person.ids, "self_exclusion")
            self.assertEqual(standing.mapped("until_at"), [False])

    def test_what_stood_before_stays_with_whom_it_was_about(self):
        self.env["veloc.suppression"]._impose(self.gone.ids, "complaint", source="t")
        self._merge().action_undo()
        self.assertFalse(self._blocks(self.kept))
        self.assertEqual(self._blocks(self.gone), ["complaint"])

    def test_a_mailbox_that_came_back_since_says_nothing_about_the_other(self):
        merge = self._merge()
        self.env["veloc.suppression"]._impose(
            self.kept.ids, "channel_blocked", channel="email", source="t"
        )
        merge.action_undo()
        self.assertEqual(self._blocks(self.kept), ["channel_blocked"])
        self.assertFalse(self._blocks(self.gone))

    def test_a_no_since_is_the_no_of_both(self):
        self._say(self.gone, True)
        merge = self._merge()
        self._say(self.kept, False)
        merge.action_undo()
        self.assertEqual(self._words(), {self.kept: False, self.gone: False})

    def test_a_yes_since_is_the_survivors_alone(self):
        merge = self._merge()
        self._say(self.kept, True)
        merge.action_undo()
        self.assertEqual(self._words(), {self.kept: True})

    def test_a_limit_set_since_holds_for_both(self):
        self._set_limit(self.kept, 100)
        self._set_limit(self.gone, 50)
        merge = self._merge()
        self._set_limit(self.kept, 20)
        merge.action_undo()
        rows = self.env["veloc.care.limit"].search(
            [
                ("partner_id", "in", (self.kept | self.gone).ids),
                ("state", "=", "active"),
            ]
        )
        found = {row.partner_id: row.amount for row in rows}
        self.assertEqual(found, {self.kept: 20, self.gone: 20})

    # === SCORES THAT A PERSON TOOK BACK === #

    def _withheld(self, ref):
        self.env.invalidate_all()
        return self._trader(ref).figures_id.score_withheld

    def test_scores_taken_back_of_either_are_not_computed_for_the_one(self):
        self.env.flush_all()
        self.env["veloc.privacy.review"]._withhold(self.gone)
        merge = self._merge()
        self.assertTrue(self._withheld("T-1"))
        merge.action_undo()
        self.assertFalse(self._withheld("T-1"))
        self.assertTrue(self._withheld("T-2"))

    def test_scores_taken_back_since_are_taken_back_of_both(self):
        merge = self._merge()
        self.env["veloc.privacy.review"]._withhold(self.kept)
        merge.action_undo()
        self.assertTrue(self._withheld("T-1"))
        self.assertTrue(self._withheld("T-2"))

    # === WHERE THEY STAND === #

    def test_a_first_deposit_since_is_not_forgotten(self):
        merge = self.merges._perform(*self._pair_of_leads())
        self._ingest(self._deposit("10.00", "T-3", 1))
        merge.action_undo()
        self.assertEqual(self._stage("T-3"), "first_deposit")
        self.assertTrue(self._trader("T-3").first_deposit_at)
        self.assertEqual(self._stage("T-4"), "signup")

    def test_a_first_deposit_of_the_other_is_the_others(self):
        merge = self.merges._perform(*self._pair_of_leads())
        self._ingest(self._deposit("10.00", "T-4", 1))
        merge.action_undo()
        self.assertEqual(self._stage("T-3"), "signup")
        self.assertEqual(self._stage("T-4"), "first_deposit")
        lines = self.env["veloc.lifecycle.event"].search(
            [
                ("trader_id", "in", (self._trader("T-3") | self._trader("T-4")).ids),
                ("stage", "=", "first_deposit"),
            ]
        )
        self.assertEqual(lines.trader_id, self._trader("T-4"))

    def test_a_first_deposit_taken_back_since_is_none(self):
        people = self._pair_of_leads()
        self._ingest(self._deposit("10.00", "T-3", 9, id="first"))
        merge = self.merges._perform(*people)
        self._ingest(self._event("reversal", "T-3", 1, data={"reverses": "first"}))
        merge.action_undo()
        self.assertEqual(self._stage("T-3"), "signup")
        self.assertFalse(self._trader("T-3").first_deposit_at)

    def test_an_identity_check_since_is_whose_it_was(self):
        merge = self._merge()
        self._ingest(
            self._event("kyc_rejected", "T-1", 1), self._event("kyc_approved", "T-2")
        )
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(self._trader("T-1").kyc_state, "rejected")
        self.assertEqual(self._trader("T-2").kyc_state, "approved")

    # === WHO MAY, AND WHAT === #

    def test_the_dialog_writes_no_field_that_it_does_not_offer(self):
        self.gone.ref = "not yours"
        dialog = self._dialog(self.analyst)
        dialog.write(
            {"line_ids": [(0, 0, {"field_name": "ref", "choice": "right"})]},
        )
        dialog.action_merge()
        self.assertNotEqual(self.kept.ref, "not yours")

    def test_nobody_merges_traders_of_a_company_that_is_not_theirs(self):
        company = self.env["res.company"].create({"name": "Another Broker"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="veloc_crm.group_analyst",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        dialog = self._dialog(stranger)
        with self.assertRaises(AccessError):
            dialog.action_merge()

    def _dialog(self, user):
        return (
            self.env["veloc.merge.wizard"]
            .with_user(user)
            .with_company(user.company_id)
            .create(
                {"left_id": self.kept.id, "right_id": self.gone.id, "keep": "left"},
            )
        )
