from datetime import datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..rules import response_clock
from .conversation_case import ConversationCase

WEDNESDAY = datetime(2026, 3, 11, 12, 0)  # 09:00 in São Paulo


@tagged("post_install", "-at_install")
class TestDesk(ConversationCase):
    def test_the_shipped_desk_works_from_nine_to_twelve_and_two_to_six(self):
        hours = self.env.ref("veloc_messaging.veloc_desk_main")._hours()

        self.assertEqual(hours.zone, "America/Sao_Paulo")
        self.assertEqual(
            {(s.weekday, s.begins // 60, s.ends // 60) for s in hours.stints},
            {(day, *span) for day in range(5) for span in ((9, 12), (14, 18))},
        )

    def test_a_holiday_of_the_companys_state_closes_the_desk(self):
        self.desk.company_id.state_id = self.env.ref("base.state_br_sp")
        revolution = datetime(2026, 7, 9, 13, 0)  # a Thursday

        self.assertFalse(response_clock.is_open(self.desk._hours(), revolution))
        self.desk.keeps_holidays = False
        self.assertTrue(response_clock.is_open(self.desk._hours(), revolution))

    def test_a_closing_of_the_calendar_is_no_work(self):
        self.desk.calendar_id.global_leave_ids = [
            (
                0,
                0,
                {
                    "name": "Inventory",
                    "date_from": WEDNESDAY,
                    "date_to": datetime(2026, 3, 11, 15, 0),
                },
            )
        ]

        due = response_clock.due_at(self.desk._hours(), WEDNESDAY, 20)

        self.assertEqual(due, datetime(2026, 3, 11, 17, 20))

    def test_a_companys_own_desk_goes_before_the_shared_one(self):
        shared = self.desk.copy({"company_id": False, "sequence": 1, "active": True})
        other = self.env["res.company"].create({"name": "Other broker"})

        found = self.env["veloc.desk"]._of_companies(self.env.company | other)

        self.assertEqual(found, {self.env.company.id: self.desk, other.id: shared})

    @mute_logger("odoo.sql_db")
    def test_escalation_never_comes_before_stepping_in(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.desk.escalate_minutes = 10
            self.env.flush_all()

    def test_managers_keep_desks_and_others_do_not(self):
        nobody = new_test_user(self.env, "desk_nobody", groups="base.group_user")

        self.desk.with_user(self.boss).step_in_minutes = 15
        with self.assertRaises(AccessError):
            self.desk.with_user(self.bia).step_in_minutes = 10
        self.assertFalse(self.desk.with_user(nobody).has_access("read"))

    def test_tags_are_the_managers_too(self):
        tags = self.env["veloc.conversation.tag"]
        tag = tags.with_user(self.boss).create({"name": "Test tag"})
        with self.assertRaises(AccessError):
            tags.with_user(self.bia).create({"name": "Another"})
        talk = self._write(self.ana)

        talk.with_user(self.bia).tag_ids = tag

        self.assertEqual(talk.tag_ids, tag)

    def test_canned_answers_are_offered_to_agents(self):
        offered = self.env["mail.canned.response"].with_user(self.bia).search([])

        self.assertIn("saque", offered.mapped("source"))
