import json
import re

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.veloc_compliance.tests.common import NOON

from ..rules import short_link
from .common import MessagingCase

SITE = "https://www.veloc.example"
BASE = "https://veloc.example.com/veloc/l"
LINK = re.compile(rf"{BASE}/[0-9A-Za-z]{{11}}(?![0-9A-Za-z])")
TEXT = f"{{{{ first_name | default('Olá') }}}}, veja {SITE}/novo. SAIR para parar."
EMAIL = (
    f'<p><a href="{SITE}/novo?a=1&amp;b=2">Ver</a> <a href="https://other.example/">x</a>'
    '</p><p><a href="{{ unsubscribe_url }}">Cancelar</a></p>'
)


class LinkCase(MessagingCase):
    """Templates with links that may be followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.link.domain"].create({"name": "www.veloc.example"})
        # One link here leads to a stranger on purpose.
        cls.env.ref("veloc_messaging.veloc_style_rule_links").active = False
        bodies = {"sms": ("", TEXT), "whatsapp": ("", TEXT), "email": ("Oi", EMAIL)}
        cls.promo = cls._approved_template("test-links", "marketing", bodies=bodies)

    def _links(self, message):
        return self.env["veloc.link"].search([("message_id", "=", message.id)])


@tagged("post_install", "-at_install")
class TestVelocLink(LinkCase):
    """Short links in messages: made in bulk, to known hosts, switched by purpose."""

    def test_an_address_in_an_sms_becomes_a_short_link_with_utm(self):
        message = self._queue(template=self.promo)

        link = self._links(message)
        (short,) = LINK.findall(message.body)
        self.assertEqual(message.body, f"Ana, veja {short}. SAIR para parar.")
        self.assertEqual(short, f"{BASE}/{link.code}")
        self.assertRecordValues(
            link,
            [
                {
                    "what": "click",
                    "target": f"{SITE}/novo?utm_source=veloc&utm_medium=sms"
                    "&utm_campaign=test-links&utm_content=v1",
                    "partner_id": self.ana.id,
                    "template_version_id": self.promo.current_version_id.id,
                    "channel": "sms",
                    "campaign": "test-links",
                    "company_id": message.company_id.id,
                }
            ],
        )

    def test_the_caller_names_the_campaign(self):
        message = self._queue(
            template=self.promo, campaign="welcome", campaign_part="step-2"
        )
        link = self._links(message)
        self.assertEqual(link.campaign, "welcome")
        self.assertIn("utm_campaign=welcome&utm_content=step-2", link.target)

    def test_in_an_email_only_links_to_known_hosts_are_replaced(self):
        message = self._queue(template=self.promo, channel="email")

        link = self._links(message)
        self.assertEqual(len(link), 1)
        self.assertTrue(link.target.startswith(f"{SITE}/novo?a=1&b=2&utm_source=veloc"))
        self.assertIn(f'href="{BASE}/{link.code}"', message.body)
        self.assertIn('href="https://other.example/"', message.body)
        self.assertIn("/veloc/unsubscribe/", message.body)
        self.assertNotIn("<img", message.body)

    def test_the_same_address_twice_is_one_link(self):
        bodies = {"sms": ("", f"{SITE}/a ou {SITE}/a ou {SITE}/b. SAIR para parar.")}
        template = self._approved_template("test-twice", "marketing", bodies=bodies)
        message = self._queue(template=template)
        first, second, third = LINK.findall(message.body)
        self.assertEqual(first, second)
        self.assertEqual(len(self._links(message)), 2)
        self.assertNotEqual(first, third)

    def test_segments_are_those_of_the_text_that_leaves(self):
        long = f"{SITE}/{'x' * 150}"
        bodies = {"sms": ("", f"Veja {long} SAIR para parar.")}
        template = self._approved_template("test-long", "marketing", bodies=bodies)
        self.assertEqual(self._queue(template=template).segments, 1)

    def test_the_short_domain_stands_in_front(self):
        self.env["ir.config_parameter"].set_param(
            "veloc_messaging.link_domain", "https://vlc.example/r"
        )
        message = self._queue(template=self.promo)
        self.assertRegex(message.body, r"veja https://vlc\.example/r/[0-9A-Za-z]{11}\.")
        self.assertEqual(self.env["veloc.link"]._worst_length(), 33)

    def test_a_purpose_that_counts_no_clicks_leaves_addresses_alone(self):
        self.purpose("marketing").track_clicks = False
        message = self._queue(template=self.promo)
        self.assertIn(f"{SITE}/novo", message.body)
        self.assertFalse(self._links(message))

    def test_service_templates_count_nothing_unless_somebody_says_so(self):
        bodies = {"sms": ("", f"Veja {SITE}/conta.")}
        template = self._approved_template(
            "test-account", "account_service", bodies=bodies
        )
        self.assertFalse(template.track_links)
        self.assertTrue(self.promo.track_links)
        self.assertIn(f"{SITE}/conta", self._queue(template=template).body)
        template.track_links = True
        counted = self._queue(self.rui, template=template)
        self.assertTrue(LINK.search(counted.body))

    def test_without_the_switch_no_email_carries_a_pixel(self):
        self.assertFalse(self.env["veloc.purpose"].search([("track_opens", "=", True)]))
        message = self._queue(template=self.promo, channel="email")
        self.assertNotIn("/veloc/o/", message.body)
        self.assertNotIn("open", self._links(message).mapped("what"))

    def test_with_the_switch_the_pixel_is_in_the_email_but_not_on_our_screen(self):
        self.purpose("marketing").track_opens = True
        message = self._queue(template=self.promo, channel="email")
        pixel = self._links(message).filtered(lambda link: link.what == "open")
        self.assertEqual(message.body.count(f"/veloc/o/{pixel.code}"), 1)
        self.assertNotIn("/veloc/o/", message.body_shown)
        self.assertNotIn("/veloc/o/", self._queue(template=self.promo).body)

    def test_of_an_approved_whatsapp_template_only_the_filled_in_values_change(self):
        row = {
            "key": "k",
            "channel": "whatsapp",
            "template_version_id": self.promo.current_version_id.id,
            "body": f"Fixo {SITE}/fixo, seu {SITE}/novo",
            "content_sid": "HX1",
            "content_variables": json.dumps({"1": "Ana", "2": f"{SITE}/novo"}),
            "partner_id": self.ana.id,
            "company_id": self.env.company.id,
            "queued_at": NOON,
        }
        self.env["veloc.link"]._shorten([row], [])
        values = json.loads(row["content_variables"])
        self.assertEqual(values["1"], "Ana")
        self.assertTrue(LINK.fullmatch(values["2"]))
        self.assertEqual(row["body"], f"Fixo {SITE}/fixo, seu {values['2']}")

    def test_queries_do_not_grow_with_the_batch(self):
        people = self.ana + self.rui
        for partner in people:
            self._grant(partner, "marketing", "sms")

        def queue(partners, key):
            drafts = [
                self._draft(partner, self.promo, key=f"{key}:{partner.id}")
                for partner in partners
            ]
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            answers = self.env["veloc.message"]._enqueue(drafts, NOON)
            self.env.flush_all()
            self.assertEqual({a["outcome"] for a in answers}, {"queued"})
            return self.cr.sql_log_count - before

        queue(people, "warm")
        self.assertEqual(queue(self.ana, "one"), queue(people, "two"))

    def test_links_cost_one_query_a_batch(self):
        self._grant(self.ana, "marketing", "sms")
        counts = []
        for is_tracked in (False, True):
            self.promo.track_links = is_tracked
            self.env.flush_all()
            for key in ("warm", "measured"):
                draft = self._draft(template=self.promo, key=f"{key}:{is_tracked}")
                before = self.cr.sql_log_count
                self.env["veloc.message"]._enqueue([draft], NOON)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 1)

    def test_a_duplicate_leaves_no_links_behind(self):
        message = self._queue(template=self.promo)
        draft = self._draft(template=self.promo)
        (answer,) = self.env["veloc.message"]._enqueue([draft], NOON)
        self.assertEqual(answer["outcome"], "duplicate")
        self.assertEqual(
            self.env["veloc.link"].search_count([("partner_id", "=", self.ana.id)]),
            len(self._links(message)),
        )

    def test_a_code_is_unique(self):
        link = self._links(self._queue(template=self.promo))
        values = {name: link[name] for name in ("code", "what", "channel")}
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["veloc.link"].create(
                {
                    **values,
                    "message_id": link.message_id.id,
                    "partner_id": self.ana.id,
                    "created_at": NOON,
                }
            )

    # === HOSTS === #

    def test_addresses_of_the_settings_are_the_broker_s_own(self):
        self.env["ir.config_parameter"].set_param(
            "veloc_messaging.deposit_url", "https://Pay.Broker.example/in"
        )
        names = {host.name for host in self.env["veloc.link.domain"]._hosts()}
        self.assertLessEqual({"pay.broker.example", "veloc.example.com"}, names)
        self.assertNotIn("other.example", names)

    def test_a_host_is_stored_in_one_spelling(self):
        domain = self.env["veloc.link.domain"].create({"name": " Blog.Veloc.Example "})
        self.assertEqual(domain.name, "blog.veloc.example")

    def test_what_is_no_host_cannot_be_listed(self):
        for name in ("https://a.example", "a.example/x", "*.a.example", "localhost"):
            with self.subTest(name), self.assertRaises(ValidationError):
                self.env["veloc.link.domain"].create({"name": name})

    def test_a_bad_short_domain_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create(
                {"veloc_link_domain": "http://vlc.example"}
            )
        settings = self.env["res.config.settings"].create(
            {"veloc_link_domain": "https://vlc.example"}
        )
        settings.execute()
        self.assertEqual(self.env["veloc.link"]._base(), "https://vlc.example/veloc/l")

    # === ACCESS === #

    def test_staff_reads_links_and_only_managers_list_hosts(self):
        reader = new_test_user(
            self.env, "link-reader", groups="veloc_messaging.group_user"
        )
        link = self._links(self._queue(template=self.promo)).with_user(reader)
        self.assertTrue(link.target)
        with self.assertRaises(AccessError):
            link.write({"target": "https://evil.example/"})
        with self.assertRaises(AccessError):
            self.env["veloc.link.domain"].with_user(reader).create(
                {"name": "evil.example"}
            )

    def test_links_of_another_company_are_not_shown(self):
        link = self._links(self._queue(template=self.promo))
        other = self.env["res.company"].create({"name": "Other broker"})
        stranger = new_test_user(
            self.env,
            "link-stranger",
            groups="veloc_messaging.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        links = self.env["veloc.link"].with_user(stranger)
        self.assertNotIn(link.id, links.search([]).ids)

    def test_outsiders_see_nothing(self):
        outsider = new_test_user(self.env, "link-outsider", groups="base.group_user")
        for model in ("veloc.link", "veloc.link.click", "veloc.link.domain"):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(outsider).search([])

    def test_codes_hold_nothing_of_the_person(self):
        message = self._queue(template=self.promo)
        self.assertTrue(short_link.CODE.fullmatch(self._links(message).code))
