from odoo.tests import HttpCase, tagged

from .common import ComplianceCase


@tagged("post_install", "-at_install")
class TestPreferencePages(HttpCase, ComplianceCase):
    def setUp(self):
        super().setUp()
        self.marketing = self.purpose("marketing")
        self.page = self.ana._veloc_preferences_path()

    def _events(self, partner=None):
        partner = partner or self.ana
        domain = [("partner_id", "=", partner.id)]
        return self.env["veloc.consent"].search(domain, order="id")

    def _count(self):
        return self.env["veloc.consent"].search_count([])

    def _stop_path(self, partner, purpose, channel):
        url = partner._veloc_unsubscribe_url(purpose, channel)[partner.id]
        return url[url.index("/veloc/") :]

    def _save(self, *ticked, **more):
        purposes = self.env["veloc.purpose"]._revocable()
        form = {
            "shown": [f"{p.id}:{p.current_version_id.id}" for p in purposes],
            "allow": [f"{p.id}:{channel}" for p, channel in ticked],
        }
        return self.url_open(self.page, data=form | more, timeout=20)

    # === LOOKING === #

    def test_looking_changes_nothing(self):
        self._grant(self.ana)
        stop = self._stop_path(self.ana, self.marketing, "sms")
        before = self._count()
        for path in (self.page, stop, self.page + "?action=stop", stop + "?x=1"):
            for method in ("GET", "HEAD"):
                answer = self.url_open(path, method=method, timeout=20)
                self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._count(), before)
        self.assertTrue(self._ask(self.ana).allowed)

    def test_the_page_shows_what_the_person_allowed(self):
        self._grant(self.ana, channel="sms")
        page = self.url_open(self.page).text
        self.assertIn(f'value="{self.marketing.id}:sms" checked', page)
        self.assertNotIn(f'value="{self.marketing.id}:email" checked', page)

    def test_only_what_depends_on_the_person_has_boxes(self):
        page = self.url_open(self.page).text
        self.assertIn(f'value="{self.marketing.id}:sms"', page)
        self.assertNotIn(f'value="{self.purpose("security").id}:', page)

    def test_the_page_speaks_the_persons_language(self):
        self.assertIn('<html lang="pt-BR"', self.url_open(self.page).text)
        self.ana.lang = "en_US"
        page = self.url_open(self.page).text
        self.assertIn('<html lang="en-US"', page)
        self.assertIn("Stop everything", page)

    def test_the_other_language_is_one_click_away(self):
        page = self.url_open(self.page + "?lang=en_US").text
        self.assertIn("Stop everything", page)

    def test_an_unknown_language_is_ignored(self):
        answer = self.url_open(self.page + "?lang=xx_YY")
        self.assertEqual(answer.status_code, 200)
        self.assertIn('<html lang="pt-BR"', answer.text)

    def test_the_page_names_nobody_and_stays_private(self):
        answer = self.url_open(self.page)
        for private in ("Ana", "ana@example.com", "96123"):
            self.assertNotIn(private, answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertIn(
            "frame-ancestors 'none'", answer.headers["Content-Security-Policy"]
        )

    # === SAVING === #

    def test_a_ticked_box_becomes_a_consent_with_its_proof(self):
        answer = self._save((self.marketing, "sms"))
        self.assertEqual(answer.status_code, 200)
        version = self.marketing.current_version_id
        self.assertRecordValues(
            self._events(),
            [
                {
                    "purpose_id": self.marketing.id,
                    "version_id": version.id,
                    "channel": "sms",
                    "granted": True,
                    "source": "preference_page",
                    "text_language": "pt_BR",
                    "text_hash": version.with_context(lang="pt_BR").text_hash,
                    "ip": "127.0.0.1",
                }
            ],
        )
        self.assertTrue(self._events().user_agent)
        self.assertTrue(self._ask(self.ana).allowed)

    def test_an_emptied_box_takes_the_consent_back(self):
        self._grant(self.ana, channel="sms")
        self._grant(self.ana, channel="email")
        self._save((self.marketing, "email"))
        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")
        self.assertTrue(self._ask(self.ana, channel="email").allowed)

    def test_saving_twice_records_once(self):
        self._save((self.marketing, "sms"))
        self._save((self.marketing, "sms"))
        self.assertEqual(len(self._events()), 1)

    def test_stop_everything_stops_everything(self):
        self._grant(self.ana, channel="sms")
        self._grant(self.ana, purpose="bonus", channel="email")
        self._save(action="stop")
        for purpose in ("marketing", "bonus", "winback"):
            for channel in ("email", "sms", "whatsapp", "call"):
                verdict = self._ask(self.ana, purpose, channel)
                self.assertEqual(verdict.reason, "consent_revoked")
        self.assertTrue(self._ask(self.ana, "account_service").allowed)

    def test_a_form_about_other_purposes_cannot_grant(self):
        security = self.purpose("security")
        form = {
            "shown": f"{security.id}:{security.current_version_id.id}",
            "allow": f"{security.id}:sms",
        }
        self.assertEqual(self.url_open(self.page, data=form).status_code, 200)
        self.assertFalse(self._events())

    def test_the_version_that_was_on_the_screen_is_the_one_agreed_to(self):
        shown = self.marketing.current_version_id
        draft = self.env["veloc.purpose.version"].create(
            {"purpose_id": self.marketing.id, "notice": "Something quite different."}
        )
        draft.action_publish()
        form = {
            "shown": f"{self.marketing.id}:{shown.id}",
            "allow": f"{self.marketing.id}:sms",
        }
        self.url_open(self.page, data=form)
        self.assertEqual(self._events().version_id, shown)
        self.assertEqual(self._ask(self.ana).reason, "consent_outdated")

    def test_a_draft_or_foreign_version_cannot_be_agreed_to(self):
        draft = self.env["veloc.purpose.version"].create(
            {"purpose_id": self.marketing.id, "notice": "Not yet decided."}
        )
        foreign = self.purpose("bonus").current_version_id
        for version, channel in ((draft, "sms"), (foreign, "email")):
            form = {
                "shown": f"{self.marketing.id}:{version.id}",
                "allow": [f"{self.marketing.id}:{channel}"],
            }
            self.url_open(self.page, data=form)
        used = self._events().version_id
        self.assertEqual(used, self.marketing.current_version_id)

    def test_a_tick_opens_a_channel_that_stop_had_closed(self):
        self.env["veloc.suppression"]._impose(self.ana.ids, "opt_out", "sms", "stop")
        self._save((self.marketing, "sms"))
        self.assertTrue(self._ask(self.ana).allowed)

    def test_what_was_shown_empty_does_not_come_back_with_another_tick(self):
        self.env["veloc.suppression"]._impose(self.ana.ids, "opt_out", "sms", "stop")
        # Recorded by a program after the STOP; the page shows the box empty.
        self._grant(self.ana, purpose="bonus", channel="sms")
        self.assertNotIn(
            f'value="{self.purpose("bonus").id}:sms" checked',
            self.url_open(self.page).text,
        )
        self._save((self.marketing, "sms"))
        self.assertTrue(self._ask(self.ana).allowed)
        self.assertEqual(self._ask(self.ana, "bonus").reason, "consent_revoked")

    def test_a_page_of_one_person_moves_nobody_else(self):
        self._grant(self.rui)
        self._save(action="stop")
        self.assertTrue(self._ask(self.rui).allowed)

    # === ONE CLICK === #

    def test_one_click_of_a_mail_program_revokes_and_answers_200(self):
        self._grant(self.ana, channel="email")
        path = self._stop_path(self.ana, self.marketing, "email")
        self.opener.cookies.clear()
        answer = self.url_open(path, data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(answer.history)
        self.assertNotIn("Set-Cookie", answer.headers)
        event = self._events()[-1]
        self.assertRecordValues(
            event, [{"channel": "email", "granted": False, "source": "one_click"}]
        )
        self.assertEqual(self._ask(self.ana, channel="email").reason, "consent_revoked")

    def test_one_click_ends_its_purpose_and_channel_alone(self):
        self._grant(self.ana, channel="email")
        self._grant(self.ana, channel="sms")
        self._grant(self.ana, purpose="bonus", channel="email")
        self.url_open(self._stop_path(self.ana, self.marketing, "email"), data={"x": 1})
        self.assertTrue(self._ask(self.ana, channel="sms").allowed)
        self.assertTrue(self._ask(self.ana, "bonus", "email").allowed)

    def test_one_click_repeated_adds_nothing(self):
        path = self._stop_path(self.ana, self.marketing, "email")
        for _click in range(3):
            self.assertEqual(self.url_open(path, data={"x": 1}).status_code, 200)
        self.assertEqual(len(self._events()), 1)

    def test_a_link_about_what_cannot_be_revoked_ends_what_can(self):
        self._grant(self.ana, channel="email")
        path = self._stop_path(self.ana, self.purpose("account_service"), "email")
        self.url_open(path, data={"x": 1})
        self.assertEqual(self._ask(self.ana, channel="email").reason, "consent_revoked")
        self.assertTrue(self._ask(self.ana, "account_service", "email").allowed)

    def test_the_page_with_the_button_names_purpose_and_channel(self):
        self.ana.lang = "en_US"
        page = self.url_open(self._stop_path(self.ana, self.marketing, "email")).text
        self.assertIn(self.marketing.with_context(lang="en_US").name, page)
        self.assertIn('<form method="post"', page)

    # === STRANGERS === #

    def test_a_wrong_link_is_a_friendly_404_that_tells_nothing(self):
        good = self.page.rsplit("/", 1)[1]
        forged = ("A" if good[0] != "A" else "B") + good[1:]
        gone = self.env["res.partner"].create({"name": "Gone"})
        gone_path = gone._veloc_preferences_path()
        gone.unlink()
        before = self._count()
        pages = set()
        for path in (
            f"/veloc/preferences/{forged}",
            "/veloc/preferences/abc",
            f"/veloc/unsubscribe/{good}",
            gone_path,
        ):
            for data in (None, {"action": "stop"}):
                answer = self.url_open(path, data=data)
                self.assertEqual(answer.status_code, 404)
                pages.add(answer.text)
        self.assertEqual(len(pages), 1)
        self.assertIn("Este link não é válido", pages.pop())
        self.assertEqual(self._count(), before)

    def test_a_huge_form_is_refused(self):
        answer = self.url_open(self.page, data={"allow": "x" * 100_000})
        self.assertGreaterEqual(answer.status_code, 400)
        self.assertFalse(self._events())

    # === A PAUSE === #

    def _pause(self, **form):
        data = {"action": "pause", "term": "6m"} | form
        return self.url_open(self.page, data=data, timeout=20)

    def _paused(self, kind="self_exclusion"):
        domain = [("partner_id", "=", self.ana.id), ("kind", "=", kind)]
        return self.env["veloc.suppression"].search([*domain, ("is_active", "=", True)])

    def test_a_pause_begins_at_once_and_keeps_its_consents(self):
        self._grant(self.ana)
        answer = self._pause(confirm="yes")
        self.assertEqual(self._ask(self.ana).reason, "self_exclusion")
        self.assertEqual(self._paused().source, "preference_page")
        self.assertIn('id="pause"', answer.text)
        self.assertIn(str(self._paused().until_at.year), answer.text)
        self.assertEqual(self._count(), 1)

    def test_a_pause_without_confirmation_asks_again_and_changes_nothing(self):
        answer = self._pause()
        self.assertFalse(self._paused())
        self.assertIn('value="6m" checked', answer.text)

    def test_looking_with_the_words_of_a_pause_changes_nothing(self):
        for method in ("GET", "HEAD"):
            path = self.page + "?action=pause&term=6m&confirm=yes"
            self.url_open(path, method=method, timeout=20)
        self.assertFalse(self._paused())

    def test_a_term_that_we_do_not_offer_is_no_pause(self):
        self._pause(term="5 minutes", confirm="yes")
        self.assertFalse(self._paused())

    def test_a_pause_is_never_made_shorter_on_the_page(self):
        self._pause(term="12m", confirm="yes")
        until = self._paused().until_at
        self._pause(term="1m", confirm="yes")
        self._pause(term="24h", confirm="yes")
        self._paused().invalidate_recordset()
        self.assertEqual(self._paused().until_at, until)
