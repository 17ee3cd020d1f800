"""The page for those who watch from outside."""

import os
import re
import time
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .common import TraderMixin

SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z_]+="[^"]*",?)*\})? (-?[0-9.e+-]+)')


@tagged("post_install", "-at_install")
class TestMetrics(TraderMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_broker()

    def _get(self, token="s3cret", header="Bearer s3cret"):
        settings = {"VELOC_METRICS_TOKEN": token, "VELOC_METRICS_TOKEN_FILE": ""}
        headers = {"Authorization": header} if header else {}
        with patch.dict(os.environ, settings):
            return self.url_open("/veloc/metrics", headers=headers)

    def _read(self, text):
        """Return ``{name+labels: value}``; fail on a line that is none."""
        found, types = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _hash, _type, name, kind = line.split(" ")
                types[name] = kind
            elif not line.startswith("# HELP "):
                match = SAMPLE.fullmatch(line)
                self.assertTrue(match, line)
                self.assertIn(match[1], types)
                found[match[1] + (match[2] or "")] = float(match[3])
        return found, types

    def test_without_a_token_there_is_no_page(self):
        self.assertEqual(self._get(token="").status_code, 404)

    def test_a_wrong_token_or_none_is_refused(self):
        for header in ("Bearer wrong", "s3cret", "Basic s3cret", ""):
            self.assertEqual(self._get(header=header).status_code, 401)

    def test_a_token_can_stand_in_a_file(self):
        path = self.env["ir.attachment"]._filestore() + "/metrics-token"
        with open(path, "w") as file:
            file.write("from-file\n")
        self.addCleanup(os.unlink, path)
        settings = {"VELOC_METRICS_TOKEN": "", "VELOC_METRICS_TOKEN_FILE": path}
        with patch.dict(os.environ, settings):
            self.assertIs(self.env["veloc.metrics"]._is_allowed("from-file"), True)

    def test_prometheus_can_read_it_and_the_counters_count(self):
        before, _types = self._read(self._get().text)
        self._ingest(self._signup(), self._deposit(), self._deposit("1,5"))
        self.env.flush_all()
        response = self._get()
        self.assertEqual(response.status_code, 200)
        self.assertIn("version=0.0.4", response.headers["Content-Type"])
        after, types = self._read(response.text)
        self.assertEqual(types["veloc_ingest_events_total"], "counter")
        self.assertEqual(types["veloc_enrolments_due"], "gauge")
        for outcome, count in (("accepted", 2), ("rejected", 1), ("duplicates", 0)):
            key = f'veloc_ingest_events_total{{road="api",outcome="{outcome}"}}'
            self.assertEqual(after[key] - before.get(key, 0), count)
        self.assertGreaterEqual(
            after['veloc_dead_rows_waiting{code="invalid_amount"}'], 1
        )
        self.assertIn('veloc_outbox_messages{state="queued"}', after)

    def test_no_name_and_no_reference_stands_on_it(self):
        self._ingest(self._signup(), self._deposit("1,5"))
        text = self._get().text
        for word in ("T-1", "Ana", "example.com"):
            self.assertNotIn(word, text)

    def test_it_costs_a_few_quick_queries(self):
        metrics = self.env["veloc.metrics"]
        metrics._render()
        with self.assertQueryCount(13):
            began = time.perf_counter()
            metrics._render()
        self.assertLess(time.perf_counter() - began, 0.5)  # 50 ms alone
