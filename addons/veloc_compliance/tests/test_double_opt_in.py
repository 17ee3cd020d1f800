"""A yes from a form counts only once the owner of the address confirms it."""

import re
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.access.veloc_rate_limit import VelocRateLimit
from ..models.consent.veloc_notice import VelocNotice
from .common import ComplianceCase

AGENT = "A capture form"


@tagged("post_install", "-at_install")
class TestDoubleOptIn(HttpCase, ComplianceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sent, cls.hits = [], []

        def send(_notice, notices):
            cls.sent += notices
            return {notice["key"]: "sent" for notice in notices}

        # A counter of its own: the real one outlives a test, as it should.
        def hit(_limits, scope, key, limit, _seconds, _amount=1):
            cls.hits.append((scope, key))
            return 9 if cls.hits.count((scope, key)) > limit else 0

        cls.startClassPatcher(patch.object(VelocNotice, "_send", send))
        cls.startClassPatcher(patch.object(VelocRateLimit, "_hit", hit))
        cls.marketing = cls.purpose("marketing")

    def setUp(self):
        super().setUp()
        self.sent.clear()
        self.hits.clear()

    def _item(self, **changes):
        return {
            "email": "ana@example.com",
            "purposes": [{"purpose": "marketing", "channels": ["email", "sms"]}],
            "source": "landing_page",
            "language": "pt-BR",
            "ip": "203.0.113.9",
            "user_agent": AGENT,
            **changes,
        }

    def _request(self, *items):
        return self.env["veloc.consent"].ask_confirmation(list(items))

    def _link(self, notice=None):
        text = (notice or self.sent[-1])["text"]
        return re.search(r"/veloc/confirm/\S+", text)[0]

    def _words(self, partner=None):
        domain = [("partner_id", "=", (partner or self.ana).id)]
        return self.env["veloc.consent"].search(domain, order="id")

    def _pending(self):
        return self.env["veloc.consent.pending"].search([], order="id desc", limit=1)

    # === ASKING === #

    def test_nothing_is_recorded_of_a_person_before_they_confirm(self):
        self.assertEqual(self._request(self._item())[0]["status"], "sent")
        self.assertFalse(self._words())
        self.assertEqual(self._ask(self.ana).reason, "no_consent")
        self.assertEqual(self.sent[0]["email"], "ana@example.com")

    def test_the_token_stands_nowhere_in_the_database(self):
        self._request(self._item())
        token = self._link().rsplit("/", 1)[1]
        self.env.cr.execute("SELECT to_jsonb(p)::text FROM veloc_consent_pending p")
        self.assertNotIn(token, "".join(row[0] for row in self.env.cr.fetchall()))

    def test_asking_twice_for_the_same_sends_one_mail(self):
        answers = self._request(self._item(), self._item(), self._item(source="b"))
        self.assertEqual([a["status"] for a in answers], ["sent", "waiting", "waiting"])
        self.assertEqual(self._request(self._item())[0]["status"], "too_many")
        self.assertEqual(len(self.sent), 1)

    def test_the_database_holds_one_waiting_ask_for_the_same(self):
        self._request(self._item())
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
        ):
            self.env.cr.execute(
                """INSERT INTO veloc_consent_pending (fingerprint, token_hash, state,
                    source, requested_at, expires_at)
                SELECT fingerprint, 'x', 'waiting', 's', now(), now()
                FROM veloc_consent_pending LIMIT 1"""
            )

    def test_an_address_gets_few_mails_a_day(self):
        purposes = [{"purpose": "bonus", "channels": [c]} for c in ("sms", "call")]
        answers = [
            self._request(self._item(purposes=[p]))[0]["status"]
            for p in (*purposes, {"purpose": "winback", "channels": ["sms"]})
        ]
        self.assertEqual(answers, ["sent"] * 3)
        self.assertEqual(self._request(self._item())[0]["status"], "too_many")

    def test_a_place_can_ask_for_few_addresses_an_hour(self):
        items = [self._item(email=f"p{n}@x.example") for n in range(25)]
        statuses = [answer["status"] for answer in self._request(*items)]
        self.assertEqual(statuses.count("sent"), 20)
        self.assertEqual(statuses.count("too_many"), 5)

    def test_bad_items_do_not_lose_the_good_ones(self):
        wish = {"purpose": "marketing", "channels": ["email"]}
        answers = self._request(
            self._item(email="nobody"),
            self._item(),
            self._item(purposes=[wish | {"purpose": "all"}]),
            self._item(purposes=[wish | {"purpose": "security"}]),
            self._item(purposes=[wish | {"version": 99}]),
            self._item(partner_id=2**30),
            self._item(partner_id=self.rui.id),
        )
        self.assertEqual(
            [answer.get("code") for answer in answers],
            [
                "invalid",
                None,
                "generic_purpose",
                "not_consent_based",
                "unknown_version",
                "unknown_partner",
                "other_address",
            ],
        )
        self.assertTrue(all(a["message"] for a in answers if "code" in a))

    def test_who_may_not_record_may_not_ask(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["veloc.consent"].with_user(clerk).ask_confirmation([])
        program = new_test_user(
            self.env, "prog", groups="base.group_user,veloc_compliance.group_recorder"
        )
        consents = self.env["veloc.consent"].with_user(program)
        self.assertEqual(consents.ask_confirmation([self._item()])[0]["status"], "sent")
        with self.assertRaises(UserError):
            consents.ask_confirmation("rubbish")

    def test_many_asks_cost_what_few_cost(self):
        def items(first, count):
            return [
                self._item(email=f"m{n}@x.example", ip=None)
                for n in range(first, first + count)
            ]

        self._request(*items(0, 2))
        costs = []
        for first, count in ((10, 2), (100, 60)):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._request(*items(first, count))
            costs.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(costs[1], costs[0] + 2)  # a cache's miss

    # === THE PAGE === #

    def test_looking_never_confirms(self):
        self._request(self._item())
        link = self._link()
        for path in (link, f"{link}?confirm=1&lang=en_US"):
            for method in ("GET", "HEAD"):
                answer = self.url_open(path, method=method)
                self.assertEqual(answer.status_code, 200)
        self.assertFalse(self._words())
        self.assertEqual(self._pending().state, "waiting")

    def test_the_page_shows_the_words_and_the_notice_in_the_asked_language(self):
        version = self._publish(notice="I agree to the news.")
        self._request(self._item(language="en-US"))
        page = self.url_open(self._link()).text
        self.assertIn('<html lang="en-US"', page)
        self.assertIn("I agree to the news.", page)
        self.assertIn("Your rights", page)
        self.assertIn(version.notice_use, page)
        self.assertIn('<form method="post"', page)

    def test_the_button_records_with_the_whole_proof(self):
        self._request(self._item(evidence="campaign 7"))
        answer = self.url_open(self._link(), data={"x": 1})
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn("Set-Cookie", answer.headers)
        words = self._words()
        version = self.marketing.current_version_id.with_context(lang="pt_BR")
        expected = {
            "granted": True,
            "source": "double_opt_in",
            "version_id": version.id,
            "text_language": "pt_BR",
            "text_hash": version.text_hash,
            "notice_hash": version.full_notice_hash,
            "ip": "127.0.0.1",
        }
        self.assertRecordValues(
            words.sorted("channel"),
            [expected | {"channel": "email"}, expected | {"channel": "sms"}],
        )
        for proof in ("landing_page", "203.0.113.9", AGENT, "campaign 7"):
            self.assertIn(proof, words[0].evidence)
        self.assertTrue(words[0].shown_notice)
        self.assertEqual(len(set(words.mapped("receipt_ref"))), 1)
        self.assertTrue(self._ask(self.ana).allowed)

    def test_pressing_again_records_nothing_more(self):
        self._request(self._item())
        link = self._link()
        for _press in range(3):
            self.assertEqual(self.url_open(link, data={"x": 1}).status_code, 200)
        self.assertEqual(len(self._words()), 2)

    def test_an_expired_link_records_nothing_and_may_be_asked_again(self):
        self._request(self._item())
        link = self._link()
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            pending = self._pending()
            self.assertFalse(pending._confirm(None))
            self.assertEqual(pending._standing(fields.Datetime.now()), "expired")
            self.assertEqual(self._request(self._item())[0]["status"], "sent")
        self.assertNotEqual(self._link(), link)
        self.assertFalse(self._words())

    def test_a_wrong_link_is_the_same_404_as_ever(self):
        answer = self.url_open("/veloc/confirm/abc", data={"x": 1})
        self.assertEqual(answer.status_code, 404)
        self.assertIn("Este link não é válido", answer.text)

    def test_too_many_visits_are_asked_to_wait(self):
        self._request(self._item())
        link = self._link()
        self.hits += [("confirmation.page", "127.0.0.1")] * 60
        answer = self.url_open(link, data={"x": 1})
        self.assertEqual(answer.status_code, 429)
        self.assertEqual(answer.headers["Retry-After"], "9")
        self.assertFalse(self._words())

    def test_the_page_names_nobody(self):
        self._request(self._item(name="Ana Lima"))
        page = self.url_open(self._link()).text
        for private in ("Ana", "ana@example.com", "203.0.113.9"):
            self.assertNotIn(private, page)

    # === WHOSE IT IS === #

    def test_a_stranger_becomes_a_contact_when_they_confirm(self):
        self._request(self._item(email="Nova@x.example", name="Nova Pessoa"))
        domain = [("email_normalized", "=", "nova@x.example")]
        self.assertFalse(self.env["res.partner"].search(domain))
        self.url_open(self._link(), data={"x": 1})
        partner = self.env["res.partner"].search(domain)
        self.assertEqual((partner.name, partner.lang), ("Nova Pessoa", "pt_BR"))
        self.assertEqual(len(self._words(partner)), 2)

    def test_an_address_of_several_contacts_waits_for_the_encarregado(self):
        twin = self.ana.copy({"email": "ana@example.com"})
        self._request(self._item())
        self.url_open(self._link(), data={"x": 1})
        pending = self._pending()
        self.assertEqual(pending.state, "unmatched")
        self.assertFalse(self._words() | self._words(twin))
        rule = self.env.ref("veloc_compliance.veloc_alert_rule_consent_unmatched")
        found = self.env["veloc.watch"]._check_consent_unmatched(rule, None)
        self.assertIn(pending.id, [finding.res_id for finding in found])
        officer = new_test_user(
            self.env, "dpo", groups="veloc_compliance.group_officer"
        )
        wizard = self.env["veloc.consent.match"].with_user(officer)
        with self.assertRaises(UserError):
            wizard.create(
                {"pending_id": pending.id, "partner_id": self.rui.id}
            ).action_match()
        wizard.create({"pending_id": pending.id, "partner_id": twin.id}).action_match()
        self.assertEqual(len(self._words(twin)), 2)
        self.assertEqual(pending.state, "confirmed")

    def test_the_persons_page_is_for_their_own_mailbox_only(self):
        self._request(self._item(partner_id=self.ana.id))
        link = self._link()
        self.ana.email = "new@example.com"
        page = self.url_open(link, data={"x": 1}).text
        self.assertNotIn(self.ana._veloc_preferences_path(), page)
        self.assertFalse(self._words())

    # === CHANGING ONE'S MIND === #

    def test_taking_it_back_is_as_easy_as_giving_it_and_counts_at_once(self):
        self._request(self._item())
        self.url_open(self._link(), data={"x": 1})
        page = self.url_open(self._link()).text
        own = self.ana._veloc_preferences_path()
        self.assertIn(own, page)
        # One press gave it, one press takes all of it.
        self.url_open(own, data={"action": "stop"})
        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")
        # The used link does not bring it back.
        self.url_open(self._link(), data={"x": 1})
        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")

    def test_a_confirmed_yes_opens_a_channel_that_stop_had_closed(self):
        self.env["veloc.suppression"]._impose(self.ana.ids, "opt_out", "sms", "stop")
        self._request(self._item())
        self.url_open(self._link(), data={"x": 1})
        self.assertTrue(self._ask(self.ana).allowed)

    def test_addresses_that_nobody_confirmed_are_forgotten(self):
        self._request(self._item(email="forgotten@x.example"))
        pending = self._pending()
        with freeze_time(fields.Datetime.now() + timedelta(days=38)):
            self.env["veloc.consent.pending"]._gc_pending()
        self.assertFalse(pending.exists())
