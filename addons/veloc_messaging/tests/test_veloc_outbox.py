from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestVelocOutbox(MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))
        self._grant(self.ana)

    def _enqueue(self, *drafts, now=NOON):
        return self.env["veloc.message"]._enqueue(list(drafts), now)

    def _message(self, answer):
        return self.env["veloc.message"].browse(answer["message_id"])

    def test_an_allowed_draft_becomes_a_message_with_its_verdict(self):
        (answer,) = self._enqueue(self._draft())

        message = self._message(answer)
        self.assertEqual((answer["outcome"], answer["basis"]), ("queued", "consent"))
        self.assertEqual(answer["verdict_id"], message.verdict_id.id)
        self.assertRecordValues(
            message,
            [
                {
                    "state": "queued",
                    "partner_id": self.ana.id,
                    "purpose_id": self.template.purpose_id.id,
                    "template_version_id": self.template.current_version_id.id,
                    "account_id": self.account.id,
                    "address": "+5511961234567",
                    "lane": "bulk",
                    "segments": 1,
                    "source": "test,1",
                    "next_attempt_at": NOON,
                    "verdict_allowed": True,
                }
            ],
        )
        self.assertIn("Ana", message.body)

    def test_without_consent_nothing_is_queued_and_the_reason_is_told(self):
        (answer,) = self._enqueue(self._draft(self.rui))

        self.assertEqual(
            (answer["outcome"], answer["reason"]), ("refused", "no_consent")
        )
        self.assertTrue(answer["rule"])
        self.assertFalse(answer["message_id"])
        self.assertFalse(self._messages_of(self.ana + self.rui))

    def test_outside_the_hours_the_draft_comes_back_with_a_time(self):
        (answer,) = self._enqueue(self._draft(), now=NOON + timedelta(hours=11))

        self.assertEqual(answer["outcome"], "deferred")
        self.assertEqual(answer["until"], NOON + timedelta(hours=21))
        self.assertFalse(self._messages_of(self.ana + self.rui))

    def test_the_same_key_is_queued_once(self):
        (first,) = self._enqueue(self._draft())

        (second,) = self._enqueue(self._draft())

        self.assertEqual(second["outcome"], "duplicate")
        self.assertEqual(second["message_id"], first["message_id"])
        self.assertEqual(len(self._messages_of(self.ana)), 1)

    def test_the_same_key_twice_in_a_batch_is_queued_once(self):
        answers = self._enqueue(self._draft(), self._draft())

        self.assertEqual([a["outcome"] for a in answers], ["queued", "duplicate"])

    def test_a_key_taken_by_another_worker_meanwhile_is_a_duplicate(self):
        outbox = self.env["veloc.outbox"]
        draft = self._draft()
        answers = outbox._refuse_malformed([draft])
        outbox._ask_gate([draft], answers, NOON)
        accounts = outbox._choose_accounts([draft], answers)
        outbox._render([draft], answers)
        rows = outbox._prepare_rows([draft], answers, accounts, NOON)
        self._enqueue(draft)

        outbox._insert(rows, answers)

        self.assertEqual(answers[0]["outcome"], "duplicate")

    def test_bad_drafts_cost_the_others_nothing(self):
        unapproved = self.env["veloc.template"].create(
            {
                "name": "Draft",
                "code": "test-draft",
                "purpose_id": self.template.purpose_id.id,
            }
        )
        gone = self.env["res.partner"].create({"name": "Gone"})
        gone_id = gone.id
        gone.unlink()
        self._grant(self.ana, channel="call")

        answers = self._enqueue(
            self._draft(),
            {**self._draft(), "key": ""},
            self._draft(channel="pigeon"),
            {**self._draft(), "key": "k1", "partner_id": gone_id},
            self._draft(template=unapproved),
            self._draft(channel="call", key="k2"),
        )

        self.assertEqual(
            [(a["outcome"], a["reason"]) for a in answers[1:]],
            [
                ("refused", "bad_item"),
                ("refused", "bad_item"),
                ("refused", "unknown_partner"),
                ("refused", "template_not_approved"),
                ("refused", "no_account"),
            ],
        )
        self.assertEqual(answers[0]["outcome"], "queued")

    def test_a_text_that_cannot_be_rendered_is_refused(self):
        template = self._approved_template(
            "test-amount",
            "marketing",
            bodies={"sms": ("", "Ganhe {{ amount }}. SAIR para parar.")},
        )

        (answer,) = self._enqueue(self._draft(template=template))

        self.assertEqual(
            (answer["outcome"], answer["reason"]), ("refused", "missing_variable")
        )

    def test_a_paused_account_is_used_only_when_no_other_serves_the_channel(self):
        self.account.action_pause()
        (waiting,) = self._enqueue(self._draft())
        spare = self._account("spare-sms", "sms", sequence=99)
        (going,) = self._enqueue(self._draft(key="second"))

        self.assertEqual(self._message(waiting).account_id, self.account)
        self.assertEqual(self._message(going).account_id, spare)

    def test_urgent_templates_travel_in_the_urgent_lane(self):
        (answer,) = self._enqueue(self._draft(template=self.urgent))

        self.assertRecordValues(
            self._message(answer), [{"lane": "urgent", "priority": 0}]
        )

    def test_queueing_wakes_the_jobs_of_the_lane(self):
        triggers = self.env["ir.cron.trigger"]
        urgent = self.env.ref("veloc_messaging.ir_cron_dispatch_urgent")
        bulk = self.env.ref("veloc_messaging.ir_cron_dispatch_bulk_1")
        triggers.search([]).unlink()

        self._enqueue(self._draft(template=self.urgent))

        self.assertTrue(triggers.search([("cron_id", "=", urgent.id)]))
        self.assertFalse(triggers.search([("cron_id", "=", bulk.id)]))

    def test_queued_messages_of_a_source_can_be_cancelled(self):
        (answer,) = self._enqueue(self._draft(source="veloc.enrolment,12"))
        (other,) = self._enqueue(self._draft(key="k2", source="veloc.enrolment,13"))
        messages = self.env["veloc.message"]

        count = messages._cancel_queued(["veloc.enrolment,12"], "goal_reached")

        self.assertEqual(count, 1)
        self.assertRecordValues(
            self._message(answer) + self._message(other),
            [
                {"state": "cancelled", "failure_code": "goal_reached"},
                {"state": "queued", "failure_code": False},
            ],
        )
        self.assertEqual(messages._cancel_queued(["veloc.enrolment,12"], "x"), 0)

    def test_programs_enqueue_by_template_code(self):
        item = {
            "partner_id": self.ana.id,
            "template": "test-marketing",
            "channel": "sms",
            "key": "rpc-1",
            "useful_until": "2026-03-12 12:00:00",
        }

        answers = self.env["veloc.message"].enqueue(
            [
                item,
                item,
                {**item, "template": "nope"},
                {**item, "useful_until": "tomorrow"},
                "nonsense",
                {**item, "key": "rpc-2", "partner_id": self.rui.id},
            ]
        )

        message = self.env["veloc.message"].search([("key", "=", "rpc-1")])
        self.assertEqual(
            answers,
            [
                {"index": 0, "outcome": "queued", "message_id": message.id},
                {"index": 1, "outcome": "duplicate"},
                {"index": 2, "outcome": "refused", "reason": "unknown_template"},
                {"index": 3, "outcome": "refused", "reason": "bad_item"},
                {"index": 4, "outcome": "refused", "reason": "bad_item"},
                {"index": 5, "outcome": "refused", "reason": "no_consent"},
            ],
        )
        self.assertEqual(str(message.useful_until), "2026-03-12 12:00:00")

    def test_an_item_that_cannot_be_stored_costs_the_others_nothing(self):
        good = {
            "partner_id": self.ana.id,
            "template": "test-marketing",
            "channel": "sms",
            "key": "good",
        }
        bad = (
            {"partner_id": 2**40},
            {"channel": ["sms"]},
            {"template": {"code": "x"}},
            {"key": "a\x00b"},
            {"key": "\ud800"},
            {"useful_until": 7},
        )

        answers = self.env["veloc.message"].enqueue(
            [
                *({**good, "key": f"bad-{n}", **wrong} for n, wrong in enumerate(bad)),
                good,
            ]
        )

        self.assertEqual({a["outcome"] for a in answers[:-1]}, {"refused"})
        self.assertEqual(answers[-1]["outcome"], "queued")

    def test_a_value_that_cannot_be_stored_refuses_its_message_alone(self):
        template = self._approved_template(
            "test-reference",
            "account_service",
            bodies={"sms": ("", "Pedido {{ reference | default('-') }}.")},
        )
        wrong = self._draft(self.rui, template, variables={"reference": "a\ud800b"})

        answers = self._enqueue(wrong, self._draft())

        self.assertEqual([a["outcome"] for a in answers], ["refused", "queued"])

    def test_the_queries_do_not_grow_with_the_batch(self):
        people = self.env["res.partner"].create(
            [
                self._prepare_person(
                    f"P{n}", f"p{n}@example.com", f"+55 11 96123-45{n:02}"
                )
                for n in range(20)
            ]
        )
        for person in people:
            self._grant(person)
        self._enqueue(self._draft(people[0]))
        counts = []
        for batch in (people[1:3], people[3:]):
            drafts = [self._draft(person) for person in batch]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            answers = self._enqueue(*drafts)
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual({a["outcome"] for a in answers}, {"queued"})
        self.assertEqual(counts[0], counts[1])
