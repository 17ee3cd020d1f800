from odoo.tests import tagged

from .cadence_case import CadenceCase


@tagged("post_install", "-at_install")
class TestVelocCall(CadenceCase):
    def test_who_has_brought_more_is_called_first(self):
        self.ana_trader.net_deposit, self.rui_trader.net_deposit = 100, 2500
        stranger = self.env["res.partner"].create({"name": "Lia"})

        worth = self.env["veloc.call"]._worth((self.ana + self.rui + stranger).ids)

        self.assertEqual(worth, {self.ana.id: 100, self.rui.id: 2500})
        order = self.env["veloc.call"]._order
        self.assertLess(order.index("worth desc"), order.index("call_at"))
