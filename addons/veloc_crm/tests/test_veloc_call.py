from odoo.tests import tagged

from .cadence_case import CadenceCase

CALL = {"call": ("", "Oi, tudo certo com a conta?")}


@tagged("post_install", "-at_install")
class TestVelocCall(CadenceCase):
    def test_who_has_brought_more_is_called_first(self):
        self.ana_trader.net_deposit, self.rui_trader.net_deposit = 100, 2500
        stranger = self.env["res.partner"].create({"name": "Lia"})

        worth = self.env["veloc.call"]._worth((self.ana + self.rui + stranger).ids)

        self.assertEqual(worth, {self.ana.id: 100, self.rui.id: 2500})
        order = self.env["veloc.call"]._order
        self.assertLess(order.index("worth desc"), order.index("call_at"))

    def test_a_call_of_tonight_is_due_today_where_the_reader_is(self):
        self._account("test-desk", "call", provider="desk")
        template = self._approved_template("test-call", "marketing", bodies=CALL)
        message = self._queue(self.ana, template, "call")
        self.env["veloc.call"].create(
            {
                "message_id": message.id,
                "partner_id": self.ana.id,
                "purpose_id": message.purpose_id.id,
                "reference": "test-call-1",
                "reason": "Welcome",
                "call_at": "2026-11-20 12:00:00",
                "due_at": "2026-11-21 01:30:00",
            }
        )
        trader = self.ana_trader.with_context(tz="America/Sao_Paulo")
        [task] = trader.load_story()["tasks"]
        self.assertEqual(task["due"], "2026-11-20")
