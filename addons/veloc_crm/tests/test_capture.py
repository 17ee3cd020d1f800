"""What somebody sends on the broker's site, until it is a lead."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import new_test_user, tagged

from .capture_case import CaptureCase


@tagged("post_install", "-at_install")
class TestCapture(CaptureCase):
    """Sent, confirmed, refused."""

    # === SUBMITTING === #

    def test_before_the_confirmation_nothing_is_known_of_the_person(self):
        status, answer = self._submit()
        self.assertEqual((status, answer), (200, {"status": "ok"}))
        people = self.env["res.partner"].search([("email", "=", "ana@example.com")])
        self.assertFalse(people)
        self.assertEqual(self._sent().state, "waiting")
        self.assertEqual(len(self._mails()), 1)

    def test_a_confirmed_form_is_a_lead_with_consents_visits_and_variant(self):
        self._submit(boxes=[self._box(), self._box("whatsapp")])
        self._confirm()
        trader = self._sent().trader_id
        partner = trader.partner_id
        self.assertRecordValues(
            partner,
            [
                {
                    "name": "Ana da Silva",
                    "email": "ana@example.com",
                    "phone": "+5511961234567",
                }
            ],
        )
        self.assertEqual(trader.stage, "lead")
        self.assertEqual(trader.source_id.name, "instagram")
        self.assertEqual(trader.campaign_id.name, "verao")
        words = self.env["veloc.consent"].search([("partner_id", "=", partner.id)])
        self.assertEqual(set(words.mapped("channel")), {"email", "whatsapp"})
        self.assertTrue(all(word.granted and word.text_hash for word in words))
        self.assertIn("Form guide, variant A", words[0].evidence)
        self.assertIn("177.1.2.3", words[0].evidence)
        event = self.env["veloc.trader.event"].search([("trader_id", "=", trader.id)])
        self.assertEqual((event.type, event.source), ("lead", "capture:guide"))
        self.assertEqual((event.data["form"], event.data["variant"]), ("guide", "A"))

    def test_the_visits_are_kept_without_what_their_addresses_say(self):
        self._submit()
        self._confirm()
        first, last = self._sent().trader_id.touchpoint_ids.sorted("place")
        self.assertRecordValues(
            first, [{"place": "first", "click_kind": "gclid", "click_id": "Abc12345"}]
        )
        self.assertEqual(last.page, "www.broker.example/guia")
        self.assertEqual(last.utm_campaign, "verao")

    def test_after_the_arrival_the_waiting_row_is_empty(self):
        self._submit()
        self._confirm()
        self.assertRecordValues(
            self._sent(), [{"state": "confirmed", "phone": False, "touches": False}]
        )

    def test_a_known_person_is_answered_alike_and_stays_who_they_are(self):
        self._ingest(self._signup(phone="+5521988887777"))
        trader = self._trader()
        answer = self._submit(name="Somebody Else", phone="(31) 98888-1111")
        self.assertEqual(answer, (200, {"status": "ok"}))
        self._confirm()
        self.assertEqual(self._sent().trader_id, trader)
        self.assertRecordValues(
            trader.partner_id, [{"name": "Ana da Silva", "phone": "+5521988887777"}]
        )
        self.assertEqual(len(trader.touchpoint_ids), 2)

    def test_a_contact_who_is_no_trader_yet_becomes_one_and_is_not_doubled(self):
        partner = self.env["res.partner"].create(
            {"name": "Ana", "email": "ana@example.com"}
        )
        self._submit()
        self._confirm()
        self.assertEqual(self._sent().trader_id.partner_id, partner)
        self.assertEqual(partner.phone, "+5511961234567")

    def test_who_is_under_protection_is_answered_alike_and_gets_no_mail(self):
        self._ingest(self._signup())
        ana = self._trader().partner_id
        blocks = self.env["veloc.suppression"]
        for kind in ("self_exclusion", "complaint", "deceased"):
            with self.subTest(kind=kind):
                blocks._impose(ana.ids, kind, source="test")
                self.assertEqual(self._submit(), (200, {"status": "ok"}))
                self.assertFalse(self._mails())
                blocks._standing_of(ana.ids, kind)._end("test", "")
        self._submit()
        self.assertTrue(self._mails())

    def test_an_excluded_person_is_known_by_an_address_they_had(self):
        self._ingest(self._signup())
        ana = self._trader().partner_id
        self.env["veloc.suppression"]._impose(ana.ids, "self_exclusion", source="test")
        ana.email = "ana@new.example"
        self._submit()
        self.assertFalse(self._mails())

    def test_a_colleague_s_contact_is_left_alone(self):
        user = new_test_user(self.env, "ana", email="ana@example.com")
        user.partner_id.phone = False
        self._submit()
        self._confirm()
        self.assertFalse(user.partner_id.phone)

    def test_sent_twice_is_stored_once_and_mailed_once(self):
        body = self._body()
        for _time in range(2):
            answer = self.door._submit(self.form, dict(body), {})
            self.assertEqual(answer[0], 200)
        self._submit()  # another page view, the same boxes
        self.assertEqual(len(self._sent()), 1)
        self.assertEqual(len(self._mails()), 1)

    def test_after_the_confirmation_an_old_page_view_asks_nobody_again(self):
        body = self._body()
        self.door._submit(self.form, dict(body), {})
        self._confirm()
        self.door._submit(self.form, dict(body), {})
        self.assertEqual(len(self._mails()), 1)

    def test_who_types_somebody_s_address_again_does_not_change_what_waits(self):
        self._submit()
        self._submit(name="Mallory", phone="(31) 98888-1111")
        self._confirm()
        partner = self._sent().trader_id.partner_id
        self.assertEqual(partner.name, "Ana da Silva")
        self.assertEqual(partner.phone, "+5511961234567")

    # === REFUSALS === #

    def test_wrong_fields_are_named_in_the_language_of_the_page(self):
        status, answer = self._submit(name="", email="x", boxes=[])
        self.assertEqual((status, answer["error"]["code"]), (422, "invalid_fields"))
        wrong = answer["error"]["fields"]
        self.assertEqual(
            {name: fault["code"] for name, fault in wrong.items()},
            {"name": "missing_name", "email": "invalid_email", "boxes": "missing_box"},
        )
        self.assertEqual(wrong["name"]["message"], "Please tell us your name.")

    def test_nobody_consents_to_a_text_they_did_not_see(self):
        purpose = self.env["veloc.purpose"].search([("code", "=", "marketing")])
        old = self._box()
        version = self.env["veloc.purpose.version"].create(
            {"purpose_id": purpose.id, "legal_basis": "consent", "notice": "Another."}
        )
        version.action_publish()
        self._assert_refused(self._submit(boxes=[old]), 409, "stale_text")
        self.assertEqual(self._submit()[0], 200)

    def test_a_text_in_another_language_is_another_text(self):
        portuguese = self.door.with_context(lang="pt_BR")._purposes(self.form)[0]
        box = {**self._box(), "hash": portuguese["hash"] + "0"}
        self._assert_refused(self._submit(boxes=[box]), 409, "stale_text")

    def test_a_purpose_that_the_form_does_not_ask_for_is_refused(self):
        box = {**self._box(), "purpose": "bonus"}
        self._assert_refused(self._submit(boxes=[box]), 409, "stale_text")

    def test_programs_are_refused(self):
        self._assert_refused(self._submit(ticket="x.y"), 400, "bad_ticket")
        self._assert_refused(self._submit(ticket=self._ticket(1)), 409, "too_fast")
        late = self._ticket(3 * 3600)
        self._assert_refused(self._submit(ticket=late), 409, "expired_ticket")

    def test_who_fills_in_the_hidden_field_is_thanked_and_forgotten(self):
        self.assertEqual(self._submit(website="x")[0], 200)
        self.assertFalse(self._sent())
        self.assertFalse(self._mails())

    def test_one_address_is_not_flooded_with_mails(self):
        channels = ("email", "whatsapp")
        sets = [[c] for c in channels] + [list(channels), list(reversed(channels))]
        for wanted in [*sets, ["email"]]:
            answer = self._submit(boxes=[self._box(c) for c in wanted])
            self.assertEqual(answer, (200, {"status": "ok"}))
        self.assertLessEqual(len(self._mails()), 3)

    def test_an_erased_person_comes_back_by_the_confirmation_alone(self):
        self._erase_ana()
        self._submit()
        people = self.env["res.partner"].search([("email", "=", "ana@example.com")])
        self.assertFalse(people)
        self._confirm()
        self.assertEqual(self._sent().trader_id.stage, "lead")

    def test_an_erased_person_s_address_begins_no_sign_up(self):
        self._erase_ana()
        self.form.tracks_signup = True
        self._note("signup_started", consent=True, email="ana@example.com")
        people = self.env["res.partner"].search([("email", "=", "ana@example.com")])
        self.assertFalse(people)

    def test_visits_are_forgotten_after_13_months(self):
        self._submit()
        self._confirm()
        points = self._sent().trader_id.touchpoint_ids
        with freeze_time(fields.Datetime.now() + timedelta(days=400)):
            points._gc_old_touches()
        self.assertFalse(points.exists())
