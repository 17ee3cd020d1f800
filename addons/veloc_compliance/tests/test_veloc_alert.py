from datetime import timedelta

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOON
from .watch_case import WatchCase

CODE = "ledger_unsound"


@tagged("post_install", "-at_install")
class TestVelocAlert(WatchCase):
    """One trouble, one alert; its clock, its owner, its end, and all of it recorded."""

    def _raise(self, minutes=0, code=CODE, **more):
        with freeze_time(NOON + timedelta(minutes=minutes)):
            return self.alerts._raise(code, **more)

    def _escalate(self, minutes):
        with freeze_time(NOON + timedelta(minutes=minutes)):
            self.alerts._escalate(NOON + timedelta(minutes=minutes))

    def _told(self, alert):
        return [
            (step.level_name, step.user_ids) for step in alert.step_ids.sorted("id")
        ]

    # === ONE TROUBLE, ONE ALERT === #

    def test_one_trouble_has_one_open_alert_however_often_it_is_noticed(self):
        first = self._raise(key="a", detail="seen")
        again = self._raise(9, key="a", detail="seen once more")
        self.assertEqual(first, again)
        self.assertRecordValues(
            first,
            [
                {
                    "times": 2,
                    "detail": "seen once more",
                    "raised_at": NOON,
                    "last_raised_at": NOON + timedelta(minutes=9),
                    "severity": "critical",
                    "state": "open",
                }
            ],
        )
        self.assertNotEqual(self._raise(key="b"), first)

    def test_the_database_itself_refuses_a_second_one(self):
        alert = self._raise()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            alert.copy()

    def test_an_unknown_code_still_alerts(self):
        alert = self._raise(code="nobody_knows_me", detail="?")
        self.assertRecordValues(
            alert, [{"severity": "warning", "display_name": "nobody_knows_me"}]
        )
        self.assertTrue(alert.step_ids)

    def test_fifty_alerts_cost_as_many_statements_as_five(self):
        def cost(findings):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.alerts._raise_many("nobody_knows_me", findings)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost([self._found("warm")])
        few = cost([self._found(f"few{n}") for n in range(5)])
        many = cost([self._found(f"many{n}") for n in range(50)])
        self.assertLessEqual(many, few + 5)

    def test_an_event_that_was_settled_does_not_open_its_alert_again(self):
        event = [self._found("a", at=NOON)]
        with freeze_time(NOON):
            alert = self.alerts._raise_many(CODE, event)
        alert.with_user(self.analyst)._close_by_person("false_alarm", "A drill.")
        self.assertFalse(self.alerts._raise_many(CODE, event))
        later = [self._found("a", at=NOON + timedelta(minutes=1))]
        self.assertTrue(self.alerts._raise_many(CODE, later))

    def test_an_alert_closes_when_its_cause_is_gone_and_opens_anew(self):
        alert = self._raise()
        self.assertEqual(self.alerts._clear(CODE), alert)
        self.assertRecordValues(
            alert, [{"state": "resolved", "closed_by_id": False, "escalates_at": False}]
        )
        self.assertFalse(self.alerts._clear(CODE))
        self.assertNotEqual(self._raise(), alert)

    def test_a_transaction_that_fails_still_raises_what_it_noticed(self):
        with self.enter_registry_test_mode():
            self.alerts._raise_apart("ciphertext_unreadable", key="res.partner:7")
            self.env.cr.postrollback.run()
        self.assertTrue(self._live("ciphertext_unreadable"))

    # === THE CLOCK AND THE LADDER === #

    def test_thirty_minutes_without_an_answer_reach_the_supervisor_then_the_manager(
        self,
    ):
        alert = self._raise()
        self.assertEqual(self._told(alert), [("Technician", self.analyst)])
        self.assertEqual(alert.escalates_at, NOON + timedelta(minutes=30))
        self._escalate(29)
        self.assertEqual(len(alert.step_ids), 1)
        self._escalate(30)
        self.assertEqual(self._told(alert)[1], ("Supervisor", self.officer))
        self._escalate(61)
        self.assertEqual(self._told(alert)[2], ("Manager", self.boss))
        self.assertFalse(alert.escalates_at)

    def test_alerts_that_climb_together_are_told_together(self):
        alerts = self._raise(key="a") | self._raise(key="b")
        self._escalate(30)
        for alert in alerts:
            self.assertEqual(self._told(alert)[1], ("Supervisor", self.officer))

    def test_each_level_is_told_once_however_often_the_job_runs(self):
        alert = self._raise()
        for _again in range(3):
            self._escalate(45)
        self.assertEqual(len(alert.step_ids), 2)
        activities = self.env["mail.activity"].search(
            [("res_model", "=", "veloc.alert"), ("res_id", "=", alert.id)]
        )
        self.assertEqual(activities.user_id, self.analyst | self.officer)
        self.assertEqual(len(activities), 2)

    def test_after_an_outage_every_level_is_told(self):
        alert = self._raise()
        self._escalate(600)
        self.assertEqual(len(alert.step_ids), 3)

    def test_who_takes_it_stops_the_climb(self):
        alert = self._raise()
        alert.with_user(self.analyst).action_acknowledge()
        self._escalate(600)
        self.assertEqual(len(alert.step_ids), 1)
        self.assertRecordValues(
            alert,
            [
                {
                    "state": "acknowledged",
                    "owner_id": self.analyst.id,
                    "acknowledged_by_id": self.analyst.id,
                    "escalates_at": False,
                }
            ],
        )

    def test_what_grows_graver_climbs_from_the_start_even_if_it_was_taken(self):
        alert = self._raise(code="backup_late", severity="warning")
        alert.with_user(self.analyst).action_acknowledge()
        self._raise(50, code="backup_late", severity="critical")
        self.assertRecordValues(
            alert, [{"state": "open", "severity": "critical", "round": 2}]
        )
        self.assertEqual(alert.escalates_at, NOON + timedelta(minutes=80))
        self._escalate(80)
        self.assertEqual(len(alert.step_ids), 3)

    def test_who_is_on_duty_is_told_instead_of_the_whole_level(self):
        self.env["veloc.escalation.shift"].create(
            {
                "level_id": self.technician.id,
                "user_id": self.boss.id,
                "starts_at": NOON - timedelta(days=7, hours=1),
                "stops_at": NOON - timedelta(days=7) + timedelta(hours=1),
                "is_weekly": True,
            }
        )
        self.assertEqual(self._told(self._raise()), [("Technician", self.boss)])
        later = self._raise(120, key="later")
        self.assertEqual(self._told(later), [("Technician", self.analyst)])

    def test_an_empty_level_tells_the_officers(self):
        self.technician.user_ids = False
        ((_level, people),) = self._told(self._raise())
        self.assertLessEqual(self.officer | self.boss, people)

    def test_who_left_the_company_is_not_counted_upon(self):
        self.analyst.active = False
        ((_level, people),) = self._told(self._raise())
        self.assertIn(self.officer, people)

    def test_a_level_gets_its_letter_without_personal_data_in_the_reader_s_language(
        self,
    ):
        self.analyst.lang = "pt_BR"
        before = self.env["mail.mail"].search([], limit=1, order="id desc").id or 0
        alert = self._raise(detail="1 entry")
        mails = self.env["mail.mail"].search([("id", ">", before)])
        self.assertEqual(len(mails), 1)
        self.assertIn(self.analyst.email, mails.email_to)
        self.assertIn(f"/odoo/veloc-alerts/{alert.id}", mails.body_html)
        self.assertIn("1 entry", mails.body_html)

    def test_who_answers_for_a_rule_owns_its_alert_and_is_told_first(self):
        self.rule(CODE).owner_id = self.boss
        alert = self._raise()
        self.assertEqual(alert.owner_id, self.boss)
        self.assertEqual(alert.step_ids.user_ids, self.analyst | self.boss)

    # === ITS END === #

    def test_nobody_closes_an_alert_without_saying_why(self):
        alert = self._raise()
        with self.assertRaises(UserError):
            alert.with_user(self.analyst)._close_by_person("resolved", "  ")
        wizard = self.env["veloc.alert.close"].with_user(self.analyst)
        wizard.create(
            {"alert_ids": alert.ids, "outcome": "false_alarm", "reason": "A drill."}
        ).action_close()
        self.assertRecordValues(
            alert,
            [
                {
                    "state": "false_alarm",
                    "close_reason": "A drill.",
                    "closed_by_id": self.analyst.id,
                }
            ],
        )
        self.assertFalse(alert.activity_ids)

    def test_nobody_closes_an_alert_about_themselves(self):
        finding = [self._found("x", about_user_id=self.analyst.id)]
        alert = self.alerts._raise_many("unusual_reading", finding)
        with self.assertRaises(UserError):
            alert.with_user(self.analyst)._close_by_person("resolved", "Was me, fine.")
        alert.with_user(self.officer)._close_by_person("resolved", "Asked them.")
        self.assertEqual(alert.state, "resolved")

    # === WHO MAY === #

    def test_alerts_move_by_their_buttons_only_not_even_for_the_administrator(self):
        alert = self._raise()
        admin = self.env.ref("base.user_admin")
        for user in (self.analyst, self.officer, admin):
            with self.assertRaises(AccessError):
                alert.with_user(user).write({"state": "resolved"})
            with self.assertRaises(AccessError):
                alert.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.alerts.with_user(user).create({"code": "x", "severity": "info"})

    def test_a_viewer_neither_sees_nor_takes_alerts(self):
        alert = self._raise()
        with self.assertRaises(AccessError):
            alert.with_user(self.viewer).read(["detail"])
        with self.assertRaises(AccessError):
            alert.with_user(self.viewer).action_acknowledge()

    def test_the_analyst_of_one_company_does_not_see_the_alerts_of_another(self):
        other = self.env["res.company"].create({"name": "Other"})
        finding = [self._found("x", company_id=other.id)]
        alert = self.alerts._raise_many(CODE, finding)
        seen = self.alerts.with_user(self.analyst).search([("id", "=", alert.id)])
        self.assertFalse(seen)
        with self.assertRaises(AccessError):
            alert.with_user(self.analyst).action_acknowledge()

    # === PROOF === #

    def test_opening_telling_taking_and_closing_are_in_the_ledger(self):
        alert = self._raise()
        self._escalate(30)
        alert.with_user(self.analyst).action_acknowledge()
        alert.with_user(self.analyst)._close_by_person("resolved", "Repaired.")
        self.env.flush_all()
        entries = self.env["veloc.ledger.entry"].search(
            [("kind", "=", "alert"), ("res_id", "=", alert.id)], order="id"
        )
        events = " ".join(entries.mapped("public"))
        self.assertIn('"event":"opened"', events)
        self.assertEqual(events.count('"event":"told"'), 2)
        self.assertIn("state", events)

    def test_the_cron_escalates(self):
        alert = self._raise()
        with self.enter_registry_test_mode(), freeze_time(NOON + timedelta(minutes=31)):
            cron = self.env.ref("veloc_compliance.ir_cron_escalate")
            cron.method_direct_trigger()
        self.assertEqual(len(alert.step_ids), 2)
