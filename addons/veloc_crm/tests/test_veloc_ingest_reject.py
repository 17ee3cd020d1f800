"""Refused rows: kept sealed, shown, tried again, forgotten."""

import json
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestDeadRows(CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rejects = cls.env["veloc.ingest.reject"]
        cls.rejects.search([]).unlink()
        cls.analyst = new_test_user(
            cls.env, "dead-analyst", groups="veloc_crm.group_analyst"
        )
        cls.agent = new_test_user(cls.env, "dead-agent", groups="veloc_crm.group_user")

    def _column(self, name):
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM veloc_ingest_reject ORDER BY id")
        position = [column.name for column in self.env.cr.description].index(name)
        return [row[position] for row in self.env.cr.fetchall()]

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_dead_rows").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_refused_row_is_kept_with_what_is_wrong_and_the_good_one_stored(self):
        answer = self._ingest(
            self._signup(), self._deposit("12,50", id="bad"), source="bank"
        )
        self.assertEqual(answer["accepted"], 1)
        reject = self.rejects.search([])
        self.assertRecordValues(
            reject,
            [
                {
                    "source": "bank",
                    "external_id": "bad",
                    "trader_ref": "T-1",
                    "type": "deposit_approved",
                    "currency": "BRL",
                    "code": "invalid_amount",
                    "state": "waiting",
                    "road": "api",
                    "times": 1,
                }
            ],
        )
        self.assertEqual(reject.message, answer["rejected"][0]["message"])
        self.assertEqual(json.loads(reject.row_text)["amount"], "12,50")

    def test_rows_are_grouped_and_named_by_words_and_the_code_stays_readable(self):
        self._ingest(self._signup(), self._deposit("12,50", id="bad"), source="bank")
        reject = self.rejects.search([])
        kinds = dict(self.rejects.fields_get(["code"])["code"]["selection"])
        self.assertEqual(kinds["invalid_amount"], reject.message)
        self.assertEqual(reject.error_code, "invalid_amount")
        self.assertEqual(reject.type_name, "Deposit approved")
        reject.type = "of_somebody_else"
        self.assertEqual(reject.type_name, "of_somebody_else")

    def test_no_column_shows_a_name_an_address_or_a_cpf(self):
        row = self._signup("ana@example.com", consents="odd", cpf="529.982.247-25")
        self._ingest(row, {"id": "52998224725", "trader": "+5511961234567"}, "text")
        self.env.flush_all()
        self.env.cr.execute("SELECT r::text FROM veloc_ingest_reject r")
        text = "".join(row for (row,) in self.env.cr.fetchall())
        self.assertEqual(len(self.rejects.search([])), 3)
        for secret in ("ana@example.com", "Ana da Silva", "961234567", "529"):
            self.assertNotIn(secret, text)

    def test_whatever_a_program_sends_is_kept_without_an_error(self):
        rows = [
            None,
            3,
            [],
            {"id": {}},
            {"trader": []},
            {"data": {"email": {}, "cpf": []}},
            {"data": 5},
            {"id": "\x00"},
            {"at": "x" * 99_999},
        ]
        answer = self._ingest(*rows)
        self.assertEqual(len(answer["rejected"]), len(rows))
        self.assertEqual(sum(self.rejects.search([]).mapped("times")), len(rows))

    def test_the_same_row_sent_again_is_counted_and_not_kept_twice(self):
        row = self._deposit(trader="nobody")
        for _time in range(3):
            self._ingest(row, row)
        reject = self.rejects.search([])
        # A second one in the same batch is a duplicate before it is refused.
        self.assertEqual((len(reject), reject.times), (1, 3))

    def test_the_number_of_queries_does_not_grow_with_the_rows(self):
        def count(rows):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._ingest(*rows)
            return self.env.cr.sql_log_count - before

        rows = [self._deposit(trader="nobody") for _n in range(401)]
        count(rows[:1])
        self.assertEqual(count(rows[:1]), count(rows[1:]))

    def test_a_batch_without_refused_rows_asks_nothing_more(self):
        self._ingest(self._signup())
        with patch.object(type(self.rejects), "_keep") as keep:
            self._ingest(self._deposit())
        keep.assert_not_called()

    def test_a_row_of_an_unknown_trader_is_stored_when_the_trader_arrives(self):
        self._ingest(self._deposit("70.00", days_ago=1))
        self._run_cron()
        self.assertEqual(self.rejects.search([]).state, "waiting")
        self._ingest(self._signup(days_ago=2))
        self._run_cron()
        self.assertEqual(self._trader().deposit_total, 70)
        reject = self.rejects.search([])
        self.assertEqual((reject.state, reject.attempts), ("replayed", 1))

    def test_a_reversal_is_stored_when_what_it_takes_back_arrives(self):
        self._ingest(self._signup(days_ago=9))
        early = self._event("reversal", days_ago=1, data={"reverses": "d-late"})
        self.assertEqual(self._ingest(early)["rejected"][0]["code"], "unknown_target")
        self._run_cron()
        self.assertEqual(self.rejects.search([]).state, "waiting")

        self._ingest(self._deposit("80.00", days_ago=2, id="d-late"))
        self._run_cron()
        self.assertRecordValues(
            self.rejects.search([]), [{"state": "replayed", "attempts": 1}]
        )
        self.assertRecordValues(
            self._trader(), [{"deposit_count": 0, "deposit_total": 0}]
        )

    def test_a_target_of_another_source_or_person_is_not_what_was_meant(self):
        self._ingest(
            self._signup(days_ago=9), self._signup("T-2", 9, email="b@example.com")
        )
        early = self._event("reversal", days_ago=1, data={"reverses": "d-late"})
        self._ingest(early)
        self._ingest(self._deposit(days_ago=2, id="d-late"), source="another")
        self._run_cron()
        self.assertEqual(self.rejects.search([]).attempts, 0)
        self._ingest(self._deposit("5.00", "T-2", days_ago=2, id="d-late"))
        self._run_cron()
        self.assertRecordValues(
            self.rejects.search([]),
            [{"state": "waiting", "code": "unknown_target", "attempts": 1}],
        )
        self.assertEqual(self._trader("T-2").deposit_count, 1)

    def test_a_row_in_foreign_money_is_stored_when_the_rate_is_entered(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        dollar.rate_ids.unlink()
        self._ingest(self._signup(days_ago=3))
        self._ingest(self._deposit("10.00", currency="USD", days_ago=1))
        self.assertEqual(self.rejects.search([]).code, "no_rate")
        self._run_cron()
        self.assertFalse(self.rejects.search([]).attempts)
        rate = self.env["res.currency.rate"].create(
            {
                "currency_id": dollar.id,
                "name": fields.Date.today() - timedelta(days=5),
                "rate": 0.2,
            }
        )
        # A transaction has one time: the rate came later.
        rate.write_date = fields.Datetime.now() + timedelta(seconds=5)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_currency_rate SET write_date = write_date + interval '1 minute'"
            " WHERE id = %s",
            [rate.id],
        )
        self._run_cron()
        self.assertEqual(self.rejects.search([]).state, "replayed")
        self.assertEqual(self._trader().deposit_total, 50)

    def test_a_row_refused_again_says_why_now_and_is_not_tried_all_the_time(self):
        self._ingest(self._deposit(currency="XXX"))
        self._ingest(self._signup(days_ago=2))
        self._run_cron()
        reject = self.rejects.search([])
        self.assertEqual((reject.state, reject.code), ("waiting", "no_rate"))
        self._run_cron()
        self.assertEqual(self.rejects.search([]).attempts, 1)

    def test_an_analyst_replays_by_hand_and_hears_what_became_of_it(self):
        self._ingest(self._deposit(), self._deposit("1,5"))
        self._ingest(self._signup(days_ago=1))
        rejects = self.rejects.with_user(self.analyst).search([])
        message = rejects.action_replay()["params"]["message"]
        self.assertRegex(message, r"1.*1")
        self.assertEqual(sorted(rejects.mapped("state")), ["replayed", "waiting"])

    def test_history_that_is_replayed_wakes_no_cadence(self):
        woken = []
        engine = type(self.env["veloc.cadence.engine"])
        # sudo: as the import dialog does.
        ingest = self.env["veloc.ingest"].sudo()
        ingest._process("old", [self._deposit()], wake=False)
        self._ingest(self._signup(days_ago=1))
        with patch.object(
            engine, "_on_events", lambda self, touched: woken.append(touched)
        ):
            self.rejects.search([])._replay()
        self.assertEqual(self._trader().deposit_count, 1)
        self.assertFalse(any(woken))

    def test_discarding_takes_a_reason_and_an_analyst(self):
        self._ingest(self._deposit())
        reject = self.rejects.search([])
        with self.assertRaises(AccessError):
            reject.with_user(self.agent)._discard("x")
        wizard = (
            self.env["veloc.ingest.discard"]
            .with_user(self.analyst)
            .with_context(active_ids=reject.ids)
            .create({"reason": "test data"})
        )
        wizard.action_discard()
        self.assertRecordValues(
            reject, [{"state": "discarded", "discard_reason": "test data"}]
        )
        self._ingest(self._signup(days_ago=1))
        self._run_cron()
        self.assertEqual(reject.state, "discarded")

    def test_an_agent_sees_none_and_reading_a_row_is_noted(self):
        self._ingest(self._deposit())
        with self.assertRaises(AccessError):
            self.rejects.with_user(self.agent).search([])
        with patch.object(type(self.env["veloc.keyring"]), "_note_reading") as note:
            self.assertIn(
                "T-1", self.rejects.with_user(self.analyst).search([]).row_text
            )
        note.assert_called_once()

    def test_the_demo_shows_rows_of_each_kind(self):
        self._ingest(self._signup())
        self.env["veloc.demo"]._load_dead_rows()
        codes = sorted(self.rejects.search([]).mapped("code"))
        self.assertEqual(
            codes, ["invalid_amount", "no_rate", "unknown_trader", "unknown_trader"]
        )


@tagged("post_install", "-at_install")
class TestDeadRowsOfErasedPeople(CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        journal = str(Path(folder.name) / "tombstones.jsonl")
        cls.startClassPatcher(patch.dict(os.environ, {"VELOC_TOMBSTONES": journal}))
        cls.rejects = cls.env["veloc.ingest.reject"]
        cls.rejects.search([]).unlink()

    def _erase(self):
        self.env["veloc.erasure"]._erase(self._trader().partner_id, "request")
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()

    def test_an_erasure_takes_every_row_that_names_the_person(self):
        self._ingest(self._signup(days_ago=3))
        self._ingest(
            self._deposit("1,5"),  # by the reference
            self._signup("T-9", consents="odd"),  # by e-mail and phone
            self._event("lead", "x", data={"email": "ANA@example.com", "consents": 1}),
            self._deposit(trader="T-2"),  # somebody else's
        )
        self.assertEqual(len(self.rejects.search([])), 4)
        self._erase()
        self.assertEqual(self.rejects.search([]).mapped("trader_ref"), ["T-2"])

    def test_nothing_of_an_erased_person_becomes_a_dead_row_again(self):
        self._ingest(self._signup(days_ago=3))
        self._erase()
        answer = self._ingest(
            self._deposit(), self._deposit("1,5"), self._signup("T-9", consents="odd")
        )
        self.assertEqual(len(answer["rejected"]), 3)
        self.assertFalse(self.rejects.search([]))
