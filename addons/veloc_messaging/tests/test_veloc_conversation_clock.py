from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .conversation_case import ConversationCase

CRON = "veloc_messaging.ir_cron_response_clock"
# 11:50 in São Paulo: lunch begins ten minutes later and ends at 14:00 (17:00Z).
BEFORE_LUNCH = NOON - timedelta(minutes=10)
TEN_PAST_TWO = datetime(2026, 3, 11, 17, 10)
TWENTY_PAST_TWO = datetime(2026, 3, 11, 17, 20)


@tagged("post_install", "-at_install")
class TestClock(ConversationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(BEFORE_LUNCH):
            cls.talk = cls._write(cls.ana, at=BEFORE_LUNCH)

    def _tick(self, at):
        with freeze_time(at):
            self.run_cron(CRON)
        self.env.invalidate_all()

    def _asked(self, user=None):
        activities = self.env["mail.activity"].search(
            [("res_model", "=", "veloc.conversation"), ("res_id", "=", self.talk.id)]
        )
        return activities.filtered(lambda a: not user or a.user_id == user)

    def test_the_deadlines_stand_since_the_person_wrote(self):
        self.assertEqual(self.talk.step_in_at, TEN_PAST_TWO)
        self.assertEqual(self.talk.escalate_at, TWENTY_PAST_TWO)

    def test_a_second_message_does_not_move_them(self):
        self._write(self.ana, at=BEFORE_LUNCH + timedelta(minutes=5))

        self.assertEqual(self.talk.step_in_at, TEN_PAST_TWO)

    def test_nobody_is_asked_before_it_is_time(self):
        self._tick(TEN_PAST_TWO - timedelta(seconds=1))

        self.assertFalse(self._asked())

    def test_somebody_on_duty_is_asked_once(self):
        with self._bus() as sent:
            self._tick(TEN_PAST_TWO)
            self._tick(TEN_PAST_TWO + timedelta(minutes=1))

        self.assertEqual(len(self._asked()), 1)
        self.assertIn(self._asked().user_id, self.bia | self.caio)
        self.assertIn("Ana", self._asked().summary)
        self.assertEqual(len(sent), 1)
        self.assertTrue(self.talk.is_overdue)
        self.assertEqual(self.talk.round_id.stepped_in, 1)
        self.assertIn(self.talk, self.talks.search([("is_overdue", "=", True)]))

    @contextmanager
    def _bus(self):
        """Collect the notices on people's screens."""
        sent = []
        bus = type(self.env["bus.bus"])
        real = bus._sendone

        def note(this, target, kind, message):
            if kind == "simple_notification":
                sent.append(message)
            return real(this, target, kind, message)

        with patch.object(bus, "_sendone", note):
            yield sent

    def test_the_agent_of_the_conversation_is_asked_first(self):
        self.talk.user_id = self.caio
        self._tick(TEN_PAST_TWO)

        self.assertEqual(self._asked().user_id, self.caio)

    def test_otherwise_whoever_has_least_to_do(self):
        with freeze_time(BEFORE_LUNCH):
            others = self._write(self.rui, at=BEFORE_LUNCH)
        self._tick(TEN_PAST_TWO)

        asked = (self.talk | others).activity_ids.user_id
        self.assertEqual(asked, self.bia | self.caio)

    def test_it_is_escalated_once_and_logged(self):
        self._tick(TWENTY_PAST_TWO)
        self._tick(TWENTY_PAST_TWO + timedelta(minutes=1))

        self.assertEqual(len(self._asked(self.boss)), 1)
        logged = self.talk.message_ids.filtered(lambda m: "Escalated" in (m.body or ""))
        self.assertEqual(len(logged), 1)
        self.assertEqual(self.talk.round_id.escalated, 1)

    def test_the_escalation_is_noted_in_the_language_of_the_supervisor(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.env["ir.module.module"]._load_module_terms(["veloc_messaging"], ["pt_BR"])
        self.boss.lang = "pt_BR"
        self._tick(TWENTY_PAST_TWO)

        bodies = self.talk.message_ids.mapped("body")
        self.assertTrue([body for body in bodies if "Escalada para" in body], bodies)

    def test_an_answer_stops_the_clock_and_takes_the_activity_away(self):
        self._tick(TEN_PAST_TWO)
        with freeze_time(TEN_PAST_TWO):
            self._answer(self.talk)
        self._tick(TWENTY_PAST_TWO)

        self.assertFalse(self._asked())
        self.assertFalse(self.talk.escalated_at or self.talk.is_overdue)

    def test_new_limits_hold_for_those_who_wait(self):
        self.desk.step_in_minutes = 5

        self.assertEqual(self.talk.step_in_at, BEFORE_LUNCH + timedelta(minutes=5))

    def test_a_desk_without_people_says_so_in_the_conversation(self):
        self.desk.write({"user_ids": [(5,)], "supervisor_id": False})
        self._tick(TWENTY_PAST_TWO)

        self.assertFalse(self._asked())
        bodies = " ".join(self.talk.message_ids.mapped("body"))
        self.assertIn("Nobody is on duty", bodies)

    def test_the_day_ends_with_a_list_once(self):
        with freeze_time(BEFORE_LUNCH):
            self.desk._plan_list(BEFORE_LUNCH)
        evening = datetime(2026, 3, 11, 21, 0)  # 18:00 in São Paulo
        self.assertEqual(self.desk.list_at, evening)

        self._tick(evening)
        self._tick(evening + timedelta(minutes=1))

        (listed,) = self.desk.activity_ids
        self.assertEqual(listed.user_id, self.boss)
        self.assertIn("Ana", listed.note)
        self.assertEqual(self.desk.list_at, evening + timedelta(days=1))

    def test_a_day_without_anybody_waiting_has_no_list(self):
        with freeze_time(BEFORE_LUNCH):
            self.desk._plan_list(BEFORE_LUNCH)
            self._answer(self.talk)
        self._tick(datetime(2026, 3, 11, 21, 0))

        self.assertFalse(self.desk.activity_ids)
        self.assertGreater(self.desk.list_at, datetime(2026, 3, 11, 21, 0))

    def test_hours_that_differ_from_week_to_week_are_refused(self):
        calendar = self.desk.calendar_id.copy()
        calendar.switch_calendar_type()
        with self.assertRaises(ValidationError):
            self.desk.calendar_id = calendar

    def test_an_idle_minute_costs_few_queries(self):
        clock = self.env["veloc.conversation.clock"]
        self.env.flush_all()
        with self.assertQueryCount(3):
            clock._step_in(BEFORE_LUNCH)
            clock._escalate(BEFORE_LUNCH)
            clock._list_unanswered(datetime(2020, 1, 1))


@tagged("post_install", "-at_install")
class TestTwoAtOnce(ConversationCase):
    """Two jobs on two real connections; what they see is committed first."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            account = env["veloc.account"].search([], limit=1) or env[
                "veloc.account"
            ].create({"name": "x", "code": "two-at-once"})
            talk = env["veloc.conversation"].create(
                {
                    "channel": "sms",
                    "identifier": "two-at-once",
                    "company_id": env.company.id,
                    "account_id": account.id,
                    "waiting_since": "2020-01-01",
                    "step_in_at": "2020-01-01",
                }
            )
            self.talk_id = talk.id
        self.addCleanup(self._remove)

    def _remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["veloc.conversation"].browse(self.talk_id).unlink()

    def test_a_deadline_is_taken_by_one_of_them(self):
        now = datetime(2020, 1, 2)
        with self.registry.cursor() as first_cr, self.registry.cursor() as second_cr:
            first, second = (
                api.Environment(cr, SUPERUSER_ID, {})["veloc.conversation.clock"]
                for cr in (first_cr, second_cr)
            )
            taken = first._take("step_in_at", "stepped_in_at", now)
            # The other one neither waits nor takes it, before and after the commit.
            missed = second._take("step_in_at", "stepped_in_at", now)
            first_cr.commit()
            late = second._take("step_in_at", "stepped_in_at", now)
            second_cr.rollback()

        self.assertEqual(taken.ids, [self.talk_id])
        self.assertFalse(missed)
        self.assertFalse(late)
