import os
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import CrmCase

CONSENT = {"purpose": "marketing", "channel": "sms", "granted": True}


@tagged("post_install", "-at_install")
class TestErasedEvents(CrmCase):
    """No event, import or form brings an erased trader back unasked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        journal = str(Path(folder.name) / "tombstones.jsonl")
        cls.startClassPatcher(patch.dict(os.environ, {"VELOC_TOMBSTONES": journal}))

    def _erase(self):
        """Let Ana sign up and trade, and erase her; return what she was."""
        self._ingest(
            self._signup(days_ago=9, note="Ana da Silva asked by phone"),
            self._deposit(days_ago=8),
            self._trade(days_ago=7),
        )
        trader = self._trader()
        erasures = self.env["veloc.erasure"]._erase(trader.partner_id, "request")
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()
        return erasures, trader

    def _codes(self, answer):
        return [(row["index"], row["code"]) for row in answer["rejected"]]

    def test_a_client_who_is_erased_stays_sealed_and_their_sums_stay_as_they_were(self):
        erasures, trader = self._erase()
        self.assertEqual(erasures.state, "pseudonymised")
        self.assertEqual((trader.deposit_total, trader.trade_count), (100.0, 1))
        self.assertNotIn("T-1", trader.external_ref)
        events = self.env["veloc.trader.event"].search([("trader_id", "=", trader.id)])
        self.assertEqual(len(events), 3)
        self.assertFalse(any(events.mapped("data")))
        self.assertEqual(sum(events.mapped("amount_company")), 100.0)

    def test_an_account_that_closes_starts_the_clock_of_the_law(self):
        self._ingest(self._signup(days_ago=9), self._event("account_closed"))
        person = self._trader().partner_id
        self.assertEqual(person.veloc_relationship_end, self.now.date())
        self._ingest(self._event("account_reopened"))
        self.assertFalse(person.veloc_relationship_end)

    def test_a_late_event_is_refused_row_by_row_and_the_good_rows_are_stored(self):
        self._erase()
        answer = self._ingest(
            self._signup(days_ago=3),
            self._deposit(),
            self._signup("T-2", days_ago=3, email="new@example.com"),
            self._signup("T-3", email="t3@example.com", phone="+5511961234568"),
        )
        self.assertEqual(
            self._codes(answer),
            [(0, "erased_person"), (1, "erased_person"), (2, "erased_person")],
        )
        self.assertEqual(answer["accepted"], 1)
        refusals = self.env["veloc.tombstone.refusal"].search([])
        self.assertEqual([(r.road, r.count) for r in refusals], [("events", 3)])

    def test_a_sign_up_without_a_yes_brings_nobody_back(self):
        self._erase()
        answer = self._ingest(self._later(self._signup()))
        self.assertEqual(self._codes(answer), [(0, "erased_person")])

    def test_a_fresh_sign_up_makes_a_new_person_under_the_old_protection(self):
        self._ingest(self._signup(days_ago=9), self._event("self_excluded", days_ago=8))
        _erasures, old = self._erase()
        again = self._later(self._signup(consents=[CONSENT]))
        answer = self._ingest(again, self._deposit(days_ago=5))
        self.assertEqual(self._codes(answer), [(1, "erased_person")])
        new = self._trader()
        self.assertNotEqual(new.partner_id, old.partner_id)
        self.assertEqual(new.partner_id.email, "ana@example.com")
        blocks = self.env["veloc.suppression"].search(
            [("partner_id", "=", new.partner_id.id)]
        )
        self.assertEqual(blocks.mapped("kind"), ["self_exclusion"])

    def test_a_lead_with_the_address_of_an_erased_person_is_refused(self):
        self._erase()
        for values in ({"email_from": "Ana@example.com"}, {"phone": "11 961234567"}):
            with self.assertRaisesRegex(ValidationError, "erased_person"):
                self.env["crm.lead"].create({"name": "Form", **values})

    def test_leads_and_cadences_let_go_of_an_erased_person(self):
        lead = self.env["crm.lead"].create(
            {"name": "Call Ana da Silva", "email_from": "ana@example.com"}
        )
        _erasures, trader = self._erase()
        self.assertFalse(lead.email_from)
        self.assertNotIn("Ana", lead.name or "")
        active = self.env["veloc.enrolment"].search_count(
            [("trader_id", "=", trader.id), ("state", "=", "active")]
        )
        self.assertFalse(active)

    def _later(self, event):
        """Let an event happen a minute after the erasure; within the clocks' skew."""
        erased_at = self.env["veloc.tombstone"].search([], limit=1).erased_at
        return {**event, "at": f"{(erased_at + timedelta(minutes=1)).isoformat()}Z"}
