from datetime import datetime, timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOON, ComplianceCase

# Wednesday, 23:00 in São Paulo.
NIGHT = datetime(2026, 3, 12, 2, 0)


@tagged("post_install", "-at_install")
class TestContactGate(ComplianceCase):
    # === ASKING === #

    def test_silence_is_a_refusal(self):
        verdict = self._ask(self.ana)
        self.assertEqual((verdict.outcome, verdict.reason), ("refused", "no_consent"))

    def test_consent_allows_and_is_named(self):
        consent = self._grant(self.ana)
        verdict = self._ask(self.ana)
        self.assertTrue(verdict.allowed, verdict)
        self.assertEqual(verdict.consent_id, consent.id)
        self.assertEqual(
            verdict.purpose_version_id, self.purpose("marketing").current_version_id.id
        )

    def test_consent_for_one_channel_says_nothing_about_another(self):
        self._grant(self.ana, channel="sms")
        self.assertEqual(self._ask(self.ana, channel="whatsapp").reason, "no_consent")

    def test_consent_for_one_purpose_says_nothing_about_another(self):
        self._grant(self.ana, purpose="marketing")
        self.assertEqual(self._ask(self.ana, "bonus").reason, "no_consent")

    def test_consent_of_one_person_says_nothing_about_another(self):
        self._grant(self.ana)
        self.assertEqual(self._ask(self.rui).reason, "no_consent")

    def test_the_contract_needs_no_consent_and_no_hours(self):
        verdict = self._ask(self.ana, "account_service", now=NIGHT)
        self.assertEqual((verdict.allowed, verdict.basis), (True, "contract"))

    def test_at_night_promotion_waits_for_the_morning(self):
        self._grant(self.ana)
        verdict = self._ask(self.ana, now=NIGHT)
        self.assertEqual((verdict.outcome, verdict.reason), ("deferred", "quiet_hours"))
        self.assertEqual(verdict.until, datetime(2026, 3, 12, 12, 0))

    def test_calls_follow_the_law_of_the_state(self):
        half_past_eight = datetime(2026, 3, 11, 11, 30)
        for person in (self.ana, self.rui):
            self._grant(person, channel="call")
        self.assertTrue(
            self._ask(self.rui, channel="call", now=half_past_eight).allowed
        )
        refused = self._ask(self.ana, channel="call", now=half_past_eight)
        self.assertEqual(refused.reason, "quiet_hours")

    def test_the_hours_are_a_table_that_can_be_edited(self):
        self._grant(self.ana)
        self.env.ref("veloc_compliance.veloc_contact_hours_sms").hour_to = 12.0
        self.assertEqual(self._ask(self.ana, now=NOON).reason, "quiet_hours")

    def test_an_address_that_is_gone_is_noticed_at_once(self):
        self._grant(self.ana)
        self.ana.phone = False
        self.assertEqual(self._ask(self.ana).reason, "no_address")

    def test_a_number_that_cannot_be_dialled_is_no_address(self):
        self._grant(self.ana)
        self.ana.phone = "123"
        self.assertEqual(self._ask(self.ana).reason, "no_address")

    def test_a_minor_by_birth_date_is_out_of_reach(self):
        self._grant(self.ana)
        self.ana.veloc_birth_date = "2010-01-01"
        self.assertEqual(self._ask(self.ana).reason, "minor")

    def test_the_blacklists_of_odoo_are_heard(self):
        self._grant(self.ana, channel="sms")
        self._grant(self.ana, channel="email")
        self.ana._phone_set_blacklisted()
        self.assertEqual(self._ask(self.ana, channel="sms").reason, "blocklist")
        self.assertTrue(self._ask(self.ana, channel="email").allowed)
        self.env["mail.blacklist"]._add(self.ana.email)
        self.assertEqual(self._ask(self.ana, channel="email").reason, "blocklist")

    def test_an_archived_contact_is_left_alone(self):
        self._grant(self.ana)
        self.ana.active = False
        self.assertEqual(self._ask(self.ana).reason, "archived")

    def test_an_archived_purpose_is_closed(self):
        self._grant(self.ana)
        self.purpose("marketing").active = False
        self.assertEqual(self._ask(self.ana).reason, "unknown_purpose")

    def test_answers_stand_in_the_order_of_the_questions(self):
        self._grant(self.rui)
        marketing = self.purpose("marketing").id
        asks = [
            (self.rui.id, marketing, "sms"),
            (self.ana.id, marketing, "sms"),
            (0, marketing, "sms"),
            (self.rui.id, 0, "sms"),
            (self.rui.id, marketing, "sms"),
        ]
        reasons = [verdict.reason for verdict in self.gate._ask(asks, NOON)]
        self.assertEqual(
            reasons,
            ["consent", "no_consent", "unknown_person", "unknown_purpose", "consent"],
        )

    def test_no_questions_no_answers(self):
        self.assertEqual(self.gate._ask([], NOON), [])
        self.assertEqual(self.gate._record_allowed([], [], NOON), [])

    # === COST === #

    def _crowd(self, size):
        people = self.env["res.partner"].create(
            [
                self._prepare_person(f"P{n}", f"p{n}@example.com", f"+551196{n:07d}")
                for n in range(size)
            ]
        )
        grants = [
            {
                "partner_id": person.id,
                "purpose": ("marketing", "bonus")[n % 2],
                "channel": ("sms", "email")[n % 2],
                "granted": n % 3 > 0,
                "source": "test",
            }
            for n, person in enumerate(people)
        ]
        self.env["veloc.consent"].record(grants)
        self.env["veloc.suppression"]._impose(people[::5].ids, "complaint", source="t")
        return people

    def _mixed_asks(self, people):
        codes = ("marketing", "bonus", "winback", "account_service")
        channels = ("sms", "email", "whatsapp", "call")
        return [
            (person.id, self.purpose(codes[n % 4]).id, channels[(n // 4) % 4])
            for n, person in enumerate(people)
        ]

    def test_two_hundred_mixed_questions_cost_what_one_costs(self):
        people = self._crowd(200)
        asks = self._mixed_asks(people)
        self.env.flush_all()
        with self.assertQueryCount(5):
            one = self.gate._ask(asks[:1], NOON)
        with self.assertQueryCount(5):
            all_of_them = self.gate._ask(asks, NOON)
        self.assertEqual(one, all_of_them[:1])
        # The mixture is one: every outcome and several reasons are in it.
        self.assertGreaterEqual(
            {v.outcome for v in all_of_them}, {"allowed", "refused"}
        )
        self.assertGreaterEqual(len({v.reason for v in all_of_them}), 4)

    def test_two_hundred_verdicts_are_one_insert(self):
        asks = self._mixed_asks(self._crowd(200))
        self.env.flush_all()
        verdicts = self.gate._ask(asks, NOON)
        with self.assertQueryCount(1):
            ids = self.gate._record_allowed(asks, verdicts, NOON)
        self.assertEqual(
            [id_ is not None for id_ in ids], [verdict.allowed for verdict in verdicts]
        )

    def test_a_batch_of_questions_is_answered_as_each_alone(self):
        asks = self._mixed_asks(self._crowd(20))
        self.assertEqual(
            self.gate._ask(asks, NOON), [self.gate._ask([a], NOON)[0] for a in asks]
        )

    # === VERDICT ROWS === #

    def test_only_allowed_asks_leave_a_verdict_row(self):
        self._grant(self.ana)
        purpose = self.purpose("marketing")
        asks = [(p.id, purpose.id, "sms") for p in (self.rui, self.ana)]
        verdicts = self.gate._ask(asks, NOON)
        ids = self.gate._record_allowed(asks, verdicts, NOON)
        self.assertIsNone(ids[0])
        self.assertRecordValues(
            self.env["veloc.gate.verdict"].browse(ids[1]),
            [
                {
                    "partner_id": self.ana.id,
                    "purpose_id": purpose.id,
                    "channel": "sms",
                    "allowed": True,
                    "basis": "consent",
                    "reason": "consent",
                    "consent_id": verdicts[1].consent_id,
                    "decided_at": NOON,
                }
            ],
        )

    def test_each_verdict_row_is_about_its_own_question(self):
        asks = self._mixed_asks(self._crowd(60))
        # The same question twice gets two rows.
        asks += asks[3:4]
        verdicts = self.gate._ask(asks, NOON)
        ids = self.gate._record_allowed(asks, verdicts, NOON)
        kept = [id_ for id_ in ids if id_]
        self.assertEqual(len(set(kept)), len(kept))
        for ask, id_ in zip(asks, ids, strict=True):
            row = self.env["veloc.gate.verdict"].browse(id_ or [])
            if row:
                self.assertEqual(
                    (row.partner_id.id, row.purpose_id.id, row.channel), ask
                )

    def _insert_verdict(self, **values):
        marketing = self.purpose("marketing")
        columns = {
            "partner_id": self.ana.id,
            "purpose_id": marketing.id,
            "purpose_version_id": marketing.current_version_id.id,
            "channel": "sms",
            "allowed": True,
            "reason": "consent",
            "basis": "consent",
            "consent_id": None,
            "decided_at": NOON,
        } | values
        names = ", ".join(columns)
        gaps = ", ".join(["%s"] * len(columns))
        self.env.cr.execute(
            f"INSERT INTO veloc_gate_verdict ({names}) VALUES ({gaps})",
            list(columns.values()),
        )

    def test_a_verdict_on_consent_without_the_consent_cannot_exist(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
        ):
            self._insert_verdict()

    def test_a_verdict_on_contract_needs_no_consent(self):
        self._insert_verdict(basis="contract", reason="contract")

    def test_a_verdict_can_never_be_turned(self):
        self._insert_verdict(basis="contract", allowed=False)
        for sql in (
            "UPDATE veloc_gate_verdict SET allowed = true",
            "DELETE FROM veloc_gate_verdict",
            "TRUNCATE veloc_gate_verdict CASCADE",
        ):
            with (
                self.subTest(sql=sql),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(sql)

    def test_a_verdict_can_be_pointed_to_by_what_it_was_asked_about(self):
        self.env.cr.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'veloc_gate_verdict'::regclass AND contype = 'u'"
        )
        self.assertEqual(
            self.env.cr.fetchall(),
            [("UNIQUE (id, partner_id, purpose_id, channel, allowed)",)],
        )

    # === RPC === #

    def test_decide_answers_in_order_and_says_when(self):
        self._grant(self.ana)
        answers = self.gate.decide(
            [self.rui.id, self.ana.id], "marketing", "sms", "2026-03-12 02:00:00"
        )
        self.assertEqual(
            answers,
            [
                {
                    "partner_id": self.rui.id,
                    "allowed": False,
                    "reason": "no_consent",
                    "basis": "consent",
                },
                {
                    "partner_id": self.ana.id,
                    "allowed": False,
                    "reason": "quiet_hours",
                    "basis": "consent",
                    "until": "2026-03-12 12:00:00",
                },
            ],
        )

    def test_decide_asks_about_now(self):
        self._grant(self.ana, at=NOON - timedelta(days=1))
        with freeze_time(NOON):
            (answer,) = self.gate.decide(self.ana.ids, "marketing", "sms")
        self.assertTrue(answer["allowed"])

    def test_decide_leaves_no_trace(self):
        self._grant(self.ana)
        before = self.env["veloc.gate.verdict"].search_count([])
        self.gate.decide(self.ana.ids, "marketing", "sms")
        self.assertEqual(self.env["veloc.gate.verdict"].search_count([]), before)

    def test_decide_names_what_it_does_not_know(self):
        with self.assertRaisesRegex(UserError, "nonsense"):
            self.gate.decide(self.ana.ids, "nonsense", "sms")
        with self.assertRaisesRegex(UserError, "fax"):
            self.gate.decide(self.ana.ids, "marketing", "fax")
        with self.assertRaisesRegex(UserError, "soon"):
            self.gate.decide(self.ana.ids, "marketing", "sms", "soon")

    def test_decide_says_who_does_not_exist(self):
        (answer,) = self.gate.decide([2**30], "marketing", "sms")
        self.assertEqual(answer["reason"], "unknown_person")

    def test_decide_understands_offsets(self):
        self._grant(self.ana)
        for at in ("2026-03-11T23:00:00-03:00", "2026-03-12T02:00:00Z"):
            (answer,) = self.gate.decide(self.ana.ids, "marketing", "sms", at)
            self.assertEqual(answer["until"], "2026-03-12 12:00:00")

    def test_decide_checks_access_first(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.gate.with_user(clerk).decide(self.ana.ids, "nonsense", "fax")

    def test_decide_does_not_tell_about_contacts_one_may_not_see(self):
        viewer = new_test_user(
            self.env, "viewer", groups="veloc_compliance.group_viewer"
        )
        other = self.env["res.company"].create({"name": "Other"})
        self.ana.company_id = other
        with self.assertRaises(AccessError):
            self.gate.with_user(viewer).decide(self.ana.ids, "marketing", "sms")
        answers = self.gate.with_user(viewer).decide(self.rui.ids, "marketing", "sms")
        self.assertEqual(answers[0]["reason"], "no_consent")
