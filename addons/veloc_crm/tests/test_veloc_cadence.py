"""Cadences and their versions: published means frozen, a change has a plan."""

from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .cadence_case import DAY, NOON, CadenceCase


@tagged("post_install", "-at_install")
class TestVelocCadence(CadenceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analyst = new_test_user(cls.env, "t_analyst", "veloc_crm.group_analyst")
        cls.agent = new_test_user(cls.env, "t_agent", "veloc_crm.group_user")

    # === PUBLISHING === #

    def test_a_draft_with_problems_is_not_published_and_says_all_of_them(self):
        cadence = self._cadence("bad", wait_days=(2, 1), publish=False)
        cadence.draft_version_id.step_ids[0].sequence = 99
        cadence.draft_version_id.step_ids[0].template_id = False
        cadence.entry_event_type = False
        with self.assertRaises(UserError) as refusal:
            cadence.draft_version_id.action_publish()
        self.assertEqual(len(str(refusal.exception).splitlines()), 2)
        self.assertFalse(cadence.current_version_id)

    def test_a_step_needs_an_approved_text_for_its_channel(self):
        cadence = self._cadence("push", wait_days=(0,), publish=False)
        cadence.draft_version_id.step_ids.channel = "push"
        problems = cadence.draft_version_id._find_problems()
        self.assertEqual(len(problems), 2)

    def test_a_flow_carries_nothing_promotional(self):
        with self.assertRaises(UserError):
            self._cadence("promo", kind="flow", reentry="each")

    def test_a_published_version_is_not_changed_through_the_orm(self):
        version = self.cadence.current_version_id
        for attempt in (
            lambda: version.write({"note": "other"}),
            lambda: self.steps[0].write({"wait_value": 9}),
            lambda: self.steps[0].unlink(),
            lambda: self._step(version, 9),
            lambda: version.exit_ids.unlink(),
            lambda: version.unlink(),
            lambda: self.cadence.write({"entry_event_type": "login"}),
            lambda: self.cadence.unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()

    @mute_logger("odoo.sql_db")
    def test_a_published_version_is_not_changed_through_the_database_either(self):
        version_id = self.cadence.current_version_id.id
        for statement in (
            "UPDATE veloc_cadence_step SET wait_value = 9 WHERE version_id = %s",
            "DELETE FROM veloc_cadence_step WHERE version_id = %s",
            "UPDATE veloc_cadence_exit SET is_goal = false WHERE version_id = %s",
            "UPDATE veloc_cadence_version SET state = 'draft' WHERE id = %s",
            "UPDATE veloc_cadence_version SET number = 7 WHERE id = %s",
        ):
            with self.assertRaises(RestrictViolation), self.env.cr.savepoint():
                self.env.cr.execute(statement, [version_id])

    def test_a_steps_name_may_still_be_translated(self):
        self.steps[0].name = "Other"
        self.assertEqual(self.steps[0].name, "Other")

    def test_a_new_version_keeps_the_slots_and_retires_the_old_one(self):
        first = self.cadence.current_version_id
        self.cadence.action_edit()
        draft = self.cadence.draft_version_id
        self.assertEqual(draft.number, 2)
        self.assertEqual(draft.step_ids.mapped("slot"), self.steps.mapped("slot"))
        self.assertTrue(draft.exit_ids.is_goal)
        draft.action_publish()
        self.assertEqual((first.state, draft.state), ("retired", "published"))
        self.assertEqual(self.cadence.current_version_id, draft)

    def test_any_version_can_come_back(self):
        first = self.cadence.current_version_id
        self.cadence.action_edit()
        self.cadence.draft_version_id.action_publish()
        first.action_publish()
        self.assertEqual(self.cadence.current_version_id, first)
        self.assertEqual(first.state, "published")

    def test_a_closed_cadence_lets_nobody_in_and_those_inside_go_on(self):
        self._happen("signup")
        self.cadence.current_version_id.action_retire()
        self._happen("signup", self.rui_trader)
        self.assertFalse(self._enrolments(self.rui_trader))
        self._run()
        self.assertEqual(len(self._messages()), 1)

    # === THE PLAN FOR THOSE WHO WAIT === #

    def _second_version(self):
        """Return a draft without the second step, with a new last one; Ana waits
        for the second, Rui for the first."""
        self._happen("signup")
        self._run()
        self._happen("signup", self.rui_trader)
        self.cadence.action_edit()
        draft = self.cadence.draft_version_id
        draft.step_ids[1].unlink()
        self._step(draft, 5)
        return draft

    def _choose(self, draft, direction):
        action = draft.action_publish()
        self.assertEqual(action["res_model"], "veloc.cadence.publish")
        return self.env["veloc.cadence.publish"].create(
            {"version_id": draft.id, "direction": direction}
        )

    def test_nothing_happens_before_the_plan_is_chosen(self):
        draft = self._second_version()
        draft.action_publish()
        self.assertEqual(draft.state, "draft")

    def test_keep_is_the_default_and_lets_people_finish_what_they_entered(self):
        draft = self._second_version()
        wizard = self.env["veloc.cadence.publish"].create({"version_id": draft.id})
        self.assertEqual((wizard.direction, wizard.keep_count), ("keep", 2))
        wizard.action_publish()
        self.assertEqual(self._enrolments().step_id, self.steps[1])

    def test_move_takes_people_to_their_place_in_the_new_version(self):
        draft = self._second_version()
        wizard = self._choose(draft, "move")
        self.assertEqual((wizard.move_count, wizard.exit_count), (2, 0))
        wizard.action_publish()
        ana, rui = self._enrolments(), self._enrolments(self.rui_trader)
        self.assertEqual(ana.version_id, draft)
        self.assertEqual(
            (ana.step_id, ana.next_due), (draft.step_ids[1], NOON + 2 * DAY)
        )
        self.assertEqual(rui.step_id, draft.step_ids[0])

    def test_who_was_moved_never_gets_a_step_again(self):
        draft = self._second_version()
        self._choose(draft, "move").action_publish()
        for days in range(7):
            self._run(NOON + days * DAY)
        slots = [int(message.key.split(":")[2]) for message in self._messages()]
        self.assertEqual(slots, [1, 3, 4])

    def test_exit_takes_people_out_and_cancels_what_waits(self):
        draft = self._second_version()
        wizard = self._choose(draft, "exit")
        self.assertEqual(wizard.exit_count, 2)
        wizard.action_publish()
        self.assertEqual(self._enrolments().exit_reason, "plan_exit")
        self.assertEqual(self._messages().state, "cancelled")

    def test_move_takes_out_those_whose_rest_is_gone(self):
        self._happen("signup")
        self._run()
        self.cadence.action_edit()
        draft = self.cadence.draft_version_id
        draft.step_ids[1:].unlink()
        wizard = self._choose(draft, "move")
        self.assertEqual(wizard.exit_count, 1)
        self.assertFalse(wizard.line_ids.target_id)
        wizard.action_publish()
        self.assertEqual(self._enrolments().exit_reason, "plan_no_step")

    # === COUNTS, COPIES, RIGHTS === #

    def test_the_counts_of_a_step_are_live(self):
        self._happen("signup")
        self._happen("signup", self.rui_trader)
        self._run()
        self._happen("deposit_approved", at=NOON + DAY)
        self.env.invalidate_all()
        first, second = self.steps[0], self.steps[1]
        self.assertEqual((first.sent_count, first.refused_count), (1, 1))
        self.assertEqual((second.waiting_count, second.exited_count), (1, 1))
        self.assertEqual(self.cadence.waiting_count, 1)

    def test_a_copy_is_a_draft_with_the_same_steps(self):
        copy = self.cadence.copy()
        self.assertFalse(copy.current_version_id)
        self.assertEqual(len(copy.draft_version_id.step_ids), 3)
        self.assertEqual(copy.code, "test_copy")

    def test_an_analyst_makes_and_publishes_a_cadence(self):
        cadence = self.cadence.with_user(self.analyst)
        cadence.action_edit()
        draft = cadence.draft_version_id
        draft.step_ids[0].wait_value = 0
        draft.action_publish()
        self.assertEqual(self.cadence.current_version_id.number, 2)

    def test_an_analyst_moves_those_who_wait_only_by_publishing(self):
        draft = self._second_version().with_user(self.analyst)
        wizard = self.env["veloc.cadence.publish"].with_user(self.analyst)
        wizard.create({"version_id": draft.id, "direction": "exit"}).action_publish()
        self.assertEqual(self._enrolments().state, "exited")
        with self.assertRaises(AccessError):
            self._enrolments().with_user(self.analyst).write({"state": "active"})

    def test_the_state_and_the_version_in_use_are_nobodys_to_write(self):
        version = self.cadence.current_version_id.with_user(self.analyst)
        with self.assertRaises(AccessError):
            version.write({"state": "retired"})
        with self.assertRaises(AccessError):
            version.cadence_id.write({"current_version_id": False})

    def test_an_agent_reads_and_changes_nothing(self):
        cadence = self.cadence.with_user(self.agent)
        self.assertEqual(cadence.current_version_id.step_ids[0].sent_count, 0)
        for attempt in (
            lambda: cadence.write({"name": "mine"}),
            lambda: cadence.current_version_id.action_retire(),
            lambda: cadence.action_edit(),
            lambda: cadence.action_archive(),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_nobody_writes_the_engines_rows(self):
        self._happen("signup")
        for model in ("veloc.enrolment", "veloc.decision", "veloc.timeline"):
            for operation in ("create", "write", "unlink"):
                allowed = self.env[model].with_user(self.analyst).has_access(operation)
                self.assertFalse(allowed, (model, operation))
