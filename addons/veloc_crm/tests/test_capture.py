"""A form on the broker's site, from the page's side and from ours."""

import json
import os
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.veloc_crm.rules import capture_ticket

from .common import CrmCase, TraderMixin

SITE = "https://www.broker.example"
LINK = re.compile(r"/veloc/confirm/([\w-]+)")
TEXT = {"title": "Free guide", "body": "How trading works.", "button": "Send it"}
TOUCHES = {
    "first": {
        "at": "2026-11-01T10:00:00Z",
        "utm_source": "google",
        "gclid": "Abc12345",
    },
    "last": {
        "utm_source": "instagram",
        "utm_campaign": "verao",
        "page": f"{SITE}/guia?email=secret@example.com",
    },
}


class CaptureMixin(TraderMixin):
    """A live form and what its page sends."""

    @classmethod
    def _set_up_form(cls):
        cls._set_up_broker()
        cls.env["res.lang"]._activate_lang("pt_BR")
        cls.form = cls.env["veloc.capture.form"].create(
            {
                "name": "Guide",
                "code": "guide",
                "origins": f"{SITE}\nhttp://localhost:8001",
                "variant_ids": [
                    (0, 0, {"name": "A", "weight": 1, **TEXT}),
                    (0, 0, {"name": "B", "weight": 0, **TEXT}),
                ],
            }
        )
        cls.form.action_publish()
        cls.door = cls.env["veloc.capture.door"].with_context(lang="en_US")

    def _ticket(self, seconds=10, form=None):
        form = form or self.form
        variant = form.variant_ids[0].id
        at = fields.Datetime.now() - timedelta(seconds=seconds)
        type(self).counter += 1
        ticket = capture_ticket.Ticket(form.code, variant, f"n-{self.counter}", at)
        return capture_ticket.issue(ticket, form._key("ticket"))

    def _box(self, channel="email", purpose="marketing"):
        for shown in self.door._purposes(self.form):
            if shown["code"] == purpose:
                keys = ("version", "hash")
                return {
                    "purpose": purpose,
                    "channel": channel,
                    **{key: shown[key] for key in keys},
                }
        raise LookupError(purpose)

    def _body(self, **changes):
        return {
            "ticket": self._ticket(),
            "name": "Ana da Silva",
            "email": "ana@example.com",
            "phone": "(11) 96123-4567",
            "boxes": [self._box()],
            "touches": TOUCHES,
            "page": f"{SITE}/guia?a=b",
            **changes,
        }

    def _forget_counts(self):
        """Give whoever ran before us no say in what is too often."""
        limits = self.env["veloc.rate.limit"]
        limits._forget("confirmation.address", "ana@example.com")
        limits._forget("confirmation.ip", "177.1.2.3", "127.0.0.1")

    def _sent(self):
        return self.env["veloc.capture.submission"].search(
            [("form_id", "=", self.form.id)]
        )

    def _mails(self, email="ana@example.com"):
        return self.env["mail.mail"].search([("email_to", "=", email)], order="id")

    def _numbers(self, *names):
        days = self.form.day_ids
        return tuple(sum(days.mapped(name)) for name in names)


@tagged("post_install", "-at_install")
class TestCapture(CaptureMixin, CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_form()

    def setUp(self):
        super().setUp()
        # What is counted beside the transaction is taken back with it.
        self.enterContext(self.enter_registry_test_mode())
        self._forget_counts()

    def _submit(self, **changes):
        visit = {"ip": "177.1.2.3", "user_agent": "Firefox"}
        return self.door._submit(self.form, self._body(**changes), visit)

    def _confirm(self, email="ana@example.com"):
        token = LINK.search(self._mails(email)[-1].body_html)[1]
        pending = self.env["veloc.consent.pending"]._find(token)
        proof = SimpleNamespace(ip="177.1.2.3", user_agent="Firefox", lang="en_US")
        self.assertTrue(pending._confirm(proof))
        return pending

    def _assert_refused(self, answer, status, code):
        self.assertEqual((answer[0], answer[1]["error"]["code"]), (status, code))
        self.assertTrue(answer[1]["error"]["message"])

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

    def _erase_ana(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        journal = str(Path(folder.name) / "tombstones.jsonl")
        self.startPatcher(patch.dict(os.environ, {"VELOC_TOMBSTONES": journal}))
        self._ingest(self._signup(days_ago=9))
        self.env["veloc.erasure"]._erase(self._trader().partner_id, "request")
        self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()

    # === COUNTING === #

    def _note(self, kind, **more):
        ticket = more.pop("ticket", None) or self._ticket()
        return self.door._note(self.form, {"kind": kind, "ticket": ticket, **more})

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

    def test_visits_are_forgotten_after_13_months(self):
        self._submit()
        self._confirm()
        points = self._sent().trader_id.touchpoint_ids
        with freeze_time(fields.Datetime.now() + timedelta(days=400)):
            points._gc_old_touches()
        self.assertFalse(points.exists())


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
        for body in ([], "x", 5):
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
