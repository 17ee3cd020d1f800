from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .conversation_case import ConversationCase

TOMORROW = NOON + timedelta(hours=24)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestSilentRobot(ConversationCase):
    def _ask_for(self, template, partner=None):
        partner = partner or self.ana
        if template.purpose_id.kind != "service":
            self._grant(partner, template.purpose_id.code)
        draft = self._draft(partner, template)
        return self.env["veloc.message"]._enqueue([draft], NOON)[0]

    def test_offers_wait_while_a_person_talks(self):
        self._write(self.ana)

        answer = self._ask_for(self.template)

        self.assertEqual(answer["outcome"], "deferred")
        self.assertEqual(answer["reason"], "in_conversation")
        self.assertEqual(answer["until"], TOMORROW)
        self.assertFalse(self._messages_of(self.ana))

    def test_urgent_service_still_goes(self):
        self._write(self.ana)

        self.assertEqual(self._ask_for(self.urgent)["outcome"], "queued")

    def test_service_in_the_bulk_lane_waits(self):
        self._write(self.ana)
        slow = self._approved_template("test-slow", "account_service")

        self.assertEqual(self._ask_for(slow)["reason"], "in_conversation")

    def test_others_are_written_to(self):
        self._write(self.ana)

        self.assertEqual(self._ask_for(self.template, self.rui)["outcome"], "queued")

    def test_after_the_end_the_robot_speaks_again(self):
        talk = self._write(self.ana)
        talk.with_user(self.bia).action_close()

        self.assertEqual(self._ask_for(self.template)["outcome"], "queued")

    def test_after_the_silence_the_robot_speaks_again(self):
        self._write(self.ana, at=NOON - timedelta(hours=24))

        self.assertEqual(self._ask_for(self.template)["outcome"], "queued")

    def test_an_answer_of_an_agent_prolongs_it(self):
        talk = self._write(self.ana, at=NOON - timedelta(hours=23))
        self._answer(talk)

        self.assertEqual(talk.silent_until, TOMORROW)

    def test_what_was_queued_before_waits_as_well(self):
        message = self._queue(self.ana)
        self._write(self.ana)

        with self.fake_provider() as provider:
            self.run_dispatch_cron()

        self.assertFalse(provider.sent)
        self.assertEqual(message.state, "queued")
        self.assertEqual(message.next_attempt_at, TOMORROW)
