"""The screen of the simulation."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .cadence_case import NOON
from .simulate_case import SimulateCase


@tagged("post_install", "-at_install")
class TestCadenceTrial(SimulateCase):
    def _trial(self, **values):
        action = self.cadence.with_user(self.analyst).action_simulate()
        trial = self.env[action["res_model"]].with_user(self.analyst)
        trial = trial.browse(action["res_id"])
        trial.write({"start_at": NOON, "days": 5, **values})
        return trial

    def test_the_draft_is_tried_before_what_is_published(self):
        draft = self.cadence._make_draft(self.cadence.current_version_id)
        self.assertEqual(self._trial().version_id, draft)

    def test_people_are_shown_with_what_they_would_get_and_why_not(self):
        trial = self._trial(
            who="people", trader_ids=(self.ana_trader | self.rui_trader).ids
        )
        trial.action_simulate()
        self.assertEqual(
            {line.partner_id: line.verdict for line in trial.line_ids},
            {self.ana: "sent", self.rui: "refused"},
        )
        self.assertRecordValues(
            trial.step_ids[0],
            [
                {
                    "sent_count": 1,
                    "refused_count": 1,
                    "main_reason": "The person never consented.",
                }
            ],
        )
        self.assertIn("2 come in.", trial.summary)

    def test_a_changed_question_asks_for_a_new_answer(self):
        trial = self._trial(who="people", trader_ids=self.ana_trader.ids)
        trial.action_simulate()
        self.assertTrue(trial.is_done)
        with Form(trial) as form:
            form.days = 1
        self.assertFalse(trial.is_done)
        trial.action_simulate()
        self.assertEqual(len(trial.line_ids), 1)

    def test_nobody_named_is_said_at_once(self):
        with self.assertRaises(UserError):
            self._trial(who="people").action_simulate()
        with self.assertRaises(UserError):
            self._trial(who="segment").action_simulate()

    def test_the_list_of_decisions_is_the_trials_own(self):
        trial = self._trial(who="people", trader_ids=self.ana_trader.ids)
        trial.action_simulate()
        action = trial.action_open_lines()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), trial.line_ids
        )

    def test_an_agent_has_no_such_screen(self):
        agent = self._new_agent()
        with self.assertRaises(AccessError):
            self.cadence.with_user(agent).action_simulate()
        with self.assertRaises(AccessError):
            self.cadence.current_version_id.with_user(agent).action_simulate()
