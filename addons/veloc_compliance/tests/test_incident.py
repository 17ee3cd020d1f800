"""Part 7, incidents: LGPD art. 48 and Res. CD/ANPD 15/2024."""

from datetime import datetime, timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .incident_case import FACTS, FRIDAY, IncidentCase


@tagged("post_install", "-at_install")
class TestIncident(IncidentCase):
    """Clocks, criteria, decision and register."""

    # === CLOCKS (arts. 6 and 9) === #

    def test_friday_evening_knowledge_is_due_on_wednesday(self):
        incident = self._incident()
        # 23:59:59 of 18 March in São Paulo.
        self.assertEqual(incident.due_at, datetime(2026, 3, 19, 2, 59, 59))
        self.assertEqual(incident.internal_due_at, FRIDAY + timedelta(hours=24))

    def test_carnival_shifts_the_term_and_the_stricter_reading_is_shown(self):
        friday = datetime(2026, 2, 13, 21)
        incident = self._incident(known_at=friday, affected_known_at=friday)
        self.assertEqual(incident.due_at, datetime(2026, 2, 21, 2, 59, 59))
        self.assertEqual(incident.strict_due_at, datetime(2026, 2, 19, 2, 59, 59))
        self.assertTrue(incident.has_carnival)

    def test_a_house_that_wants_to_be_safe_counts_carnival(self):
        self.env["ir.config_parameter"].set_param("veloc_compliance.carnival_counts", 1)
        friday = datetime(2026, 2, 13, 21)
        incident = self._incident(known_at=friday, affected_known_at=friday)
        self.assertEqual(incident.due_at, incident.strict_due_at)

    def test_the_laws_clock_waits_for_the_knowledge_that_data_were_affected(self):
        incident = self._incident(affected_known_at=False)
        self.assertFalse(incident.due_at)
        self.assertEqual(incident.due_phase, "none")
        incident.affected_known_at = FRIDAY
        self.assertTrue(incident.due_at)

    def test_a_small_agent_has_double_terms(self):
        incident = self._incident(is_small_agent=True)
        self.assertEqual(incident.due_at, datetime(2026, 3, 24, 2, 59, 59))

    def test_additions_are_due_twenty_business_days_after_the_communication(self):
        incident = self._communicating()
        self._note(incident, "authority", at=FRIDAY, protocol="2026/1")
        self.assertEqual(incident.additions_due_at, datetime(2026, 4, 14, 2, 59, 59))

    def test_the_clocks_say_how_they_stand(self):
        incident = self._incident()
        for moment, internal, due in (
            (FRIDAY, "running", "running"),
            (FRIDAY + timedelta(hours=13), "soon", "running"),
            (FRIDAY + timedelta(hours=25), "overdue", "running"),
            (datetime(2026, 3, 18, 20), "overdue", "soon"),
            (datetime(2026, 3, 19, 3), "overdue", "overdue"),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                incident.invalidate_recordset()
                self.assertEqual(incident.internal_phase, internal)
                self.assertEqual(incident.due_phase, due)

    def test_nobody_knows_of_it_before_it_happens(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self._incident(occurred_at=FRIDAY + timedelta(days=1)).flush_recordset()

    # === CRITERIA (art. 5) === #

    def test_both_people_and_data_must_meet_the_criteria(self):
        incident = self._incident(criterion_financial=True)
        self.assertFalse(incident.must_notify)
        self.assertIn("no significant effect", incident.recommendation)
        incident.impact_fraud = True
        self.assertTrue(incident.must_notify)

    def test_only_an_officer_decides_and_the_reasons_are_kept(self):
        incident = self._incident()
        with self.assertRaises(AccessError):
            incident.with_user(self.analyst).action_decide_silent()
        incident.decision_reason = False
        with self.assertRaisesRegex(UserError, "Reasons of the decision"):
            incident.action_decide_silent()
        incident.decision_reason = FACTS["decision_reason"]
        incident.action_decide_silent()
        self.assertRecordValues(
            incident,
            [
                {
                    "state": "assessed",
                    "decision": "not_notify",
                    "decided_by": self.officer.id,
                }
            ],
        )
        entry = incident.entry_ids.filtered(lambda entry: entry.kind == "decision")
        self.assertIn(FACTS["decision_reason"], entry.text)

    # === REGISTER (art. 10) === #

    def test_an_incident_that_nobody_is_told_of_is_registered_and_kept_too(self):
        incident = self._incident()
        incident.action_decide_silent()
        incident.task_ids.filtered("is_mandatory").action_done()
        incident.action_close()
        self.assertEqual(incident.state, "closed")
        self.assertEqual(incident.kept_until, datetime(2031, 3, 13, 21))
        self.assertEqual(incident.due_phase, "none")

    def test_nobody_deletes_from_the_register_admin_and_sql_included(self):
        incident = self._incident()
        admin = self.env.ref("base.user_admin")
        for user in (admin, self.officer):
            with self.assertRaises(UserError):
                incident.with_user(user).unlink()
        with self.assertRaises(UserError):
            incident.sudo().unlink()
        self.env.cr.flush()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for attack in (
            "DELETE FROM veloc_incident WHERE id = %s",
            "DELETE FROM veloc_incident_entry WHERE incident_id = %s",
            "UPDATE veloc_incident_entry SET text = 'x' WHERE incident_id = %s",
            "TRUNCATE veloc_incident CASCADE -- %s",
        ):
            with (
                self.subTest(attack=attack),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(attack, [incident.id])

    def test_a_closed_incident_is_only_read_until_an_officer_opens_it_again(self):
        incident = self._incident()
        incident.action_decide_silent()
        incident.task_ids.action_done()
        incident.action_close()
        with self.assertRaises(AccessError):
            incident.root_cause = "Another one"
        incident.action_reopen()
        incident.root_cause = "Another one"
        self.assertEqual(incident.state, "registered")

    def test_steps_are_taken_by_buttons_only(self):
        incident = self._incident()
        for values in (
            {"state": "closed"},
            {"decision": "not_notify"},
            {"frozen_at": FRIDAY},
            {"authority_told_at": FRIDAY},
            {"public_until": FRIDAY},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                incident.write(values)
            with self.subTest(create=values), self.assertRaises(AccessError):
                self._incident(**values)

    def test_a_step_says_what_is_still_missing(self):
        incident = self._incident(nature=False, root_cause=False)
        with self.assertRaisesRegex(UserError, "Nature of the incident"):
            incident.action_decide_silent()
        incident.nature = "x"
        incident.action_decide_silent()
        with self.assertRaisesRegex(UserError, "All mandatory tasks"):
            incident.action_close()

    def test_a_changed_fact_stands_in_the_timeline(self):
        incident = self._incident()
        incident.affected_known_at = FRIDAY - timedelta(hours=2)
        entry = incident.entry_ids.filtered(lambda entry: entry.kind == "changed")
        self.assertIn("2026-03-13 21:00:00", entry.text)
        self.assertIn("2026-03-13 19:00:00", entry.text)

    def test_incidents_are_of_the_desk_alone(self):
        incident = self._incident()
        with self.assertRaises(AccessError):
            incident.with_user(self.clerk).read(["name"])
        with self.assertRaises(AccessError):
            self._incident(user=self.clerk)
        self.assertEqual(incident.with_user(self.analyst).name, "Stolen password")

    def test_any_part_of_the_house_can_register_one(self):
        opened = self.incidents.with_user(self.clerk)._open_incident(
            {"name": "Found by the watch"}
        )
        self.assertRegex(opened.number, r"^INC/2026/\d{4}$")

    def test_everything_stands_in_the_ledger(self):
        incident = self._incident()
        incident.action_decide_silent()
        entries = self.env["veloc.ledger.entry"].search(
            [("model", "=", "veloc.incident"), ("res_id", "=", incident.id)]
        )
        self.assertGreaterEqual(len(entries), 2)
        self.assertEqual(set(entries.mapped("kind")), {"incident"})

    # === TASKS === #

    def test_a_new_incident_brings_its_checklist_with_owners_and_times(self):
        incident = self._incident(owner_id=self.analyst.id)
        tasks = incident.task_ids
        self.assertGreaterEqual(len(tasks), 10)
        self.assertEqual(tasks.owner_id, self.analyst)
        self.assertEqual(min(tasks.mapped("due_at")), FRIDAY + timedelta(hours=2))

    def test_a_task_is_ticked_off_with_who_and_when(self):
        incident = self._incident()
        task = incident.task_ids[0].with_user(self.analyst)
        with self.assertRaises(AccessError):
            task.done_at = FRIDAY
        task.action_done()
        self.assertRecordValues(
            task, [{"done_by": self.analyst.id, "done_at": FRIDAY, "is_late": False}]
        )
        self.assertIn(task.name, incident.entry_ids.mapped("text"))

    # === ALERTS === #

    def _found(self, code):
        rule = self.env.ref(f"veloc_compliance.veloc_alert_rule_{code}")
        check = getattr(self.env["veloc.watch"], f"_check_{code}")
        return [finding.res_id for finding in check(rule, FRIDAY)]

    def test_the_watch_warns_before_and_after_the_terms(self):
        incident = self._incident()
        for moment, warned in (
            (FRIDAY, set()),
            (FRIDAY + timedelta(hours=19), {"incident_internal_due"}),
            (datetime(2026, 3, 18, 12), {"incident_internal_due", "incident_due"}),
            (datetime(2026, 3, 19, 3), {"incident_internal_due", "incident_overdue"}),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                codes = ("incident_internal_due", "incident_due", "incident_overdue")
                found = {c for c in codes if incident.id in self._found(c)}
                self.assertEqual(found, warned)

    def test_who_need_not_tell_is_not_warned_of_terms(self):
        incident = self._incident()
        incident.action_decide_silent()
        with freeze_time(datetime(2026, 4, 1)):
            for code in ("incident_internal_due", "incident_due", "incident_overdue"):
                self.assertNotIn(incident.id, self._found(code))
