from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .merge_case import MergeCase

CPF = "529.982.247-25"
OTHER_CPF = "111.444.777-35"
CNPJ, OTHER_CNPJ = "00.000.000/0001-91", "12.ABC.345/01DE-35"


@tagged("post_install", "-at_install")
class TestVelocMergeAfter(MergeCase):
    """What comes after a merge, what is refused, and how it ends."""

    # === EVENTS AFTERWARDS === #

    def test_events_under_either_reference_are_the_persons(self):
        self._merge()
        answer = self._ingest(
            self._deposit("10.00", "T-1"),
            self._deposit("20.00", "T-2"),
            self._signup("T-2", name="Ana Luiza"),
        )
        self.assertEqual((answer["accepted"], answer["rejected"]), (3, []))
        self.assertEqual(self._trader("T-1").deposit_total, 250.0)
        self.assertFalse(self._trader("T-2"))

    def test_after_an_undo_events_go_to_whom_their_reference_names(self):
        merge = self._merge()
        self._ingest(self._deposit("10.00", "T-1"), self._deposit("20.00", "T-2"))
        merge.action_undo()
        self.assertEqual(self._trader("T-1").deposit_total, 110.0)
        self.assertEqual(self._trader("T-2").deposit_total, 140.0)
        self._ingest(self._deposit("1.00", "T-2"))
        self.assertEqual(self._trader("T-2").deposit_total, 141.0)
        days = self.env["veloc.trader.day"]
        for ref, total in (("T-1", 110.0), ("T-2", 141.0)):
            own = days.search([("trader_id", "=", self._trader(ref).id)])
            self.assertEqual(sum(own.mapped("deposit_total")), total)

    def test_what_somebody_changed_since_stays(self):
        merge = self._merge(email="ana@other.example")
        self.kept.email = "ana@newest.example"
        merge.action_undo()
        self.assertEqual(self.kept.email, "ana@newest.example")
        self.assertEqual(self.gone.email, "ana@other.example")

    # === WHAT IS REFUSED === #

    def test_people_of_different_cpfs_are_two(self):
        self.kept.veloc_cpf, self.gone.veloc_cpf = CPF, OTHER_CPF
        with self.assertRaisesRegex(UserError, "different CPFs"):
            self._merge()

    def test_companies_of_different_cnpjs_are_two_people_need_not_be(self):
        (self.kept | self.gone).is_company = True
        self.kept.veloc_cnpj, self.gone.veloc_cnpj = CNPJ, OTHER_CNPJ
        with self.assertRaisesRegex(UserError, "different CNPJs"):
            self._merge()
        (self.kept | self.gone).is_company = False
        self.assertTrue(self._merge())

    def test_a_cnpj_follows_the_merge_and_goes_back_with_its_undoing(self):
        self.gone.veloc_cnpj = OTHER_CNPJ
        merge = self._merge()
        self.assertEqual(self.kept.veloc_cnpj, "12ABC34501DE35")
        merge.action_undo()
        self.env.invalidate_all()
        self.assertFalse(self.kept.veloc_cnpj)
        self.assertEqual(self.gone.veloc_cnpj, "12ABC34501DE35")

    def test_nobody_erased_is_brought_back(self):
        self.gone.sudo()._veloc_block()
        with self.assertRaisesRegex(UserError, "blocked"):
            self._merge()

    def test_nobody_is_merged_with_themselves_or_twice(self):
        with self.assertRaises(UserError):
            self.merges._perform(self.kept, self.kept)
        self._merge()
        with self.assertRaises(UserError):
            self._merge()

    def test_a_login_is_not_merged_away(self):
        with self.assertRaisesRegex(UserError, "login"):
            self.merges._perform(self.kept, self.analyst.partner_id)

    def test_agents_merge_nobody_and_undo_nothing(self):
        agent = new_test_user(self.env, "agent", groups="veloc_crm.group_user")
        with self.assertRaises(AccessError):
            self.env["veloc.merge"].with_user(agent)._perform(self.kept, self.gone)
        merge = self._merge()
        with self.assertRaises(AccessError):
            merge.with_user(agent).action_undo()

    def test_agents_are_shown_no_way_to_a_merge_that_they_may_not_open(self):
        agent = new_test_user(self.env, "agent", groups="veloc_crm.group_user")
        self._merge()
        for user, model in ((agent, False), (self.analyst, "veloc.merge")):
            timeline = self.env["veloc.timeline"].with_user(user)
            page = timeline.load_page(self._trader("T-1").id, kinds=["merge"])
            self.assertEqual([e["model"] for e in page["entries"]], [model])

    def test_the_later_of_two_merges_is_undone_first(self):
        self._ingest(self._signup("T-3", email="ana@third.example", phone=None))
        third = self._trader("T-3").partner_id
        first = self._merge()
        second = self.merges._perform(self.kept, third)
        with self.assertRaisesRegex(UserError, "later merge"):
            first.action_undo()
        second.action_undo()
        first.action_undo()
        self.assertEqual(self._trader("T-2").partner_id, self.gone)
        self.assertEqual(self._trader("T-3").partner_id, third)

    def test_events_under_an_older_reference_go_back_with_whom_it_led_to(self):
        self._ingest(self._signup("T-3", email="ana@third.example", phone=None))
        third = self._trader("T-3").partner_id
        self.merges._perform(third, self.gone)  # T-2 is T-3
        last = self.merges._perform(self.kept, third)  # and both are T-1
        self._ingest(self._deposit("7.00", "T-2"))
        last.action_undo()
        self.assertEqual(self._trader("T-1").deposit_total, 100.0)
        self.assertEqual(self._trader("T-3").deposit_total, 127.0)

    def test_the_same_when_the_older_merge_is_final_already(self):
        self._ingest(self._signup("T-3", email="ana@third.example", phone=None))
        third = self._trader("T-3").partner_id
        first = self.merges._perform(third, self.gone)
        last = self.merges._perform(self.kept, third)
        first.sudo()._make_final()
        self._ingest(self._deposit("7.00", "T-2"))
        last.action_undo()
        self.assertEqual(self._trader("T-3").deposit_total, 127.0)
        self.assertFalse(self.env["veloc.trader.alias.event"].search([]))

    # === THE END === #

    def test_after_30_days_a_merge_is_final_and_its_notes_are_gone(self):
        merge = self._merge()
        merge.sudo().undo_until = fields.Datetime.now() - relativedelta(days=1)
        with self.assertRaisesRegex(UserError, "no longer"):
            merge.action_undo()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_end_undo").method_direct_trigger()
        self.assertRecordValues(merge.sudo(), [{"state": "final"}])
        self.assertFalse(merge.sudo().undo_sealed)

    def test_an_erasure_ends_the_way_back_at_once(self):
        merge = self._merge()
        self.kept.sudo()._veloc_block()
        self.assertEqual(merge.state, "final")
        self.assertFalse(merge.sudo().undo_sealed)

    def test_two_contacts_of_whom_one_trades_become_one_trader(self):
        plain = self.env["res.partner"].create({"name": "Ana Silva", "phone": "x"})
        merge = self.merges._perform(plain, self.kept)
        self.assertEqual(self._trader("T-1").partner_id, plain)
        merge.action_undo()
        self.assertEqual(self._trader("T-1").partner_id, self.kept)

    def test_the_dialog_suggests_who_stays_and_why(self):
        wizards = self.env["veloc.merge.wizard"].with_user(self.analyst)
        action = wizards._open(self.gone, self.kept)
        wizard = wizards.browse(action["res_id"])
        self.assertEqual(wizard.keep, "right")
        self.assertIn("approved", wizard.keep_why)
        self.assertFalse(wizard.refusal)
        mail = wizard.line_ids.filtered(lambda line: line.field_name == "email")
        mail.choice = "left"
        wizard.action_merge()
        self.assertEqual(self.kept.email, "ana@other.example")
        self.assertFalse(self.gone.active)

    def test_a_reversal_under_the_other_reference_finds_its_event(self):
        deposit = self._deposit("500.00", "T-2")
        self._ingest(deposit)
        self._merge()
        answer = self._ingest(
            self._event("reversal", "T-2", data={"reverses": deposit["id"]})
        )
        self.assertEqual((answer["accepted"], answer["rejected"]), (1, []))
        self.assertEqual(self._trader("T-1").deposit_total, 220.0)
