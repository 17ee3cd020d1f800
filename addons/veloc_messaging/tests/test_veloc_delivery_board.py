from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .delivery_case import DeliveryCase


@tagged("post_install", "-at_install")
class TestVelocDeliveryBoard(DeliveryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, "board_user", groups="veloc_messaging.group_user"
        )
        cls.board = cls.env["veloc.delivery.board"].with_user(cls.user)

    def _shown(self, hours=24):
        data = self.board.load(hours)
        mine = [a for a in data["accounts"] if a["id"] == self.account.id]
        return data, mine[0]

    def test_a_user_sees_what_became_of_the_messages(self):
        with freeze_time(NOON):
            self._sent(4, failed=1)
            self._queue(now=NOON - timedelta(minutes=3), key="waiting")
            doubtful = self._sent(1, at=NOON - timedelta(minutes=1))
            doubtful.flush_recordset()
            self.env.cr.execute(
                "UPDATE veloc_message SET state = 'in_doubt' WHERE id = %s",
                doubtful.ids,
            )
            self.env["veloc.messaging.alert"]._raise("failures", self.account)
            data, mine = self._shown()

        sums = mine["sums"]
        self.assertEqual(sums["queued"], 6)
        self.assertEqual(sums["failed"], 1)
        self.assertEqual(mine["failed"][0]["reason"], "permanent")
        self.assertAlmostEqual(mine["p50"], 10, delta=0.5)
        self.assertAlmostEqual(mine["p95"], 10, delta=0.5)
        self.assertEqual(mine["queue_age"], 180)
        self.assertEqual(mine["in_doubt"], 1)
        self.assertEqual(mine["alerts"], 1)
        self.assertEqual(sum(data["curve"]["sets"][0]["data"]), 6)

    def test_every_number_opens_exactly_the_messages_it_counted(self):
        with freeze_time(NOON):
            self._sent(5, failed=2)
            self._queue(key="waiting", now=NOON)
            cancelled = self._queue(key="cancelled", now=NOON)
            cancelled._move("cancelled")
            self._sent(1, at=NOON - timedelta(days=2))
            data, mine = self._shown()
            for measure in ("queued", "accepted", "delivered", "failed", "stopped"):
                action = self.board.open(self.account.id, measure, data["since"])
                found = self.env[action["res_model"]].search_count(action["domain"])
                with self.subTest(measure=measure):
                    self.assertEqual(found, mine["sums"][measure])
                    self.assertTrue(found)
            action = self.board.open(
                self.account.id, "failed", data["since"], "permanent"
            )
            self.assertEqual(
                self.env["veloc.message"].search_count(action["domain"]), 2
            )
            due = self.board.open(self.account.id, "due", data["since"])
            self.assertEqual(self.env["veloc.message"].search_count(due["domain"]), 1)

    def test_an_opt_out_opens_the_person(self):
        with freeze_time(NOON):
            self._sent(1)
            self.env["veloc.delivery.objection"]._note("opt_out", "sms", [self.ana.id])
            data, mine = self._shown()
            action = self.board.open(self.account.id, "opt_out", data["since"])
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.partner_id, self.ana)
        self.assertEqual(mine["sums"]["opt_out"], 1)

    def test_a_longer_period_reaches_further_and_is_drawn_by_day(self):
        with freeze_time(NOON):
            self._sent(1, at=NOON - timedelta(days=5))
            self.assertNotIn("queued", self._shown(24)[1]["sums"])
            data, mine = self._shown(168)
        self.assertEqual(mine["sums"]["queued"], 1)
        self.assertEqual(data["curve"]["labels"], ["06/03"])
        self.assertEqual(self.board.load(99999)["hours"], 24)

    def test_the_screen_costs_the_same_for_many_messages(self):
        with freeze_time(NOON):
            self._sent(1)
            self.board.load(24)
            few = self._queries()
            self._sent(9, at=NOON + timedelta(seconds=1))
            self.env.flush_all()
            self.assertEqual(self._queries(), few)

    def _queries(self):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.board.load(24)
        return self.env.cr.sql_log_count - before

    def test_an_employee_without_a_role_sees_nothing(self):
        nobody = new_test_user(self.env, "board_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.board.with_user(nobody).load(24)
