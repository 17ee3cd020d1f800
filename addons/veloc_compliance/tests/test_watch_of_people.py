import json
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from .common import NOON
from .watch_case import WatchCase

DAYS = 20


@tagged("post_install", "-at_install")
class TestWatchOfPeople(WatchCase):
    """Unusual reading, exports, failed logins and new powers are told in minutes."""

    def _reads(self, at, count, user=None):
        """Let the ledger say that somebody was shown so many records."""
        self.env.cr.execute(
            "INSERT INTO veloc_ledger_entry_raw (at, kind, user_id, model, res_id, "
            "public) VALUES (%s, 'read', %s, 'res.partner', 0, %s)",
            [at, (user or self.analyst).id, json.dumps({"count": count})],
        )

    def _usual_weeks(self):
        """Let the analyst read some twenty records in each hour of twenty days."""
        for back in range(1, DAYS + 1):
            for hour in range(12, 21):  # 9:00 to 17:00 in São Paulo
                moment = NOON.replace(hour=hour) - timedelta(days=back)
                self._reads(moment, 20 + back % 5)
        self.env["veloc.staff.reading"]._add_up(NOON - timedelta(days=DAYS + 1))

    def _judge(self, at, since=None):
        with freeze_time(at):
            return self._look("unusual_reading", since or at - timedelta(minutes=2))

    # === READING === #

    def test_a_harvest_is_found_within_five_minutes(self):
        self._usual_weeks()
        self._reads(NOON, 400)
        (found,) = self._judge(NOON + timedelta(minutes=1))
        self.assertEqual(
            (found.res_id, found.about_user_id), (self.analyst.id, self.analyst.id)
        )
        self.assertIn("400 records in 5 min", found.detail)

    def test_the_usual_work_is_no_alarm(self):
        self._usual_weeks()
        self._reads(NOON, 22)
        self.assertFalse(self._judge(NOON + timedelta(minutes=1)))

    def test_work_in_the_night_is_found(self):
        self._usual_weeks()
        night = datetime(2026, 3, 11, 5, 0)  # 2:00 in São Paulo
        self._reads(night, 15)
        (found,) = self._judge(night + timedelta(minutes=1))
        self.assertIn("without any work", found.detail)

    def test_the_same_theft_is_one_alert_and_stays_closed_once_explained(self):
        self._usual_weeks()
        self._reads(NOON, 400)
        for minute in (1, 2, 3):
            at = NOON + timedelta(minutes=minute)
            self.alerts._raise_many("unusual_reading", self._judge(at, NOON))
        alert = self._live("unusual_reading")
        self.assertEqual(len(alert), 1)
        alert.with_user(self.officer)._close_by_person("false_alarm", "Asked them.")
        later = self._judge(NOON + timedelta(minutes=4), NOON)
        self.alerts._raise_many("unusual_reading", later)
        self.assertFalse(self._live("unusual_reading"))

    def test_counting_twice_changes_nothing(self):
        readings = self.env["veloc.staff.reading"]
        self._reads(NOON, 7)
        self._reads(NOON + timedelta(seconds=30), 5)
        self.assertEqual(readings._add_up(NOON), self.analyst.ids)
        self.assertEqual(readings._add_up(NOON), [])
        row = readings.search([("user_id", "=", self.analyst.id)])
        self.assertEqual(row.count, 12)

    def test_habits_are_learnt_once_a_day_and_forgotten_in_time(self):
        self._usual_weeks()
        habits = self.env["veloc.staff.habit"]
        habits._learn(NOON)
        mine = habits.search([("user_id", "=", self.analyst.id)])
        self.assertEqual(len(mine), DAYS)
        habits._learn(NOON)
        self.assertEqual(habits.search_count([("user_id", "=", self.analyst.id)]), DAYS)
        self.env["veloc.staff.reading"]._gc_old()
        habits._gc_old()
        self.assertFalse(habits.search([]))

    def test_who_read_nothing_costs_one_statement(self):
        rule = self.rule("unusual_reading")
        self.assertEqual(rule.how, "check")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.watch._look(rule, NOON)

    # === POWERS === #

    def test_a_new_holder_of_a_powerful_role_is_told_whichever_way_they_got_it(self):
        self.watch._look(self.rule("privilege_granted"), NOON)
        self.analyst.group_ids += self.env.ref("base.group_system")
        user = new_test_user(self.env, login="w_sql", groups="base.group_user")
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)",
            [self.env.ref("veloc_compliance.group_secrecy").id, user.id],
        )
        found = self._look("privilege_granted", NOON)
        self.assertLessEqual(
            {
                (f"{self.analyst.id}:{self.env.ref('base.group_system').id}"),
                (f"{user.id}:{self.env.ref('veloc_compliance.group_secrecy').id}"),
            },
            {f.key for f in found},
        )
        self.assertFalse(self._look("privilege_granted", NOON), "told once")

    def test_a_role_that_another_role_brings_counts_as_well(self):
        self.watch._look(self.rule("privilege_granted"), NOON)
        auditor = self.env.ref("veloc_compliance.group_auditor")
        self.boss.group_ids -= self.env.ref("veloc_compliance.group_officer")
        self.watch._look(self.rule("privilege_granted"), NOON)
        self.boss.group_ids += self.env.ref("veloc_compliance.group_officer")
        keys = {f.key for f in self._look("privilege_granted", NOON)}
        self.assertIn(f"{self.boss.id}:{auditor.id}", keys)

    def test_the_first_look_notes_who_is_there_and_says_so(self):
        self.env["veloc.privilege"].search([]).unlink()
        (found,) = self._look("privilege_granted", NOON)
        self.assertEqual((found.key, found.severity), ("first", "info"))
        self.assertTrue(self.env["veloc.privilege"].search([]))

    # === LOGINS AND EXPORTS === #

    def _failures(self, count, address="203.0.113.7", user=None):
        self.env.cr.execute(
            "INSERT INTO veloc_signin_failure (day, user_id, address, channel, count, "
            "refused, first_at, last_at, account_key, address_key) "
            "VALUES (%s, %s, %s, 'web', %s, 0, %s, %s, %s, %s)",
            [
                NOON.date(),
                user and user.id,
                address,
                count,
                NOON,
                NOON,
                f"k{user and user.id}",
                address,
            ],
        )

    def test_ten_failures_against_one_account_are_an_alert(self):
        self._failures(5, user=self.analyst)
        since = NOON - timedelta(minutes=1)
        self.assertFalse(self._look("failed_logins", since))
        self._failures(5, address="203.0.113.8", user=self.analyst)
        (found,) = self._look("failed_logins", since)
        self.assertEqual(
            (found.res_model, found.res_id), ("res.users", self.analyst.id)
        )
        self.assertIn("10 failed logins", found.detail)

    def test_one_address_against_many_accounts_is_an_alert(self):
        for user in (self.analyst, self.officer, self.boss, self.viewer):
            self._failures(3, user=user)
        (found,) = self._look("failed_logins", NOON - timedelta(minutes=1))
        self.assertIn("address:203.0.113.7", found.key)

    def _export(self, rows, state="taken", minutes=0):
        self.env["veloc.export.log"].create(
            {
                "at": NOON + timedelta(minutes=minutes),
                "user_id": self.analyst.id,
                "res_model": "res.partner",
                "rows": rows,
                "way": "export",
                "channel": "web",
                "state": state,
            }
        )

    def _exports_found(self, minutes):
        at = NOON + timedelta(minutes=minutes)
        with freeze_time(at):
            return self._look("unusual_export", at - timedelta(minutes=5))

    def test_many_small_exports_add_up(self):
        self._export(300)
        self.assertFalse(self._exports_found(1))
        self._export(250, minutes=30)
        (found,) = self._exports_found(31)
        self.assertIn("550 rows", found.detail)

    def test_a_refused_export_is_told(self):
        self._export(9000, state="refused")
        (found,) = self._exports_found(1)
        self.assertEqual(found.about_user_id, self.analyst.id)
        self.assertIn("9000 rows wanted", found.detail)
