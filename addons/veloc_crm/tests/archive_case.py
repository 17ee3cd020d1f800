"""A month long ago in which two people did all kinds of things, and its archive."""

import os
import tempfile
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

from odoo.tools import SQL

from .common import CrmCase

MONTH = date(2021, 5, 1)
TABLE = "veloc_trader_event_raw_202105"
NOW = datetime(2026, 11, 22, 6, 10)


class ArchiveCase(CrmCase):
    """The files stand in a folder of the test's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.archives = cls.env["veloc.archive"]
        cls.parameters = cls.env["ir.config_parameter"]

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        journal = str(Path(folder.name) / "tombstones.jsonl")
        settings = {"VELOC_ARCHIVE": folder.name, "VELOC_TOMBSTONES": journal}
        self.startPatcher(patch.dict(os.environ, settings))
        self.folder = Path(folder.name) / self.env.cr.dbname
        self.parameters.set_param("veloc_crm.archive_armed", "1")
        self.parameters.set_param("veloc_crm.archive_after_months", "24")

    def _at(self, day, hour=12):
        return f"2021-05-{day:02d}T{hour:02d}:30:00.123456Z"

    def _live_through_may(self):
        """Let two people do all kinds of things in May 2021."""
        odd = {"note": 'quote " comma , line\nend \t tab é € \\N', "n": None}
        self._ingest(
            self._signup(at=None) | {"at": self._at(1)},
            self._event("lead", "T-2", at=self._at(1, 1), data={"name": "Bia"}),
            self._deposit("10.10", at=self._at(2), id='"odd", id'),
            self._deposit("0.1", at=self._at(3), data=odd),
            self._event("strange.type", at=self._at(4), data={"x": ""}),
            self._event("login", "T-2", at=self._at(5)),
            self._event("trade", "T-2", at=self._at(31, 23), data={"volume": "5.00"}),
        )
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_partitions").method_direct_trigger()

    def _rows(self, condition="true"):
        return self.env.execute_query(
            SQL(
                "SELECT r::text FROM veloc_trader_event_raw r WHERE at >= '2021-05-01'"
                " AND at < '2021-06-01' AND %s ORDER BY id",
                SQL(condition),
            )
        )

    def _run_night(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            counts = self.env(cr=cr)["veloc.archive"]._archive_due(NOW)
        self.env.invalidate_all()
        return counts

    def _archive(self):
        self._live_through_may()
        before = self._rows()
        self._run_night()
        return self.archives.search([("month", "=", MONTH)]), before

    def _bring_back(self, archive):
        self._in_test_mode(archive, "action_restore")

    def _in_test_mode(self, archive, name):
        """Press a button whose work has a transaction of its own."""
        with self.enter_registry_test_mode():
            getattr(archive, name)()
        self.env.invalidate_all()

    def _tables(self):
        return self.env.execute_query(SQL("SELECT to_regclass(%s)::text", TABLE))
