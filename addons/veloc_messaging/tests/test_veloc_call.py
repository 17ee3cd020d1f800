from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..rules.call_outcome import AGAIN_AFTER, GRACE
from .common import MessagingCase

CALL = {"call": ("", "Oi {{ first_name | default('') }}, tudo certo com a conta?")}


@tagged("post_install", "-at_install")
class TestVelocCall(MessagingCase):
    """A message to be called becomes somebody's task, and its outcome the state."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.users"].search([]).group_ids -= cls.env.ref(
            "veloc_messaging.group_desk"
        )
        cls.desk = cls._account("test-desk", "call", provider="desk")
        cls.promotion = cls._approved_template("test-call", "marketing", bodies=CALL)
        cls.service = cls._approved_template(
            "test-call-service", "account_service", lane="urgent", bodies=CALL
        )
        cls.agent = cls._user("call-agent", "veloc_messaging.group_desk")
        cls.colleague = cls._user("call-colleague", "veloc_messaging.group_desk")
        cls.outsider = cls._user("call-outsider", "base.group_user")
        cls.manager = cls._user("call-manager", "veloc_messaging.group_manager")

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    @classmethod
    def _user(cls, login, group):
        return new_test_user(cls.env, login, groups=f"base.group_user,{group}")

    def _call(self, partner=None, template=None, lane="bulk", **values):
        """Queue a call, let the dispatcher hand it to the desk; return the task."""
        message = self._queue(partner, template or self.promotion, "call", **values)
        jobs = {"bulk": "bulk_1", "urgent": "urgent"}
        self.run_dispatch_cron(f"veloc_messaging.ir_cron_dispatch_{jobs[lane]}")
        return self.env["veloc.call"].search([("message_id", "=", message.id)])

    def _as(self, call, user=None):
        call.user_id = user or self.agent
        return call.with_user(user or self.agent)

    # === MAKING === #

    def test_an_accepted_call_is_a_task_with_all_its_caller_needs(self):
        until = NOON + timedelta(days=2)

        call = self._call(useful_until=until)

        self.assertRecordValues(
            call,
            [
                {
                    "partner_id": self.ana.id,
                    "reason": "test-call",
                    "script": "Oi Ana, tudo certo com a conta?",
                    "state": "open",
                    "due_at": until,
                    "call_at": NOON,
                    "priority": "0",
                    "attempts": 0,
                }
            ],
        )
        self.assertEqual(call.message_id.state, "accepted")
        self.assertEqual(call.reference, call.message_id.reference)

    def test_an_urgent_message_is_an_urgent_call(self):
        call = self._call(template=self.service, lane="urgent")
        self.assertEqual(call.priority, "1")
        self.assertEqual(call.due_at, NOON + timedelta(days=7))

    def test_the_salesperson_of_the_person_calls(self):
        self.ana.user_id = self.colleague
        self.assertEqual(self._call().user_id, self.colleague)

    def test_a_salesperson_who_may_not_call_does_not_get_the_task(self):
        self.ana.user_id = self.outsider
        self.assertIn(self._call().user_id, self.agent + self.colleague)

    def test_the_desk_shares_by_who_has_the_fewest(self):
        first = self._call(self.ana)
        second = self._call(self.rui)
        self.assertEqual(first.user_id + second.user_id, self.agent + self.colleague)

    def test_without_a_desk_the_task_is_nobodys_and_can_be_taken(self):
        (self.agent + self.colleague).group_ids = [
            (3, self.env.ref("veloc_messaging.group_desk").id),
            (4, self.env.ref("veloc_messaging.group_user").id),
        ]
        call = self._call()
        self.assertFalse(call.user_id)
        call.with_user(self.agent).action_take()
        self.assertEqual(call.user_id, self.agent)
        call.with_user(self.manager).action_take()
        self.assertEqual(call.user_id, self.agent)

    def test_the_cost_of_making_does_not_depend_on_the_number(self):
        people = self.env["res.partner"].create(
            [
                self._prepare_person(
                    f"P{n}", f"p{n}@example.com", f"+55119612300{n:02}"
                )
                for n in range(12)
            ]
        )
        messages = [self._queue(person, self.promotion, "call") for person in people]
        columns = [*self.env["veloc.outbox"]._columns()]
        rows = [message.read(columns, load=False)[0] for message in messages]
        for row in rows:
            row["template_version_id"] = messages[0].template_version_id.id
        self.env["veloc.call"]._make(rows[:1], NOON)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(14):
            self.env["veloc.call"]._make(rows[1:], NOON)
            self.env.flush_all()

    # === STARTING === #

    def test_starting_asks_the_gate_and_dials(self):
        call = self._as(self._call())
        self.assertEqual(call.phone, "+5511961234567")
        action = call.action_start()
        self.assertEqual(action["url"], "tel:+5511961234567")
        self.assertEqual(call.started_at, NOON)

    def test_who_excluded_themselves_since_is_not_called(self):
        call = self._as(self._call())
        self.env["veloc.suppression"]._impose(
            self.ana.ids, "self_exclusion", source="test"
        )
        call.invalidate_recordset()
        self.assertFalse(call.can_call)
        self.assertFalse(call.phone)
        # The desk is cleared at once: nobody even reads the script.
        self.assertRecordValues(
            call, [{"state": "cancelled", "end_code": "self_exclusion"}]
        )
        self.assertEqual(call.end_reason, "The person excluded themselves.")
        with self.assertRaises(UserError):
            call.action_start()
        self.assertRecordValues(
            call.sudo().message_id,
            [
                {
                    "state": "failed",
                    "failure_class": "gate",
                    "failure_code": "self_exclusion",
                }
            ],
        )

    def test_the_reason_speaks_the_language_of_the_user(self):
        call = self._as(self._call())
        self.env["veloc.suppression"]._impose(
            self.ana.ids, "self_exclusion", source="test"
        )
        call.invalidate_recordset()
        portuguese = call.with_context(lang="pt_BR")
        self.assertEqual(portuguese.end_reason, "A pessoa se autoexcluiu.")

    def test_outside_the_contact_hours_the_call_waits(self):
        call = self._as(self._call())
        with freeze_time(NOON + timedelta(hours=12)):
            call.invalidate_recordset()
            self.assertFalse(call.can_call)
            call.action_start()
            self.assertEqual(call.state, "open")
            self.assertFalse(call.started_at)
            self.assertGreater(call.call_at, NOON + timedelta(hours=12))

    def test_an_outcome_needs_a_call_that_was_started(self):
        call = self._as(self._call())
        with self.assertRaises(UserError):
            call.action_reached()
        self.assertEqual(call.state, "open")

    # === OUTCOMES === #

    def _started(self, **values):
        call = self._as(self._call(**values))
        call.action_start()
        return call

    def test_reached_means_delivered(self):
        call = self._started()
        call.action_reached()
        self.assertRecordValues(
            call, [{"state": "done", "outcome": "reached", "attempts": 1}]
        )
        self.assertRecordValues(
            call.sudo().message_id,
            [{"state": "delivered", "delivered_at": NOON, "failure_class": False}],
        )

    def test_an_outcome_counts_once(self):
        call = self._started()
        call.action_reached()
        with self.assertRaises(UserError):
            call.action_reached()
        self.assertEqual(call.attempts, 1)

    def test_no_answer_comes_back_and_must_be_started_again(self):
        call = self._started()
        call.action_no_answer()
        self.assertRecordValues(
            call,
            [
                {
                    "state": "open",
                    "call_at": NOON + AGAIN_AFTER["no_answer"],
                    "started_at": False,
                    "attempts": 1,
                }
            ],
        )
        self.assertEqual(call.sudo().message_id.state, "accepted")

    def test_who_never_answers_was_not_reached(self):
        call = self._started()
        for _ in range(2):
            call.action_busy()
            call.action_start()
        call.action_no_answer()
        self.assertEqual(call.state, "missed")
        self.assertRecordValues(
            call.sudo().message_id,
            [{"state": "undelivered", "failure_code": "no_answer"}],
        )

    def test_a_wrong_number_is_a_permanent_failure(self):
        call = self._started()
        call.action_wrong_number()
        self.assertRecordValues(
            call.sudo().message_id,
            [{"state": "undelivered", "failure_class": "permanent"}],
        )

    def test_a_call_back_has_the_time_the_person_asked_for(self):
        call = self._started(useful_until=NOON + timedelta(hours=3))
        at = NOON + timedelta(days=2)
        action = call.action_call_back()
        wizard = self.env["veloc.call.back"].with_user(self.agent)
        wizard.create(
            {
                "call_id": action["context"]["default_call_id"],
                "call_at": at,
                "note": "Depois do almoço",
            }
        ).action_save()
        self.assertRecordValues(
            call,
            [
                {
                    "state": "open",
                    "call_at": at,
                    "due_at": at + GRACE,
                    "note": "Depois do almoço",
                    "outcome": "call_back",
                }
            ],
        )

    def test_a_call_back_in_the_past_is_refused(self):
        call = self._started()
        wizard = self.env["veloc.call.back"].with_user(self.agent)
        past = wizard.create({"call_id": call.id, "call_at": NOON})
        with self.assertRaises(UserError):
            past.action_save()

    def test_who_asks_not_to_be_called_is_out_at_once_everywhere(self):
        other = self._as(self._call(key="other"), self.colleague)
        call = self._started()

        call.action_do_not_call()

        self.assertEqual(self._ask(self.ana, channel="call").reason, "opt_out")
        revocation = self.env["veloc.consent"].search(
            [("partner_id", "=", self.ana.id), ("granted", "=", False)]
        )
        self.assertEqual(set(revocation.mapped("channel")), {"call"})
        self.assertEqual(revocation[0].evidence, f"veloc.call,{call.id}")
        self.assertEqual(call.sudo().message_id.state, "delivered")
        self.assertRecordValues(other, [{"state": "cancelled", "end_code": "opt_out"}])

    def test_the_opt_out_does_not_need_a_started_call(self):
        call = self._as(self._call())
        call.action_do_not_call()
        self.assertEqual(call.state, "done")

    def test_a_message_queued_again_gets_a_call_of_its_own(self):
        call = self._started()
        call.action_wrong_number()
        message = call.sudo().message_id
        message.with_user(self.manager).action_retry()
        self.run_dispatch_cron()
        calls = self.env["veloc.call"].search([("message_id", "=", message.id)])
        self.assertEqual(sorted(calls.mapped("state")), ["done", "open"])
        self.assertEqual(message.state, "accepted")

    # === THE END === #

    def test_a_call_that_nobody_made_in_time_expires(self):
        call = self._call(useful_until=NOON + timedelta(hours=1))
        later = self._call(self.rui)
        with freeze_time(NOON + timedelta(hours=2)):
            self.run_cron("veloc_messaging.ir_cron_calls")
        self.assertEqual(call.state, "missed")
        self.assertRecordValues(
            call.message_id,
            [
                {
                    "state": "undelivered",
                    "failure_class": "late",
                    "failure_code": "too_late",
                }
            ],
        )
        self.assertEqual(later.state, "open")

    # === WHO MAY === #

    def test_colleagues_do_not_see_each_others_calls_but_managers_do(self):
        call = self._call()
        call.user_id = self.agent
        calls = self.env["veloc.call"]
        domain = [("id", "=", call.id)]
        self.assertTrue(calls.with_user(self.agent).search(domain))
        self.assertFalse(calls.with_user(self.colleague).search(domain))
        self.assertTrue(calls.with_user(self.manager).search(domain))
        with self.assertRaises(AccessError):
            call.with_user(self.colleague).action_start()

    def test_an_outsider_may_neither_read_nor_act(self):
        call = self._call().with_user(self.outsider)
        with self.assertRaises(AccessError):
            call.read(["state"])
        with self.assertRaises(AccessError):
            call.action_do_not_call()

    def test_nobody_writes_an_outcome_by_hand(self):
        call = self._call()
        call.user_id = self.agent
        with self.assertRaises(AccessError):
            call.with_user(self.agent).write({"note": "x"})
        with self.assertRaises(AccessError):
            call.with_user(self.manager).write({"state": "done"})
        with self.assertRaises(AccessError):
            self.env["veloc.call"].with_user(self.manager).create({})
        call.with_user(self.manager).write({"user_id": self.colleague.id})
        self.assertEqual(call.user_id, self.colleague)

    def test_another_company_does_not_see_the_call(self):
        call = self._call()
        call.company_id = self.env["res.company"].create({"name": "Other broker"})
        manager = self.env["veloc.call"].with_user(self.manager)
        self.assertFalse(manager.search([("id", "=", call.id)]))
