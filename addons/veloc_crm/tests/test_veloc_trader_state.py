from odoo.tests import tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestTraderState(CrmCase):
    """One row of figures per trader, however the trader came to be."""

    def test_every_new_trader_has_a_row_of_figures_of_zeros(self):
        self._ingest(self._signup())
        trader = self._trader()
        self.assertEqual(trader.figures_id.id, trader.id)
        self.assertEqual(trader.figures_id.trader_id, trader)
        self.assertEqual(trader.figures_id.company_id, trader.company_id)
        self.assertEqual(trader.deposit_count_30, 0)
        self.assertFalse(trader.figures_id.dirty)

    def test_figures_can_be_searched_and_grouped_in_the_list_of_traders(self):
        self._ingest(self._signup())
        traders = self.env["veloc.trader"]
        domain = [("external_ref", "=", "T-1"), ("active_days_90", "=", 0)]
        self.assertEqual(traders.search(domain), self._trader())
        groups = traders._read_group(
            [("external_ref", "=", "T-1")],
            ["trade_count_7"],
            ["deposit_total_30:sum", "__count"],
        )
        self.assertEqual(groups, [(0, 0, 1)])
