"""What an update from 19.0.3.0.0 does with figures: no sum changes by it."""

import importlib.util
import os
import tempfile
from datetime import date
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CrmCase

SCRIPTS = Path(__file__).parents[1] / "migrations" / "19.0.4.0.0"


@tagged("post_install", "-at_install")
class TestMigrations(CrmCase):
    """The tables are made as they were; the scripts are those that Odoo runs."""

    def _migrate(self, name):
        path = SCRIPTS / f"{name}.py"
        spec = importlib.util.spec_from_file_location(path.stem, path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.env.flush_all()
        script.migrate(self.env.cr, "19.0.3.0.0")
        self.env.invalidate_all()

    def _run_sql(self, *statements):
        self.env.flush_all()
        for statement in statements:
            self.env.cr.execute(SQL(statement))

    def _forget_columns(self):
        """Make the log one without volume and result; days as a plain table."""
        self._run_sql(
            "ALTER TABLE veloc_trader_event_raw DISABLE TRIGGER veloc_no_change",
            "UPDATE veloc_trader_event_raw SET volume = NULL, result = NULL",
            "ALTER TABLE veloc_trader_event_raw ENABLE TRIGGER veloc_no_change",
            "CREATE TABLE veloc_trader_day_old AS TABLE veloc_trader_day",
        )

    def _amounts(self, ref):
        return self.env.execute_query(
            SQL(
                "SELECT e.volume::text, e.result::text FROM veloc_trader_event_raw e"
                " JOIN veloc_trader t ON t.id = e.trader_id"
                " WHERE t.external_ref = %s AND e.type = 'trade' ORDER BY e.at, e.id",
                ref,
            )
        )

    def _repairs(self, trader):
        now = fields.Datetime.now()
        states = self.env["veloc.trader.state"]
        return states._recompute(trader.ids, now, is_proof=True)[1]

    def _trade_abroad(self):
        """Let somebody trade in reais and in dollars, the rate changing once."""
        dollar = self.env.ref("base.USD")
        dollar.active = True
        dollar.rate_ids.unlink()
        for day, rate in (("2026-01-01", 0.2), ("2026-02-01", 0.16)):
            self.env["res.currency.rate"].create(
                {"currency_id": dollar.id, "name": day, "rate": rate}
            )
        self._ingest(
            self._signup(at=None) | {"at": "2026-01-02T12:00:00Z"},
            self._trade_at("2026-01-15T12:00:00Z", "BRL"),
            self._trade_at("2026-01-15T13:00:00Z", "USD"),
            self._trade_at("2026-02-15T12:00:00Z", "USD"),
        )

    def _trade_at(self, moment, currency):
        trade = self._trade("10.37", "-1.13")
        return trade | {"at": moment, "currency": currency}

    def test_trades_get_back_what_they_were_worth_in_company_money(self):
        self._trade_abroad()
        before = self._amounts("T-1")
        self._forget_columns()
        self._migrate("pre-event_money")
        self.assertEqual(self._amounts("T-1"), before)
        self.assertFalse(self._repairs(self._trader()))

    def test_a_trade_without_a_rate_stays_empty(self):
        self._trade_abroad()
        self._forget_columns()
        self.env["res.currency.rate"].search([]).unlink()
        self._migrate("pre-event_money")
        self.assertEqual(self._amounts("T-1")[1:], [(None, None)] * 2)

    def test_what_an_erasure_emptied_is_what_the_day_still_knows(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        journal = str(Path(folder.name) / "tombstones.jsonl")
        self.startPatcher(patch.dict(os.environ, {"VELOC_TOMBSTONES": journal}))
        self._trade_abroad()
        trader = self._trader()
        sums = (trader.volume_total, trader.result_total)
        self.env["veloc.erasure"]._erase(trader.partner_id, "request")
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self._forget_columns()
        self._migrate("pre-event_money")
        self.assertFalse(self._repairs(trader))
        self.assertEqual((trader.volume_total, trader.result_total), sums)

    def test_days_move_into_months_that_are_there_before_them(self):
        self._trade_abroad()
        self._run_sql(
            "CREATE TABLE veloc_trader_day_old AS TABLE veloc_trader_day",
            "INSERT INTO veloc_trader_day_old (trader_id, day, deposit_total)"
            " SELECT max(id) + 1, '2019-03-05', 7 FROM veloc_trader",
            "DELETE FROM veloc_trader_day_raw",
        )
        self._migrate("post-day_table")
        months = self.env["veloc.partition"]._find_months("veloc_trader_day_raw")
        self.assertLessEqual({date(2019, 3, 1), date(2026, 1, 1)}, months)
        left = "SELECT count(*) FROM veloc_trader_day_raw_default"
        self.assertEqual(self.env.execute_query(SQL(left)), [(0,)])
        self.assertFalse(self._repairs(self._trader()))
        gone = "SELECT to_regclass('veloc_trader_day_old')"
        self.assertEqual(self.env.execute_query(SQL(gone)), [(None,)])

    def test_a_second_run_finds_nothing_to_do(self):
        self._trade_abroad()
        before = self._amounts("T-1")
        self._migrate("post-day_table")
        self._migrate("pre-event_money")
        self.assertEqual(self._amounts("T-1"), before)
