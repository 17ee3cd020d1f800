import json
import re

from freezegun import freeze_time

from odoo.tests import HttpCase, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..rules import push_payload
from .push_case import CHROME, SECRET, PushCase


@tagged("post_install", "-at_install")
class TestPushPages(PushCase, HttpCase):
    """What a trader sees and does, and what a browser reports."""

    def setUp(self):
        super().setUp()
        # The pages belong to the address that serves them here.
        self.env["ir.config_parameter"].set_param("veloc.public_url", self.base_url())
        self.path = self.ana._veloc_push_path()
        self.env.flush_all()

    def _post(self, data, headers=None, path=None):
        return self.url_open(
            path or self.path,
            data=json.dumps(data),
            headers={"Content-Type": "application/json", "User-Agent": CHROME}
            | (headers or {}),
        )

    def _wish(self, *ticked, name="ana-phone", **more):
        shown = [box["value"] for box in self._values()["boxes"]]
        allow = [box for box in shown if box.split(":")[0] in ticked]
        subscription = self._browser(name)
        return {
            "action": "subscribe",
            "subscription": subscription,
            "shown": shown,
            "allow": allow,
            **more,
        }

    def _values(self):
        return self.env["veloc.push.page"]._values(self.ana)

    def _live(self):
        self.env.invalidate_all()
        domain = [("partner_id", "=", self.ana.id), ("state", "=", "live")]
        return self.env["veloc.push.subscription"].search(domain)

    def _words(self):
        self.env.invalidate_all()
        domain = [("partner_id", "=", self.ana.id), ("channel", "=", "push")]
        return self.env["veloc.consent"].search(domain, order="id")

    def _ticked(self, text):
        return re.findall(r'<input[^>]*value="([^"]+)"[^>]*\schecked', text)

    # === THE PAGE === #

    def test_nothing_is_ticked_and_reading_changes_nothing(self):
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertIn('name="allow"', page.text)
        self.assertFalse(self._ticked(page.text))
        self.assertFalse(self._words())
        self.assertFalse(self._live())

    def test_the_page_allows_no_foreign_and_no_inline_script(self):
        page = self.url_open(self.path)
        policy = page.headers["Content-Security-Policy"]
        self.assertIn("script-src 'self'", policy)
        self.assertNotIn("script-src 'self' 'unsafe", policy)
        self.assertIn("default-src 'none'", policy)
        self.assertFalse(re.search(r"<script(?![^>]*\bsrc=)", page.text))
        self.assertFalse(re.search(r"\son\w+=", page.text))
        self.assertEqual(page.headers["Cache-Control"], "no-store")

    def test_the_page_speaks_both_languages_and_labels_everything(self):
        portuguese = self.url_open(self.path).text
        english = self.url_open(f"{self.path}?lang=en_US").text
        self.assertIn('lang="pt-BR"', portuguese)
        self.assertIn("Ativar notificações", portuguese)
        self.assertIn("Turn notifications on", english)
        boxes = re.findall(r"<label>\s*<input[^>]*>\s*<span>[^<]+</span>", english)
        self.assertEqual(len(boxes), english.count('type="checkbox"'))
        for about in re.findall(r'aria-describedby="([^"]+)"', english):
            self.assertIn(f'id="{about}"', english)

    def test_the_page_gives_the_browser_our_public_key(self):
        key = self.push._push_public_key()
        self.assertIn(f'data-key="{key}"', self.url_open(self.path).text)

    def test_without_an_account_the_page_says_so(self):
        self.push.active = False
        self.env.flush_all()
        page = self.url_open(f"{self.path}?lang=en_US").text
        self.assertIn("not available at the moment", page)
        self.assertNotIn("<script", page)
        self.assertEqual(self._post(self._wish()).status_code, 400)

    def test_a_wrong_token_tells_nothing(self):
        for path in ("/veloc/push/x", self.path[:-2] + "zz", self.path + "A"):
            with self.subTest(path=path):
                self.assertEqual(self.url_open(path).status_code, 404)
                self.assertEqual(self._post({}, path=path).status_code, 404)

    def test_the_preference_page_leads_here(self):
        preferences = self.ana._veloc_preferences_path()
        self.assertIn(f'href="{self.path}"', self.url_open(preferences).text)

    # === TURNING ON AND OFF === #

    def test_turning_on_keeps_the_browser_and_the_words_with_proof(self):
        answer = self._post(self._wish("marketing"))

        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._live().device, "Chrome · Android")
        granted = self._words().filtered("granted")
        self.assertRecordValues(
            granted,
            [
                {
                    "purpose_id": self.purpose("marketing").id,
                    "source": "push_page",
                    "text_language": "pt_BR",
                    "user_agent": CHROME,
                    "recorded_by": self.env.ref("base.public_user").id,
                }
            ],
        )
        self.assertTrue(granted.text_hash)
        self.assertTrue(granted.ip)
        verdict = self._ask(self.ana, "marketing", "push")
        self.assertEqual(verdict.outcome, "allowed")
        self.assertEqual(self._ticked(self.url_open(self.path).text), ["marketing:1"])

    def test_turning_on_without_a_tick_allows_only_what_needs_none(self):
        self._post(self._wish())
        self.assertTrue(self._live())
        self.assertFalse(self._words().filtered("granted"))
        self.assertNotEqual(self._ask(self.ana, "marketing", "push").outcome, "allowed")

    def test_saying_the_same_twice_is_one_word(self):
        self._post(self._wish("marketing"))
        count = len(self._words())
        self._post(self._wish("marketing"))
        self.assertEqual(len(self._words()), count)

    def test_taking_a_tick_away_revokes(self):
        self._post(self._wish("marketing"))
        self._post(self._wish())
        self.assertFalse(self._words()[-1].granted)
        self.assertNotEqual(self._ask(self.ana, "marketing", "push").outcome, "allowed")

    def test_a_tick_for_a_box_that_was_not_shown_is_no_consent(self):
        self._post(self._wish("marketing", shown=[]))
        self.assertFalse(self._words())

    def test_turning_off_the_last_browser_revokes_everything(self):
        self._post(self._wish("marketing"))
        self._post(self._wish("marketing", name="ana-laptop"))
        for name, left in (("ana-phone", 1), ("ana-laptop", 0)):
            endpoint = self._browser(name)["endpoint"]
            self._post({"action": "unsubscribe", "endpoint": endpoint})
            self.assertEqual(len(self._live()), left)
            allowed = self._ask(self.ana, "marketing", "push").outcome == "allowed"
            self.assertEqual(allowed, bool(left))

    def test_turning_off_everywhere_needs_no_script(self):
        self._post(self._wish("marketing"))
        answer = self.url_open(f"{self.path}?lang=en_US", data={"action": "stop"})
        self.assertIn("turned off in all your browsers", answer.text)
        self.assertFalse(self._live())
        self.assertNotEqual(self._ask(self.ana, "marketing", "push").outcome, "allowed")

    def test_ticking_again_lifts_the_opt_out_of_push_only(self):
        for channel in ("push", "sms"):
            self.env["veloc.suppression"]._impose(
                self.ana.ids, "opt_out", channel=channel, source="test"
            )
        self._post(self._wish("marketing"))
        standing = self.env["veloc.suppression"].search(
            [("partner_id", "=", self.ana.id), ("lifted_at", "=", False)]
        )
        self.assertEqual(standing.mapped("channel"), ["sms"])

    def test_a_browser_of_somebody_else_cannot_be_turned_off(self):
        row = self._subscribe(self.rui, name="rui")
        self._post({"action": "unsubscribe", "endpoint": row.endpoint})
        self.assertEqual(row.state, "live")

    # === WHAT IS REFUSED === #

    def test_an_address_that_is_no_push_service_is_refused(self):
        for endpoint in (
            "http://127.0.0.1:8069/x",
            "https://169.254.169.254/latest",
            "https://fcm.googleapis.com@evil.example/x",
            "https://evil.example/fcm.googleapis.com",
        ):
            with self.subTest(endpoint=endpoint):
                wish = self._wish("marketing")
                wish["subscription"]["endpoint"] = endpoint
                self.assertEqual(self._post(wish).status_code, 400)
        self.assertFalse(self._live())
        self.assertFalse(self._words())

    def test_another_site_cannot_act_with_the_link(self):
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": self.base_url()},
        ):
            with self.subTest(headers=headers):
                answer = self._post(self._wish("marketing"), headers)
                self.assertEqual(answer.status_code, 403)
        self.assertFalse(self._live())
        own = {"Origin": self.base_url(), "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(self._post(self._wish(), own).status_code, 200)

    def test_nonsense_is_answered_shortly(self):
        for body in ("", "null", "[]", '"x"', "{", '{"action": "fly"}'):
            with self.subTest(body=body):
                headers = {"Content-Type": "application/json"}
                answer = self.url_open(self.path, data=body or " ", headers=headers)
                self.assertEqual(answer.status_code, 400)
                self.assertEqual(answer.json()["error"]["code"], "bad_request")

    def test_a_body_that_is_too_big_is_not_read(self):
        wish = self._wish(junk="x" * 9000)
        self.assertEqual(self._post(wish).status_code, 413)

    # === WORKER AND MANIFEST === #

    def test_the_worker_is_served_at_its_scope_with_the_allowed_hosts(self):
        self.env["ir.config_parameter"].set_param(
            "veloc_messaging.site_url", "https://broker.example/home"
        )
        answer = self.url_open("/veloc/push/sw.js")
        self.assertIn("text/javascript", answer.headers["Content-Type"])
        hosts = json.loads(re.search(r"const HOSTS = (\[.*?\]);", answer.text)[1])
        self.assertIn("broker.example", hosts)
        self.assertNotIn("veloc.invalid", hosts)
        self.assertIn("addEventListener", answer.text)

    def test_the_manifest_starts_on_the_persons_page(self):
        manifest = self.url_open(f"{self.path}/app.webmanifest").json()
        self.assertEqual(manifest["start_url"], self.path)
        self.assertEqual(manifest["scope"], "/veloc/push/")
        for icon in manifest["icons"]:
            self.assertEqual(self.url_open(icon["src"]).status_code, 200)
        self.assertEqual(
            self.url_open("/veloc/push/x/app.webmanifest").status_code, 404
        )

    # === REPORTS === #

    def _report(self, message, event, key=None):
        key = key or push_payload.report_key(SECRET, message.reference)
        return self.url_open(
            f"/veloc/webhook/push/test-push/{message.reference}?key={key}",
            data=json.dumps({"event": event, "reference": message.reference}),
            headers={"Content-Type": "application/json"},
        )

    def _sent(self):
        self._subscribe()
        with freeze_time(NOON):
            message = self._queue(self.ana, self.notice, "push")
            with self.fake_provider() as provider:
                self.run_dispatch_cron()
        reference = provider.sent[0].reference
        message.sudo().provider_ref = reference
        return message

    def test_what_the_browser_reports_becomes_the_state(self):
        message = self._sent()
        for event, state in (("shown", "delivered"), ("click", "read")):
            self.assertEqual(self._report(message, event).status_code, 204)
            self.run_cron("veloc_messaging.ir_cron_fold")
            message.invalidate_recordset()
            self.assertEqual(message.state, state)
        self._report(message, "shown")
        self._report(message, "close")
        self.run_cron("veloc_messaging.ir_cron_fold")
        message.invalidate_recordset()
        self.assertEqual((message.state, message.has_conflict), ("read", False))

    def test_a_report_with_another_key_is_refused_and_counted(self):
        message = self._sent()
        key = push_payload.report_key("other", message.reference)
        self.assertEqual(self._report(message, "shown", key).status_code, 403)
        refusals = self.env["veloc.webhook.refusal"].search([])
        self.assertEqual(refusals.mapped("reason"), ["bad_signature"])
