from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestWatchMessages(MessagingCase):
    """What left is proved against consent and hours; messaging's alerts climb too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alerts = cls.env["veloc.alert"]
        cls.watch = cls.env["veloc.watch"]

    def _sent(self, at=NOON):
        """Return a promotional message that left at that time, with leave."""
        self._grant(self.ana)
        message = self._queue(self.ana)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE veloc_message SET sending_at = %s WHERE id = %s", [at, message.id]
        )
        return message

    def _found(self, code, since=NOON - timedelta(minutes=5)):
        rule = self.env["veloc.alert.rule"].search([("code", "=", code)])
        return [finding.res_id for finding in self.watch._look(rule, since)]

    def test_what_the_gate_let_through_is_no_finding(self):
        message = self._sent()
        self.assertNotIn(message.id, self._found("consent_missing"))
        self.assertNotIn(message.id, self._found("outside_hours"))

    def test_a_message_whose_verdict_names_no_consent_of_this_person_is_found(self):
        message = self._sent()
        rui = self._grant(self.rui)
        # Beside the system, with the guards of the table switched off by its owner.
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("ALTER TABLE veloc_gate_verdict DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE veloc_gate_verdict SET consent_id = %s WHERE id = %s",
            [rui.id, message.verdict_id.id],
        )
        self.assertIn(message.id, self._found("consent_missing"))

    def test_a_message_that_left_at_night_is_found(self):
        night = NOON.replace(hour=6)  # 3:00 in São Paulo
        message = self._sent(night)
        self.assertIn(message.id, self._found("outside_hours", night))

    def test_what_left_before_is_not_looked_at_again(self):
        night = NOON.replace(hour=6)
        self._sent(night)
        self.assertFalse(self._found("outside_hours", night + timedelta(minutes=1)))

    def test_looking_costs_one_statement_when_nothing_left(self):
        rule = self.env["veloc.alert.rule"].search([("code", "=", "outside_hours")])
        self.assertEqual(rule.how, "check")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.watch._look(rule, NOON + timedelta(days=4000))

    # === ONE SCREEN === #

    def _mirrored(self, code="messaging_account_paused"):
        return self.alerts.search([("code", "=", code)], limit=1, order="id desc")

    def test_an_alert_of_messaging_opens_and_closes_on_the_one_screen(self):
        alert = self.env["veloc.messaging.alert"]._raise(
            "account_paused", self.account, "critical", detail="20003"
        )
        mirrored = self._mirrored()
        self.assertRecordValues(
            mirrored,
            [{"severity": "critical", "state": "open", "res_id": alert.id}],
        )
        self.assertTrue(mirrored.escalates_at)
        self.env["veloc.messaging.alert"]._clear("account_paused", self.account)
        self.assertEqual(mirrored.state, "resolved")

    def test_every_kind_of_messaging_alert_has_its_rule(self):
        kinds = self.env["veloc.messaging.alert"]._fields["kind"].selection
        codes = {f"messaging_{kind}" for kind, _label in kinds}
        found = self.env["veloc.alert.rule"].search([("code", "in", list(codes))])
        self.assertEqual(set(found.mapped("code")), codes)

    def test_who_takes_it_in_messaging_stops_the_climb(self):
        manager = new_test_user(
            self.env, login="w_chief", groups="veloc_messaging.group_manager"
        )
        alert = self.env["veloc.messaging.alert"]._raise("queue_stuck", self.account)
        alert.with_user(manager).action_acknowledge()
        mirrored = self._mirrored("messaging_queue_stuck")
        self.assertRecordValues(
            mirrored, [{"state": "acknowledged", "owner_id": manager.id}]
        )
        with self.assertRaises(AccessError):
            mirrored.with_user(manager).read(["detail"])
