from datetime import timedelta
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOON
from .watch_case import WatchCase

WATCH_LOG = "odoo.addons.veloc_compliance.models.watch.veloc_watch"


@tagged("post_install", "-at_install")
class TestVelocWatch(WatchCase):
    """The watch looks each minute at what changed, and one bad rule stops no other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules.search([]).write({"active": False})
        cls.built = cls.rules.with_user(cls.officer).create(
            {
                "name": "Contacts called Zoroaster",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "domain": "[('name', '=', 'Zoroaster')]",
                "threshold": 2,
                "is_state": True,
            }
        )

    def _round(self, minutes=0):
        at = NOON + timedelta(minutes=minutes)
        with freeze_time(at):
            self.watch._round(at)

    def _zoroasters(self, count):
        return self.env["res.partner"].create([{"name": "Zoroaster"}] * count)

    # === THE ROUND === #

    def test_what_is_found_raises_an_alert_that_closes_when_the_cause_is_gone(self):
        people = self._zoroasters(2)
        self._round()
        alert = self._live(self.built.code)
        self.assertRegex(alert.detail, "^2 (records match|registros atendem)")
        people.unlink()
        self._round(20)
        self.assertEqual(alert.state, "resolved")

    def test_a_second_server_at_the_same_minute_does_not_look_again(self):
        self._round()
        self._zoroasters(2)
        self._round(0.2)
        self.assertFalse(self._live(self.built.code))
        self._round(16)
        self.assertTrue(self._live(self.built.code))

    def test_a_state_that_goes_on_is_not_counted_every_minute(self):
        self._zoroasters(2)
        for minute in range(0, 60, 20):
            self._round(minute)
        self.assertEqual(len(self._live(self.built.code).step_ids), 1)

    def test_a_rule_that_fails_is_an_alert_and_stops_no_other(self):
        broken = self.rules.create({"name": "No such method", "code": "no_such"})
        broken.sequence = 1
        self._zoroasters(2)
        with mute_logger(WATCH_LOG):
            self._round()
        self.assertTrue(self._live(self.built.code))
        failed = self._live("rule_failed")
        self.assertRecordValues(failed, [{"key": "no_such", "severity": "critical"}])
        self.assertEqual(broken.error, "AttributeError")
        broken.active = False
        self.assertTrue(failed)

    def test_a_rule_that_hangs_is_cut_off_by_the_database(self):
        def hang(watch, _rule, _since):
            watch.env.cr.execute("SELECT pg_sleep(60)")

        hanging = self.rules.create({"name": "Hangs", "code": "hangs"})
        self.startPatcher(
            patch.object(type(self.watch), "_check_hangs", hang, create=True)
        )
        # Nobody waits for a test.
        self.startPatcher(patch(f"{WATCH_LOG}.STATEMENT_SECONDS", 1))
        with mute_logger(WATCH_LOG, "odoo.sql_db"):
            self._round()
        self.assertEqual(hanging.error, "QueryCanceled")
        self.assertTrue(self._live("rule_failed"))

    def test_a_rule_that_works_again_closes_the_alert_about_it(self):
        self.alerts._raise("rule_failed", self.built.code)
        self.built.mark_ids.sudo().failures = 1
        self._round()
        self.assertFalse(self._live("rule_failed"))

    def test_what_failed_is_looked_at_again_from_where_it_was_seen_last(self):
        mark = self.built.mark_ids.sudo()
        mark.seen_until = NOON - timedelta(hours=2)
        self.officer.active = False
        with mute_logger(WATCH_LOG):
            self._round()
        self.assertEqual(mark.seen_until, NOON - timedelta(hours=2))
        self.officer.active = True
        self._round(16)
        self.assertGreater(mark.seen_until, NOON)

    def test_a_flood_is_one_trouble_more(self):
        findings = [self._found(str(n)) for n in range(70)]
        self.watch._settle(self.built, findings, {})
        live = self._live(self.built.code)
        self.assertEqual(len(live), 51)
        self.assertIn("20", live.filtered(lambda a: a.key == "more").detail)

    def test_an_idle_round_costs_a_constant_number_of_statements(self):
        self._round()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(16):
            self._round(2)

    def test_the_cron_watches(self):
        self._zoroasters(2)
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_watch").method_direct_trigger()
        self.assertTrue(self._live(self.built.code))

    # === RULES THAT PEOPLE BUILD === #

    def test_one_sees_what_a_rule_would_find_today(self):
        self._zoroasters(3)
        preview = self.built.with_context(lang="en_US").preview
        self.assertIn("1 alerts; 3 records match", preview)

    def test_one_alert_per_group_names_the_group_by_number_only(self):
        country = self.env.ref("base.br")
        self._zoroasters(2).write({"country_id": country.id})
        self.built.with_user(self.officer).group_field_id = self.env[
            "ir.model.fields"
        ]._get("res.partner", "country_id")
        self._round()
        self.assertRecordValues(
            self._live(self.built.code),
            [{"key": str(country.id), "res_model": "res.country"}],
        )

    def test_a_window_looks_back_so_far_and_no_further(self):
        people = self._zoroasters(2)
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = ANY(%s)",
            [NOON - timedelta(minutes=61), people.ids],
        )
        people.invalidate_recordset()
        self.built.with_user(self.officer).window = 60
        self._round()
        self.assertFalse(self._live(self.built.code))

    def test_a_condition_is_data_never_code(self):
        for domain in ("__import__('os')", "[('id', '=', uid)]", "[('id', 'in', x())]"):
            with self.assertRaises(ValidationError):
                self.built.with_user(self.officer).domain = domain

    def test_a_condition_on_a_field_that_does_not_exist_is_refused(self):
        with self.assertRaises(ValidationError):
            self.built.with_user(self.officer).domain = "[('no_such_field', '=', 1)]"

    def test_nobody_asks_a_rule_about_what_they_may_not_read(self):
        with self.assertRaises(ValidationError):
            self.built.with_user(self.officer).write(
                {
                    "model_id": self.env["ir.model"]._get_id("ir.config_parameter"),
                    "domain": "[('value', 'like', 'secret')]",
                }
            )

    def test_a_rule_keeps_the_rights_of_who_wrote_its_condition(self):
        self.assertEqual(self.built.author_id, self.officer)
        self.built.with_user(self.boss).write({"author_id": self.env.uid})
        self.assertEqual(self.built.author_id, self.officer)
        self.built.with_user(self.boss).domain = "[('name', '=', 'Zarathustra')]"
        self.assertEqual(self.built.author_id, self.boss)

    def test_only_officers_build_rules_and_shipped_ones_stay(self):
        with self.assertRaises(AccessError):
            self.built.with_user(self.analyst).domain = "[]"
        shipped = self.rule("backup_late")
        with self.assertRaises(UserError):
            shipped.with_user(self.officer).unlink()
        shipped.with_user(self.officer).write({"code": "mine", "how": "built"})
        self.assertEqual((shipped.code, shipped.how), ("backup_late", "check"))

    def test_making_a_rule_blunter_is_an_alert_that_its_author_cannot_close(self):
        rule = self.rule("backup_late")
        rule.active = True
        rule.with_user(self.officer).active = False
        alert = self._live("rule_blunted")
        self.assertEqual(alert.about_user_id, self.officer)
        with self.assertRaises(UserError):
            alert.with_user(self.officer)._close_by_person("resolved", "No need.")

    def test_an_untouched_table_is_not_asked_again(self):
        mark = self.built.mark_ids.sudo()
        self._round()
        counter = mark.counter
        self.assertIn("res_partner:", counter)
        mark.asked_at = NOON + timedelta(minutes=2)
        due = self.watch._claim(NOON + timedelta(minutes=3))
        self.assertNotIn(self.built, [rule for rule, *_rest in due])

    # === EVERY SHIPPED RULE === #

    def test_every_shipped_rule_can_be_asked(self):
        shipped = self.rules.with_context(active_test=False).search(
            [("how", "=", "check")]
        )
        self.assertGreater(len(shipped), 10)
        for rule in shipped:
            with self.subTest(rule=rule.code):
                self.watch._look(rule, NOON)

    def test_every_rule_says_what_it_finds_and_what_to_do(self):
        for rule in self.rules.with_context(active_test=False).search(
            [("how", "!=", "built")]
        ):
            with self.subTest(rule=rule.code):
                self.assertTrue(rule.description)
                self.assertTrue(rule.advice)

    def test_the_database_holds_one_mark_per_rule(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError):
            self.env["veloc.watch.mark"].create({"rule_id": self.built.id})
