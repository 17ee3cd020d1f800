"""Events in, traders out: what a batch becomes."""

from datetime import timedelta

import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestIngest(CrmCase):
    def test_a_signup_makes_a_trader_and_a_contact(self):
        answer = self._ingest(self._signup(name="ANA DA SILVA", phone="11 6123-4567"))
        self.assertEqual(answer, {"accepted": 1, "duplicates": 0, "rejected": []})
        trader = self._trader()
        self.assertRecordValues(
            trader,
            [{"stage": "signup", "kyc_state": "none", "zone": "America/Sao_Paulo"}],
        )
        self.assertRecordValues(
            trader.partner_id,
            [
                {
                    "name": "Ana da Silva",
                    "email_normalized": "ana@example.com",
                    "phone_sanitized": "+5511961234567",
                    "lang": "pt_BR",
                    "state_id": self.env.ref("base.state_br_sp").id,
                }
            ],
        )

    def test_personal_data_is_not_kept_beside_the_event(self):
        self._ingest(self._signup(cpf="529.982.247-25", utm_source="google"))
        event = self.env["veloc.trader.event"].search([("type", "=", "signup")])
        self.assertEqual(
            event.data, {"state": "SP", "language": "pt-BR", "utm_source": "google"}
        )
        self.assertEqual(self._trader().source_id.name, "google")

    def test_a_bad_row_does_not_lose_the_good_ones(self):
        answer = self._ingest(
            self._signup(),
            self._deposit(amount="1,50", id="bad-amount"),
            self._deposit(trader="nobody", id="bad-trader"),
            self._deposit(id="bad-date", at="2999-01-01T00:00:00Z"),
            {"type": "trade"},
            "not an event",
            self._deposit(amount="80.10"),
        )
        self.assertEqual(answer["accepted"], 2)
        self.assertEqual(
            [(row["index"], row["id"], row["code"]) for row in answer["rejected"]],
            [
                (1, "bad-amount", "invalid_amount"),
                (2, "bad-trader", "unknown_trader"),
                (3, "bad-date", "future_date"),
                (4, "", "missing_id"),
                (5, "", "not_an_object"),
            ],
        )
        self.assertTrue(all(row["message"] for row in answer["rejected"]))
        self.assertEqual(self._trader().deposit_total, 80.1)

    def test_refusals_are_told_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        events = self.env["veloc.trader.event"].with_context(lang="pt_BR")
        [refused] = events.ingest("broker", ["x"])["rejected"]
        self.assertEqual(refused["message"], "Um evento deve ser um objeto JSON.")

    def test_the_same_event_twice_counts_once(self):
        first = self._deposit()
        self._ingest(self._signup(), first)
        answer = self._ingest(first, first)
        self.assertEqual(answer, {"accepted": 0, "duplicates": 2, "rejected": []})
        self.assertEqual(self._trader().deposit_count, 1)

    def test_the_same_id_of_another_source_is_another_event(self):
        deposit = self._deposit()
        self._ingest(self._signup(), deposit)
        self._ingest(deposit, source="payments")
        self.assertEqual(self._trader().deposit_count, 2)

    def test_unknown_types_are_stored_and_can_be_counted(self):
        self._ingest(self._signup(), self._event("page_viewed", data={"page": "/x"}))
        event = self.env["veloc.trader.event"].search([("is_known", "=", False)])
        self.assertRecordValues(event, [{"type": "page_viewed", "kind": "other"}])
        self.assertEqual(event.display_name, "page_viewed")

    def test_money_adds_up_to_the_last_cent(self):
        cents = [self._deposit(amount="0.10") for _ in range(30)]
        paid = self._event("withdrawal_paid", amount="1.05", currency="BRL")
        self._ingest(self._signup(), *cents, paid)
        trader = self._trader()
        self.env.cr.execute(
            "SELECT deposit_total::text, net_deposit::text FROM veloc_trader"
            " WHERE id = %s",
            [trader.id],
        )
        self.assertEqual(self.env.cr.fetchone(), ("3.00", "1.95"))

    def test_a_foreign_amount_needs_a_rate_of_its_day(self):
        dollar = self.env.ref("base.USD")
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": dollar.id, "name": self.now.date(), "rate": 0.2}
        )
        answer = self._ingest(
            self._signup(days_ago=3),
            self._deposit(amount="10.00", currency="USD"),
            self._deposit(amount="10.00", currency="USD", days_ago=2, id="too-old"),
        )
        self.assertEqual(
            [(row["id"], row["code"]) for row in answer["rejected"]],
            [("too-old", "no_rate")],
        )
        self.assertEqual(self._trader().deposit_total, 50)
        event = self.env["veloc.trader.event"].search([("amount", "=", 10)])
        self.assertRecordValues(event, [{"currency": "USD", "amount_company": 50}])

    def test_what_cannot_be_read_of_a_person_is_left_out_and_named(self):
        answer = self._ingest(self._signup(phone="12", cpf="111.111.111-11"))
        self.assertEqual(answer["accepted"], 1)
        self.assertEqual(
            [row["code"] for row in answer["warnings"]],
            ["invalid_phone", "invalid_cpf"],
        )
        self.assertFalse(self._trader().partner_id.phone)

    def test_a_second_signup_renews_the_contact(self):
        self._ingest(self._event("lead", days_ago=2, data={"email": "old@example.com"}))
        self._ingest(self._signup(email="new@example.com", state="AM"))
        trader = self._trader()
        self.assertRecordValues(
            trader.partner_id,
            [
                {
                    "name": "Ana da Silva",
                    "complete_name": "Ana da Silva",
                    "email_normalized": "new@example.com",
                    "phone_sanitized": "+5511961234567",
                }
            ],
        )
        self.assertRecordValues(trader, [{"stage": "signup", "zone": "America/Manaus"}])

    def test_old_news_of_a_person_only_fills_gaps(self):
        self._ingest(self._signup(email="new@example.com", phone=None))
        self._ingest(self._signup(days_ago=9, email="old@example.com", name="Velha"))
        partner = self._trader().partner_id
        self.assertEqual(partner.email, "new@example.com")
        self.assertEqual(partner.name, "Ana da Silva")
        self.assertEqual(partner.phone_sanitized, "+5511961234567")

    def test_late_events_leave_sums_and_times_right(self):
        self._ingest(self._signup(days_ago=20), self._deposit(amount="5", days_ago=1))
        self._ingest(self._deposit(amount="7", days_ago=9))
        trader = self._trader()
        self.assertRecordValues(
            trader,
            [
                {
                    "deposit_count": 2,
                    "deposit_total": 12,
                    "first_deposit_at": self.now - timedelta(days=9),
                    "last_deposit_at": self.now - timedelta(days=1),
                    "stage": "active",
                }
            ],
        )
        first = self.env["veloc.lifecycle.event"].search(
            [("trader_id", "=", trader.id), ("stage", "=", "first_deposit")]
        )
        self.assertEqual(first.at, self.now - timedelta(days=9))

    def test_days_are_the_days_of_sao_paulo(self):
        self._ingest(
            self._event("signup", at="2026-03-01T01:00:00Z"),
            self._deposit(amount="5", at="2026-03-02T02:59:59Z"),
            self._deposit(amount="7", at="2026-03-02T03:00:00Z"),
        )
        days = self.env["veloc.trader.day"].search([("deposit_count", ">", 0)])
        self.assertEqual(
            [(str(day.day), day.deposit_total) for day in days.sorted("day")],
            [("2026-03-01", 5), ("2026-03-02", 7)],
        )

    def test_a_batch_costs_the_same_queries_whatever_its_size(self):
        self._ingest(*[self._signup(f"T-{n}") for n in range(20)])

        def events(count):
            return [
                self._trade(trader=f"T-{n % 20}", days_ago=n % 5)
                if n % 2
                else self._deposit(trader=f"T-{n % 20}")
                for n in range(count)
            ]

        self._ingest(*events(60))  # warms caches, brings everybody to "active"
        counts = []
        for size in (50, 500):
            batch = events(size)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._ingest(*batch)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_only_an_integration_may_send_events(self):
        agent = new_test_user(self.env, "agent", groups="veloc_crm.group_user")
        with self.assertRaises(AccessError):
            self.env["veloc.trader.event"].with_user(agent).ingest("broker", [])

    def test_an_integration_may_send_events_and_see_nothing(self):
        robot = new_test_user(
            self.env, "test-robot", groups="base.group_user,veloc_crm.group_integration"
        )
        env = self.env(user=robot)
        answer = env["veloc.trader.event"].ingest("broker", [self._signup()])
        self.assertEqual(answer["accepted"], 1)
        with self.assertRaises(AccessError):
            env["veloc.trader"].search([])
        with self.assertRaises(AccessError):
            env["veloc.trader.event"].search([])

    def test_a_batch_that_is_none_is_refused_whole(self):
        for source, events in (("", []), ("broker", {}), ("broker", [{}] * 5001)):
            with self.subTest(source=source), self.assertRaises(ValidationError):
                self.env["veloc.trader.event"].ingest(source, events)

    def test_the_traders_of_another_company_are_out_of_reach(self):
        self._ingest(self._signup())
        other = self.env["res.company"].create({"name": "Other broker"})
        program = new_test_user(
            self.env,
            "other_program",
            groups="veloc_crm.group_integration",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        events = self.env["veloc.trader.event"].with_user(program)

        answer = events.ingest("other", [self._signup(email="thief@example.com")])

        self.assertEqual(answer["rejected"][0]["code"], "unknown_trader")
        self.assertEqual(self._trader().email, "ana@example.com")
        with self.assertRaises(AccessError):
            events.with_context(allowed_company_ids=self.env.company.ids).ingest(
                "other", [self._deposit()]
            )

    def test_an_event_does_not_choose_where_a_colleagues_password_goes(self):
        self._ingest(self._signup(days_ago=1))
        colleague = new_test_user(self.env, "colleague", groups="base.group_user")
        colleague.partner_id = self._trader().partner_id

        answer = self._ingest(self._signup(email="thief@example.com"))

        self.assertEqual(answer["accepted"], 1)
        self.assertEqual(answer["warnings"][0]["code"], "staff_contact")
        self.assertEqual(self._trader().email, "ana@example.com")

    def test_what_happened_cannot_be_changed_by_sql(self):
        self._ingest(self._signup(), self._deposit(days_ago=400))
        for statement in (
            "UPDATE veloc_trader_event_raw SET amount = 1",
            "DELETE FROM veloc_trader_event_raw",
            "TRUNCATE veloc_trader_event_raw",
            "TRUNCATE veloc_decision_raw",
        ):
            with (
                self.subTest(statement=statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_nobody_writes_traders_by_hand(self):
        manager = new_test_user(self.env, "boss", groups="veloc_crm.group_manager")
        self._ingest(self._signup())
        trader = self._trader().with_user(manager)
        self.assertEqual(trader.stage, "signup")
        with self.assertRaises(AccessError):
            trader.write({"stage": "active"})


@tagged("post_install", "-at_install")
class TestWishes(CrmCase):
    def _suppressions(self):
        return self.env["veloc.suppression"].search(
            [
                ("partner_id", "=", self._trader().partner_id.id),
                ("lifted_at", "=", False),
            ]
        )

    def test_consents_come_with_the_signup(self):
        consents = [
            {"purpose": "marketing", "channel": "sms", "granted": True},
            {"purpose": "marketing", "channel": "email", "granted": False},
        ]
        self._ingest(self._signup(consents=consents))
        partner = self._trader().partner_id
        recorded = self.env["veloc.consent"].search([("partner_id", "=", partner.id)])
        self.assertEqual(
            {(c.purpose_id.code, c.channel, c.granted) for c in recorded},
            {("marketing", "sms", True), ("marketing", "email", False)},
        )

    def test_a_consent_to_nothing_known_refuses_the_event(self):
        consents = [{"purpose": "astrology", "channel": "sms", "granted": True}]
        answer = self._ingest(self._signup(consents=consents))
        self.assertEqual(answer["rejected"][0]["code"], "unknown_purpose")
        self.assertFalse(self._trader())

    def test_a_refused_signup_takes_the_events_of_its_stranger_with_it(self):
        consents = [{"purpose": "astrology", "channel": "sms", "granted": True}]
        answer = self._ingest(
            self._signup(consents=consents), self._deposit(), self._signup("T-2")
        )
        self.assertEqual(
            [row["code"] for row in answer["rejected"]],
            ["unknown_purpose", "unknown_trader"],
        )
        self.assertEqual(answer["accepted"], 1)

    def test_a_self_exclusion_suppresses(self):
        self._ingest(self._signup(), self._event("self_excluded"))
        self.assertEqual(self._suppressions().mapped("kind"), ["self_exclusion"])

    def test_a_complaint_holds_until_it_is_closed(self):
        self._ingest(self._signup(), self._event("complaint_opened", days_ago=1))
        self.assertEqual(self._suppressions().mapped("kind"), ["complaint"])
        self._ingest(self._event("complaint_closed"))
        self.assertFalse(self._suppressions())

    def test_a_rejected_kyc_blocks_until_it_is_approved(self):
        self._ingest(self._signup(), self._event("kyc_rejected", days_ago=1))
        self.assertEqual(self._trader().kyc_state, "rejected")
        self.assertEqual(self._suppressions().mapped("kind"), ["kyc_block"])
        self._ingest(self._event("kyc_approved"))
        self.assertRecordValues(
            self._trader(), [{"kyc_state": "approved", "stage": "kyc"}]
        )
        self.assertFalse(self._suppressions())

    def test_a_late_word_about_an_old_complaint_does_not_end_the_new_one(self):
        self._ingest(self._signup(), self._event("complaint_opened", days_ago=1))
        self._ingest(self._event("complaint_closed", days_ago=3))
        self.assertEqual(self._suppressions().mapped("kind"), ["complaint"])

    def test_what_the_officer_imposed_no_event_lifts(self):
        self._ingest(self._signup())
        partner = self._trader().partner_id
        self.env["veloc.suppression"]._impose(
            partner.ids, "kyc_block", source="staff", note="forged document"
        )
        self._ingest(self._event("kyc_approved"))
        self.assertEqual(self._suppressions().mapped("kind"), ["kyc_block"])

    def test_a_consent_that_cannot_be_recorded_is_told(self):
        said = {"purpose": "account_service", "channel": "sms", "granted": False}
        answer = self._ingest(self._signup(consents=[said]))
        self.assertEqual(answer["accepted"], 1)
        self.assertEqual(
            [row["code"] for row in answer["warnings"]], ["consent_not_recorded"]
        )

    def test_a_minor_is_not_advertised_to(self):
        born = self.now.date().replace(day=1) - timedelta(days=17 * 365)
        consents = [{"purpose": "marketing", "channel": "email", "granted": True}]
        self._ingest(self._signup(birth_date=str(born), consents=consents))
        partner = self._trader().partner_id
        [verdict] = self.env["veloc.contact.gate"].decide(
            partner.ids, "marketing", "email"
        )
        self.assertEqual((verdict["allowed"], verdict["reason"]), (False, "minor"))
