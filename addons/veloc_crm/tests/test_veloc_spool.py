"""Files that programs drop: read to the end, once, whatever happens between."""

import base64
import csv
import gzip
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged

from ..rules import spool_file
from .common import CrmCase


class CrashError(Exception):
    """The process ends here."""


@tagged("post_install", "-at_install")
class TestSpool(CrmCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "in").mkdir()
        self.startPatcher(
            patch.dict(os.environ, {"VELOC_SPOOL": str(self.folder)}, clear=False)
        )
        self.env["veloc.ingest.reject"].search([]).unlink()

    def _drop(self, name, *rows, text=None):
        content = (
            text if text is not None else "".join(f"{json.dumps(r)}\n" for r in rows)
        )
        content = content if isinstance(content, bytes) else content.encode()
        (self.folder / "in" / name).write_bytes(content)

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_spool").method_direct_trigger()
        self.env.invalidate_all()

    def _files(self, part):
        return sorted(path.name for path in (self.folder / part).iterdir())

    def _spool(self):
        return self.env["veloc.spool"].search([], limit=1)

    def test_without_the_setting_nothing_happens(self):
        with patch.dict(os.environ, {"VELOC_SPOOL": ""}):
            self._run_cron()
        self.assertEqual(self._files(""), ["in"])

    def test_a_file_is_read_reported_and_moved(self):
        self._drop(
            "platform.2026.ndjson",
            self._signup(),
            self._deposit("20.00"),
            self._deposit("1,5", id="=bad"),
        )
        self._run_cron()
        spool = self._spool()
        self.assertRecordValues(
            spool,
            [
                {
                    "state": "done",
                    "source": "platform",
                    "accepted": 2,
                    "duplicates": 0,
                    "rejected": 1,
                    "line": 3,
                    "progress": 100,
                }
            ],
        )
        self.assertEqual(self._trader().deposit_total, 20)
        self.assertEqual(self._files("in"), [])
        final = f"{spool.id:08d}-platform.2026.ndjson"
        self.assertEqual(
            self._files("done"),
            [final, f"{final}.rejected.csv", f"{final}.report.json"],
        )
        report = json.loads((self.folder / "done" / f"{final}.report.json").read_text())
        self.assertEqual((report["accepted"], report["rejected"]), (2, 1))
        with (self.folder / "done" / f"{final}.rejected.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(
            [(row["line"], row["id"], row["code"]) for row in rows],
            [("3", "'=bad", "invalid_amount")],
        )

    def test_refused_lines_are_dead_rows_that_know_their_line(self):
        self._drop("p.ndjson", text=f"{json.dumps(self._signup())}\n{{broken\n[]\n")
        self._run_cron()
        rejects = self._spool().reject_ids.sorted("line")
        self.assertEqual(
            [(r.line, r.code, r.road) for r in rejects],
            [(2, "malformed_line", "spool"), (3, "not_an_object", "spool")],
        )
        report = next((self.folder / "done").glob("*.rejected.csv")).read_text()
        self.assertIn("\n2,,malformed_line,", report)
        self.assertIn("{broken", rejects[0].row_text)
        self.assertEqual(rejects[0]._replay(), 0)
        self.assertEqual(rejects[0].code, "malformed_line")

    def test_a_file_that_is_still_written_is_left_alone(self):
        self._drop("p.ndjson.part", self._signup())
        self._drop(".p.ndjson", self._signup())
        self._run_cron()
        self.assertFalse(self._spool())
        self.assertEqual(len(self._files("in")), 2)

    def test_packed_csv_and_a_body_of_the_api_are_read_too(self):
        self._drop(
            "a.ndjson.gz", text=gzip.compress(json.dumps(self._signup()).encode())
        )
        at = self._event("login")["at"]
        self._drop(
            "b.csv",
            text=f"id,type,trader,at,amount\nc1,deposit_approved,T-1,{at},7.00\n",
        )
        body = {"source": "bank", "events": [self._deposit("5.00")]}
        self._drop("c.json", text=json.dumps(body))
        self._run_cron()
        self.assertEqual(self._trader().deposit_total, 12)
        self.assertEqual(
            sorted(self.env["veloc.spool"].search([]).mapped("source")),
            ["a", "b", "bank"],
        )

    def test_what_cannot_be_read_goes_to_failed_with_its_reason_and_stops_no_other(
        self,
    ):
        self._drop("a.json", text="{")
        self._drop("b.csv", text="name,email\nAna,ana@example.com\n")
        packed = gzip.compress(json.dumps(self._signup()).encode() * 9)
        self._drop("c.ndjson.gz", text=packed[: len(packed) // 2])
        self._drop("d.json", text='{"source": "", "events": [{}]}')
        self._drop("z.ndjson", self._signup())
        self._run_cron()
        codes = {s.name: s.code or s.state for s in self.env["veloc.spool"].search([])}
        self.assertEqual(
            codes,
            {
                "a.json": "not_events",
                "b.csv": "unknown_columns",
                "c.ndjson.gz": "damaged",
                "d.json": "invalid_source",
                "z.ndjson": "done",
            },
        )
        self.assertEqual(len(self._files("failed")), 8)
        self.assertTrue(
            all(
                self.env["veloc.spool"]
                .search([("code", "!=", False)])
                .mapped("message")
            )
        )

    def test_history_in_the_name_keeps_cadences_asleep(self):
        woken = []
        engine = type(self.env["veloc.cadence.engine"])
        self._drop("p.history.ndjson", self._signup())
        self._drop("q.ndjson", self._deposit())
        with patch.object(
            engine, "_on_events", lambda self, touched: woken.extend(touched)
        ):
            self._run_cron()
        self.assertEqual([event["type"] for event in woken], ["deposit_approved"])

    def test_a_reader_that_dies_between_batches_loses_and_doubles_nothing(self):
        rows = [
            self._signup(),
            *(self._deposit("1.00") for _n in range(9)),
            self._deposit("x"),
        ]
        self._drop("p.ndjson", *rows)
        spools, stored = type(self.env["veloc.spool"]), []
        ingest = spools._ingest

        def die_in_the_third(self, *args):
            stored.append(1)
            if len(stored) == 3:
                raise CrashError
            return ingest(self, *args)

        self.startPatcher(patch.object(spool_file, "BATCH_ROWS", 3))
        with patch.object(spools, "_ingest", die_in_the_third):
            self._run_cron_and_crash()
        spool = self._spool()
        self.assertEqual((spool.state, spool.line), ("reading", 6))
        # What a batch wrote to the report before it died is cut off again.
        part = self.folder / "in" / f".p.ndjson.{spool.id}.rejected.csv"
        part.write_text("left over by a crash\n")
        self._run_cron()
        self.assertRecordValues(
            spool, [{"state": "done", "accepted": 10, "duplicates": 0, "rejected": 1}]
        )
        self.assertEqual(self._trader().deposit_total, 9)
        report = next((self.folder / "done").glob("*.rejected.csv")).read_text()
        self.assertNotIn("left over", report)
        self.assertEqual(len(report.splitlines()), 2)

    def _run_cron_and_crash(self):
        with (
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
            # Inside: a test's cursor would take back what others committed.
            suppress(CrashError),
        ):
            self.env(cr=cr)["veloc.spool"]._cron_read()
            self.fail("it did not crash")
        self.env.invalidate_all()

    def _read_apart(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["veloc.spool"]._cron_read()
        self.env.invalidate_all()

    def test_a_file_that_was_moved_before_the_crash_is_done(self):
        self._drop("p.ndjson", self._signup())
        spools = type(self.env["veloc.spool"])
        write = spools.write

        def die_at_the_end(self, vals):
            if vals.get("state") == "done":
                raise CrashError
            return write(self, vals)

        with patch.object(spools, "write", die_at_the_end):
            self._run_cron_and_crash()
        self.assertEqual(self._files("in"), [])
        self._run_cron()
        self.assertEqual((self._spool().state, self._spool().accepted), ("done", 1))

    def test_another_process_that_is_further_is_not_disturbed(self):
        self._drop("p.ndjson", *(self._signup(f"T-{n}") for n in range(4)))
        spools = self.env["veloc.spool"]
        spools._discover(self.folder)
        spool = self._spool()
        self.startPatcher(patch.object(spool_file, "BATCH_ROWS", 2))
        store = type(spool)._store

        def others_first(self, folder, reader, *args):
            spool.position = reader.position
            spool.flush_recordset()
            return store(self, folder, reader, *args)

        with patch.object(type(spool), "_store", others_first):
            self._read_apart()
        self.assertFalse(self._trader("T-0"))

    def test_a_file_of_the_same_name_is_a_new_file(self):
        for amount in ("1.00", "2.00"):
            self._drop("p.ndjson", self._signup(), self._deposit(amount))
            self._run_cron()
        self.assertEqual(len(self.env["veloc.spool"].search([])), 2)
        self.assertEqual(len(self._files("done")), 4)

    def test_a_bank_s_csv_is_read_by_the_profile_that_the_import_saved(self):
        content = (
            "Cliente;Data;Valor\nT-1;05/03/2026 10:00;1.250,50\n"
            "T-1;06/03/2026 11:00;10,00\nT-1;06/03/2026 11:00;10,00\n;;\nT-1;x;1\n"
        )
        wizard = self.env["veloc.import.wizard"].create(
            {"file": base64.b64encode(content.encode()), "source": "banco"}
        )
        wizard.action_save_profile()
        self._ingest(self._signup(days_ago=900))
        self.startPatcher(patch.object(spool_file, "BATCH_ROWS", 2))
        for _time in range(2):
            self._drop("extrato.csv", text=content)
            self._run_cron()
        first, again = self.env["veloc.spool"].search([], order="id")
        self.assertEqual(self._trader().deposit_total, 1270.5)
        counts = [
            (s.state, s.accepted, s.duplicates, s.rejected) for s in first + again
        ]
        self.assertEqual(counts, [("done", 3, 0, 1), ("done", 0, 3, 1)])
        self.assertEqual((first.source, first.profile_id.source), ("banco", "banco"))
        self.assertEqual(again.reject_ids.code, "bad_date")
        self.assertFalse(again.reject_ids._replay())
