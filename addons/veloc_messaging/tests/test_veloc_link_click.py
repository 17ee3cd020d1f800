from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import HttpCase, tagged

from ..rules import message_state
from .test_veloc_link import SITE, LinkCase

CHROME = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537"
)
PERSON = {"User-Agent": CHROME, "Accept-Language": "pt-BR"}
LATER = datetime(2026, 3, 11, 16, 0)


class ClickCase(LinkCase):
    """A message that was sent an hour ago, and its link."""

    def setUp(self):
        super().setUp()
        self.message = self._sent(self._queue(template=self.promo))
        self.link = self._links(self.message)

    def _sent(self, message, at=None):
        message._move(message_state.SENDING)
        message._move(message_state.SENT, at=at or LATER - timedelta(hours=1))
        return message

    def _clicks(self, message=None):
        self.env.invalidate_all()
        return (message or self.message).click_ids


@tagged("post_install", "-at_install")
class TestVelocLinkClick(ClickCase):
    """Visits are stored with who made them, and nothing of who it was."""

    def _follow(self, link=None, at=LATER, agent=CHROME, **more):
        request = {
            "agent": agent,
            "headers": {"accept-language": "pt-BR"},
            "ip": "177.10.20.30",
            "is_staff": False,
        }
        with freeze_time(at):
            return self.env["veloc.link.click"]._follow(
                (link or self.link).code, request | more
            )

    def test_a_person_s_click_is_counted_and_led_on(self):
        target = self._follow()

        self.assertEqual(target, self.link.target)
        self.assertRecordValues(
            self._clicks(),
            [
                {
                    "what": "click",
                    "kind": "human",
                    "reason": False,
                    "agent": "phone",
                    "at": LATER,
                    "partner_id": self.ana.id,
                    "channel": "sms",
                    "template_version_id": self.promo.current_version_id.id,
                    "company_id": self.message.company_id.id,
                }
            ],
        )
        self.assertRecordValues(self.link, [{"human_count": 1, "machine_count": 0}])

    def test_no_address_and_no_browser_name_is_kept(self):
        self._follow()
        self.env.cr.execute(
            "SELECT row_to_json(c)::text FROM veloc_link_click c WHERE id = %s",
            [self._clicks().id],
        )
        (stored,) = self.env.cr.fetchone()
        self.assertNotIn("177.10", stored)
        self.assertNotIn("Android", stored)

    def test_a_click_before_anybody_can_have_read_it_is_a_scanner_s(self):
        self._sent_just_now = self._sent(
            self._queue(self.rui, template=self.promo), at=LATER
        )
        self._follow(self._links(self._sent_just_now))
        self.assertRecordValues(
            self._clicks(self._sent_just_now),
            [{"kind": "scanner", "reason": "too_fast"}],
        )

    def test_a_burst_unmasks_the_clicks_that_began_it(self):
        body = " ".join(f"{SITE}/{name}" for name in "abcd") + " SAIR para parar."
        template = self._approved_template(
            "test-many", "marketing", bodies={"sms": ("", body)}
        )
        message = self._sent(self._queue(template=template))
        links = self._links(message)
        self._follow(links[3], at=LATER - timedelta(minutes=5))
        for link in links[:3]:
            self._follow(link)
        clicks = self._clicks(message).sorted("id")
        self.assertEqual(
            clicks.mapped("kind"), ["human", "scanner", "scanner", "scanner"]
        )
        self.assertEqual(set(clicks[1:].mapped("reason")), {"burst"})

    def test_somebody_who_asks_on_and_on_fills_no_table(self):
        for _turn in range(8):
            self.assertTrue(self._follow())
        self.assertEqual(len(self._clicks()), 5)
        self._follow(at=LATER + timedelta(minutes=2))
        self.assertEqual(len(self._clicks()), 6)

    def test_a_host_that_left_the_list_is_led_to_no_more(self):
        self.env["veloc.link.domain"].search([]).active = False
        self.assertIsNone(self._follow())
        self.assertFalse(self._clicks())

    def test_odd_codes_are_not_even_looked_up(self):
        clicks = self.env["veloc.link.click"]
        for code in ("", "x", "a" * 12, "aaaaaaaaa-_", "%00", "á" * 11):
            with self.subTest(code), self.assertQueryCount(0):
                self.assertIsNone(clicks._target(code))

    def test_the_template_counts_messages_that_people_followed(self):
        second = self._sent(self._queue(self.rui, template=self.promo))
        self._follow()
        self._follow(at=LATER + timedelta(minutes=3))
        self._follow(self._links(second), agent="WhatsApp/2.24 A")
        self.assertEqual(self.promo.clicked_count, 1)

    def test_a_visit_costs_few_queries(self):
        self._follow()
        # The last one is for the segments that ask who clicked.
        with self.assertQueryCount(5):
            self._follow()


@tagged("post_install", "-at_install")
class TestLinkPages(ClickCase, HttpCase):
    """The public addresses behind short links and pixels."""

    def _get(self, path, headers=PERSON, method="GET"):
        return self.url_open(
            path, headers=headers, allow_redirects=False, method=method
        )

    def test_a_link_leads_on_and_is_counted_once(self):
        answer = self._get(f"/veloc/l/{self.link.code}")
        self.assertEqual(answer.status_code, 302)
        self.assertEqual(answer.headers["Location"], self.link.target)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertFalse(answer.cookies)
        self.assertEqual(self._clicks().mapped("kind"), ["human"])

    def test_head_leads_on_and_is_not_counted(self):
        answer = self._get(f"/veloc/l/{self.link.code}", method="HEAD")
        self.assertEqual(answer.status_code, 302)
        self.assertEqual(answer.headers["Location"], self.link.target)
        self.assertFalse(self._clicks())

    def test_a_scanner_is_led_on_but_counts_as_one(self):
        self._get(f"/veloc/l/{self.link.code}", {"User-Agent": "curl/8.5.0"})
        self.assertRecordValues(
            self._clicks(), [{"kind": "bot", "reason": "program", "agent": "program"}]
        )

    def test_an_unknown_code_shows_a_page_in_both_languages(self):
        answer = self._get("/veloc/l/AAAAAAAAAAA")
        self.assertEqual(answer.status_code, 404)
        self.assertIn("Este link não é válido", answer.text)
        self.assertIn("This link is not valid", answer.text)

    def test_nothing_in_the_query_changes_where_a_link_leads(self):
        answer = self._get(
            f"/veloc/l/{self.link.code}?target=https://evil.example&url=//evil.example"
        )
        self.assertEqual(answer.headers["Location"], self.link.target)

    def test_a_target_off_the_list_is_never_led_to(self):
        self.env.cr.execute(
            "UPDATE veloc_link SET target = 'https://evil.example/' WHERE id = %s",
            [self.link.id],
        )
        self.assertEqual(self._get(f"/veloc/l/{self.link.code}").status_code, 404)

    def test_our_own_staff_does_not_count(self):
        self.authenticate("admin", "admin")
        self._get(f"/veloc/l/{self.link.code}")
        self.assertEqual(self._clicks().mapped("kind"), ["staff"])

    def test_posting_is_refused(self):
        answer = self._get(f"/veloc/l/{self.link.code}", method="POST")
        self.assertEqual(answer.status_code, 405)
        self.assertFalse(self._clicks())

    def test_the_pixel_counts_an_opening_and_sets_no_cookie(self):
        self.purpose("marketing").track_opens = True
        message = self._sent(self._queue(template=self.promo, channel="email"))
        pixel = self._links(message).filtered(lambda link: link.what == "open")
        answer = self._get(f"/veloc/o/{pixel.code}")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "image/gif")
        self.assertTrue(answer.content.startswith(b"GIF89a"))
        self.assertFalse(answer.cookies)
        self._get(f"/veloc/o/{pixel.code}", {"User-Agent": "Mozilla/5.0"})
        clicks = self._clicks(message).sorted("id")
        self.assertEqual(clicks.mapped("what"), ["open", "open"])
        self.assertEqual(clicks.mapped("reason"), [False, "apple_mpp"])

    def test_a_click_code_opens_no_pixel_and_a_pixel_code_leads_nowhere(self):
        self.purpose("marketing").track_opens = True
        message = self._sent(self._queue(template=self.promo, channel="email"))
        pixel = self._links(message).filtered(lambda link: link.what == "open")
        self.assertEqual(self._get(f"/veloc/o/{self.link.code}").status_code, 200)
        self.assertEqual(self._get(f"/veloc/l/{pixel.code}").status_code, 404)
        self.assertFalse(self._clicks() + self._clicks(message))

    def test_the_preference_page_says_what_is_watched(self):
        url = self.ana._veloc_preferences_path()
        self.assertIn("se os links destas mensagens são abertos", self._get(url).text)
        self.env["veloc.purpose"].search([]).track_clicks = False
        self.assertNotIn(
            "se os links destas mensagens são abertos", self._get(url).text
        )
