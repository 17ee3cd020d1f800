"""The form itself: its numbers, its rules, and its addresses."""

import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.veloc_crm.rules import capture_ticket

from .capture_case import SITE, TEXT, CaptureCase, CaptureMixin


@tagged("post_install", "-at_install")
class TestCaptureForm(CaptureCase):
    """Views, comparisons, the broker's own forms, and who may do what."""

    # === COUNTING === #

    def test_views_closings_sendings_and_confirmations_are_counted(self):
        for kind in ("show", "show", "close"):
            self.assertEqual(self._note(kind)[0], 200)
        self._submit()
        self._confirm()
        names = ("shows", "closes", "submissions", "confirmations")
        self.assertEqual(self._numbers(*names), (2, 1, 1, 1))
        variant = self.form.variant_ids[0]
        self.assertEqual((variant.shows, variant.confirmations), (2, 1))
        self.assertEqual(variant.rate, 0.5)

    def test_made_up_numbers_need_a_ticket_of_ours(self):
        self._assert_refused(self._note("show", ticket="a.b"), 400, "bad_ticket")
        self._assert_refused(self._note("everything"), 422, "malformed")
        self.assertEqual(self._numbers("shows"), (0,))

    def test_a_note_of_no_known_kind_is_refused_in_words(self):
        for kind in ("gossip", [], {"a": 1}, None):
            self._assert_refused(self._note(kind), 422, "malformed")

    def test_two_variants_are_compared_when_the_planned_views_are_there(self):
        first, second = self.form.variant_ids
        self.assertEqual(second.verdict, "not_enough")
        days = self.env["veloc.capture.day"]
        for variant, won in ((first, 50), (second, 110)):
            row = {"shows": 1000, "confirmations": won, "day": "2026-11-01"}
            days.create({"form_id": self.form.id, "variant_id": variant.id, **row})
        self.assertEqual(second.verdict, "better")
        self.assertAlmostEqual(second.difference, 0.06)
        self.assertLess(second.low, 0.06)
        self.form.planned_shows = 1001
        self.assertEqual(second.verdict, "too_early")
        self.assertFalse(first.verdict)

    # === THE BROKER'S OWN FORMS === #

    def test_a_sign_up_begun_with_consent_is_an_event_once_a_day(self):
        self.form.tracks_signup = True
        for _time in range(2):
            self._note("signup_started", consent=True, email="rui@example.com")
        trader = self.env["veloc.trader"].search([("email", "=", "rui@example.com")])
        events = self.env["veloc.trader.event"].search([("trader_id", "=", trader.id)])
        self.assertEqual(events.mapped("type"), ["signup_started"])

    def test_without_consent_or_unasked_a_beginning_is_nothing(self):
        told = {"email": "rui@example.com"}
        self._note("signup_started", consent=True, **told)
        self.form.tracks_signup = True
        self._note("signup_started", **told)
        self._note("signup_started", consent="yes", **told)
        self._note("signup_started", consent=True, email="no address")
        self.assertFalse(
            self.env["res.partner"].search([("email", "=", told["email"])])
        )
        self.assertEqual(self._numbers("signups_started"), (0,))

    def test_a_known_person_who_begins_again_is_not_doubled_or_changed(self):
        self._ingest(self._signup())
        self.form.tracks_signup = True
        self._note("signup_started", consent=True, email="ANA@example.com")
        events = self.env["veloc.trader.event"].search(
            [("trader_id", "=", self._trader().id), ("type", "=", "signup_started")]
        )
        self.assertEqual(len(events), 1)

    def test_a_typed_address_makes_no_trader_of_a_colleague_or_supplier(self):
        self.form.tracks_signup = True
        user = new_test_user(self.env, "colleague", email="colleague@example.com")
        self._note("signup_started", consent=True, email="colleague@example.com")
        self.assertFalse(user.partner_id.veloc_trader_ids)
        self.assertEqual(self._numbers("signups_started"), (1,))

    def test_a_deposit_begun_under_a_merged_reference_is_the_persons(self):
        other = {"email": "ana@other.example", "phone": "+5521961234567"}
        self._ingest(self._signup("T-1"), self._signup("T-2", **other))
        people = self._trader("T-1").partner_id, self._trader("T-2").partner_id
        self.env["veloc.merge"]._perform(*people)
        self.form.tracks_deposit = True
        proof = capture_ticket.proof_of_trader("T-2", bytes.fromhex(self.form.site_key))
        self._note("deposit_started", consent=True, trader="T-2", proof=proof)
        events = self.env["veloc.trader.event"].search(
            [("trader_id", "=", self._trader().id), ("type", "=", "deposit_started")]
        )
        self.assertEqual(len(events), 1)

    def test_a_deposit_is_begun_only_by_whom_the_broker_has_named(self):
        self._ingest(self._signup())
        self.form.tracks_deposit = True
        proof = capture_ticket.proof_of_trader("T-1", bytes.fromhex(self.form.site_key))
        self._note("deposit_started", consent=True, trader="T-1", proof="0" * 64)
        self._note("deposit_started", consent=True, trader="T-2", proof=proof)
        self.assertEqual(self._numbers("deposits_started"), (0,))
        for _time in range(2):
            self._note("deposit_started", consent=True, trader="T-1", proof=proof)
        events = self.env["veloc.trader.event"].search(
            [("trader_id", "=", self._trader().id), ("type", "=", "deposit_started")]
        )
        self.assertEqual(len(events), 1)

    # === THE FORM === #

    def test_a_form_goes_live_only_when_nothing_is_missing(self):
        form = self.env["veloc.capture.form"].create({"name": "X", "code": "x"})
        steps = (
            {"origins": SITE},
            {"variant_ids": [(0, 0, TEXT)], "asks_phone": False},
            {"ask_whatsapp": False},
        )
        for step in steps:
            with self.assertRaises(UserError):
                form.action_publish()
            form.write(step)
        form.action_publish()
        self.assertEqual(form.state, "live")

    def test_promised_returns_keep_a_form_from_going_live(self):
        word = {"name": "lucro garantido", "kind": "forbidden"}
        words = self.env["veloc.style.word"]
        if not words.search([("name", "=", word["name"])]):
            words.create(word)
        self.form.action_stop()
        self.form.variant_ids[0].body = "Lucro garantido para todos."
        with self.assertRaises(UserError):
            self.form.action_publish()

    def test_a_live_form_cannot_be_made_unfit(self):
        first = self.form.variant_ids[0]
        for record, values in (
            (first, {"body": "Lucro garantido para todos."}),
            (first, {"weight": 0}),
            (self.form, {"origins": ""}),
            (self.form, {"purpose_ids": [(5,)]}),
            (self.form, {"asks_phone": False}),
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                record.write(values)

    def test_a_text_that_was_seen_keeps_its_numbers(self):
        first, second = self.form.variant_ids
        self._note("show")
        with self.assertRaises(UserError):
            first.unlink()
        self.assertTrue(second.unlink())

    def test_an_origin_is_exact(self):
        for line in ("*", "www.broker.example", f"{SITE}/", "http://broker.example"):
            with self.subTest(line=line), self.assertRaises(ValidationError):
                self.form.origins = line

    def test_a_box_is_only_for_what_rests_on_consent(self):
        security = self.env["veloc.purpose"].search([("code", "=", "security")])
        with self.assertRaises(ValidationError):
            self.form.purpose_ids = security

    def test_the_code_of_a_live_form_is_fixed_and_it_cannot_be_deleted(self):
        with self.assertRaises(UserError):
            self.form.code = "other"
        with self.assertRaises(UserError):
            self.form.unlink()

    def test_agents_read_and_analysts_write(self):
        agent = new_test_user(self.env, "agent", groups="veloc_crm.group_user")
        analyst = new_test_user(self.env, "analyst2", groups="veloc_crm.group_analyst")
        self.assertTrue(self.form.with_user(agent).snippet)
        self.assertFalse(self.form.with_user(agent).has_access("write"))
        self.form.with_user(analyst).name = "Renamed"
        self.assertFalse(self._sent().with_user(agent).has_access("read"))


@tagged("post_install", "-at_install")
class TestCaptureRoutes(CaptureMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_form()

    def setUp(self):
        super().setUp()
        self._forget_counts()

    def _call(self, method="GET", path="", origin=SITE, body=None, **headers):
        headers = {"Origin": origin, **headers} if origin else headers
        return self.opener.request(
            method,
            f"{self.base_url()}/veloc/capture/guide{path}?lang=en",
            data=None if body is None else json.dumps(body),
            headers=headers,
            timeout=30,
        )

    def test_the_site_gets_the_texts_and_may_read_them(self):
        answer = self._call()
        self.assertEqual(answer.status_code, 200, answer.text[:300])
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], SITE)
        self.assertEqual(answer.headers["Vary"], "Origin")
        self.assertNotIn("Set-Cookie", answer.headers)
        config = answer.json()
        self.assertEqual(config["texts"]["title"], TEXT["title"])
        self.assertEqual(
            config["triggers"], {"exit": 1, "idle": 180, "scroll": 70, "delay": 30}
        )
        self.assertEqual(config["purposes"][0]["code"], "marketing")

    def test_another_site_gets_nothing(self):
        for origin in ("https://evil.example", f"{SITE}.evil.example", "null", None):
            for method in ("GET", "OPTIONS", "POST"):
                with self.subTest(origin=origin, method=method):
                    answer = self._call(method, origin=origin, body={})
                    self.assertEqual(answer.status_code, 403)
                    self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    def test_a_preflight_is_answered_for_the_site(self):
        answer = self._call("OPTIONS")
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], SITE)
        self.assertIn("POST", answer.headers["Access-Control-Allow-Methods"])

    def test_a_form_is_taken_over_http(self):
        answer = self._call("POST", body=self._body())
        self.assertEqual((answer.status_code, answer.json()), (200, {"status": "ok"}))
        self.assertEqual(len(self._sent()), 1)

    def test_a_view_is_counted_without_preflight(self):
        body = {"kind": "show", "ticket": self._ticket()}
        answer = self._call(
            "POST", "/note", body=body, **{"Content-Type": "text/plain"}
        )
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self._numbers("shows"), (1,))

    def test_reading_counts_and_stores_nothing(self):
        for _time in range(3):
            self._call()
            self._call("HEAD")
        self.assertFalse(self.form.day_ids)
        self.assertFalse(self._sent())

    def test_what_is_no_json_object_is_refused_in_words(self):
        for body in ([], "x", 5, {"ticket": "\ud800.x"}):
            answer = self._call("POST", body=body)
            self.assertEqual(answer.status_code, 400)
            self.assertEqual(answer.json()["error"]["code"], "malformed")

    def test_a_form_that_is_not_live_is_there_for_nobody(self):
        self.form.action_stop()
        answer = self._call()
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(answer.json()["error"]["code"], "unknown_form")

    @mute_logger("odoo.http")
    def test_a_program_in_a_loop_is_held_up(self):
        limit = self.env["veloc.access.limit"].search([("code", "=", "capture_form")])
        limit.write({"hits": 2, "seconds": 600})
        seen = [self._call("POST", body={}).status_code for _time in range(4)]
        self.assertEqual(seen[-1], 429)

    def test_the_preview_is_for_staff_and_works_under_a_strict_policy(self):
        path = f"{self.base_url()}/veloc/capture/guide/preview"
        self.assertIn("/web/login", self.opener.get(path, timeout=30).url)
        new_test_user(self.env, "paula", groups="veloc_crm.group_analyst")
        self.authenticate("paula", "paula")
        answer = self.opener.get(path, timeout=30)
        self.assertIn("script-src 'self'", answer.headers["Content-Security-Policy"])
        self.assertIn('data-form="guide"', answer.text)
        config = self.opener.get(
            f"{self.base_url()}/veloc/capture/guide?preview=1", timeout=30
        ).json()
        self.assertTrue(config["preview"])
