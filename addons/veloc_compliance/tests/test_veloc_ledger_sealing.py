import json
import os
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from unittest.mock import patch

from psycopg2 import errors

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.veloc_compliance.rules import ledger_head, merkle
from odoo.addons.veloc_compliance.tests.ledger_case import TABLES, LedgerCase


@tagged("post_install", "-at_install")
class TestLedgerCannotBeAlteredQuietly(LedgerCase):
    """Issue 4, part 2: sealed each minute, proved to anybody, attacked as root."""

    # === SEALING === #

    def test_each_minute_what_waits_becomes_leaves_under_a_signed_head(self):
        self.ana.city = "Natal"
        entry = self._new()
        self.assertFalse(entry.is_sealed)
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_ledger_seal").method_direct_trigger()
        entry.invalidate_recordset()
        self.assertTrue(entry.is_sealed)
        head = self.env["veloc.ledger.head"]._latest()
        self.assertTrue(ledger_head.is_signed(head))
        self.assertEqual(head.size, self._count("veloc_ledger_leaf"))
        self.assertFalse(self._found())

    def test_sealing_again_without_news_makes_no_head(self):
        self.ana.city = "Natal"
        head = self._seal()
        self.assertEqual(self._seal(), head)

    def test_a_late_transaction_is_sealed_by_the_nights_pass(self):
        (late,) = self._numbers(1)
        self._sealed_entries(2)
        self._attack(
            "UPDATE veloc_ledger_signed_head SET sealed_at = sealed_at - interval '2 h'"
        )
        self._attack(
            "INSERT INTO veloc_ledger_entry_raw (id, kind, user_id, model, res_id,"
            " public) VALUES (%s, 'out_of_band', 0, '', 0, '{}')",
            late,
        )
        self.assertFalse(self.env["veloc.ledger.sealer"]._seal())
        self.assertEqual(self.env["veloc.ledger.sealer"]._seal(all_of_it=True), 1)

    def _numbers(self, count):
        return self.env["veloc.ledger.writer"]._take_numbers(count)[0]

    def _count(self, table):
        rows = self.env.execute_query(
            SQL("SELECT count(*) FROM %s", SQL.identifier(table))
        )
        return rows[0][0]

    # === THE DATABASE REFUSES === #

    def test_nobody_updates_deletes_or_truncates_a_table_of_the_ledger(self):
        self._sealed_entries(1)
        self.env.cr.execute(
            "INSERT INTO veloc_ledger_node VALUES (16, 9, %s)", [b"x" * 32]
        )
        for table in TABLES:
            for statement in ("UPDATE %s SET %s = %s", "DELETE FROM %s", "TRUNCATE %s"):
                column = SQL.identifier("id" if table != TABLES[2] else "level")
                parts = (SQL.identifier(table), column, column)
                parts = parts[: statement.count("%s")]
                with self.subTest(statement=statement, table=table):
                    self._refused(SQL(statement, *parts))

    def test_a_session_as_a_replica_is_refused_as_well(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
                " WHERE tgenabled = 'A' AND tgrelid::regclass::text = ANY(%s)",
                list(TABLES),
            )
        )
        triggers = ("veloc_no_change", "veloc_no_truncate")
        self.assertEqual(set(rows), {(t, name) for t in TABLES for name in triggers})

    def _refused(self, statement):
        with (
            self.assertRaises(errors.RestrictViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(statement)

    def test_admin_changes_and_deletes_nothing_by_the_orm(self):
        entry = self._sealed_entries(1)
        admin = self.env.ref("base.user_admin")
        for records in (entry, self.env["veloc.ledger.head"].search([], limit=1)):
            for attempt in (
                lambda r=records: r.with_user(admin).write({"id": 1}),
                lambda r=records: r.with_user(admin).unlink(),
                lambda r=records: r.sudo().unlink(),
            ):
                with self.assertRaises(UserError):  # an AccessError is one
                    attempt()

    # === ATTACKS OF A SUPERUSER === #

    def test_a_changed_entry_is_found_and_named(self):
        entry = self._sealed_entries()[2]
        self._attack(
            "UPDATE veloc_ledger_entry_raw SET user_id = 1 + user_id WHERE id = %s",
            entry.id,
        )
        self.assertEqual(self._found(), {("entry_changed", entry.id, entry.id)})

    def test_a_deleted_entry_is_found_and_named(self):
        entry = self._sealed_entries()[2]
        self._attack("DELETE FROM veloc_ledger_entry_raw WHERE id = %s", entry.id)
        self.assertEqual(self._found(), {("entry_deleted", entry.id, entry.id)})

    def test_an_entry_replaced_together_with_its_leaf_is_found(self):
        entries = self._sealed_entries()
        entry = entries[2]
        self._attack(
            "UPDATE veloc_ledger_leaf SET hash = %s WHERE entry_id = %s",
            merkle.leaf_hash(b"x"),
            entry.id,
        )
        found = self._found()
        self.assertIn(("entry_changed", entry.id, entry.id), found)
        self.assertIn("root_differs", {code for code, *_entries in found})

    def test_a_deleted_leaf_is_found_with_its_place(self):
        entry = self._sealed_entries()[2]
        self._attack("DELETE FROM veloc_ledger_leaf WHERE entry_id = %s", entry.id)
        answer = self.env["veloc.ledger.check"]._verify()
        self.assertIn("leaf_missing", {f["code"] for f in answer["findings"]})

    def test_a_cut_tail_is_found(self):
        entries = self._sealed_entries()
        self._attack(
            "WITH cut AS (DELETE FROM veloc_ledger_leaf WHERE entry_id > %s)"
            " DELETE FROM veloc_ledger_entry_raw WHERE id > %s",
            entries[2].id,
            entries[2].id,
        )
        self.assertIn(("tail_cut", 0, entries[-1].id), self._found())

    def test_a_cut_with_its_heads_is_found_only_against_an_anchor(self):
        self._sealed_entries(2)
        before = self.env["veloc.ledger.head"]._latest()
        self._forget()
        last = self._sealed_entries(2)[-1].id
        anchor = self.env["veloc.ledger.head"]._latest()
        self._attack(
            "WITH a AS (DELETE FROM veloc_ledger_leaf WHERE id > %s),"
            " b AS (DELETE FROM veloc_ledger_signed_head WHERE size > %s)"
            " DELETE FROM veloc_ledger_entry_raw WHERE id > %s",
            before.size,
            before.size,
            before.last_entry_id,
        )
        self.assertFalse(self._found())
        self.assertEqual(self._found([anchor]), {("rolled_back", 0, last)})

    def test_a_rewritten_history_is_found_against_an_anchor(self):
        self._sealed_entries(2)
        head = self.env["veloc.ledger.head"]._latest()
        key = self.env["veloc.keyring"]._signing_key("ledger")
        other = ledger_head.sign(
            key, head.origin, head.size, b"x" * 32, self.env.cr.now(), 9
        )
        self.assertEqual(self._found([other]), {("history_rewritten", 0, 9)})
        unsigned = replace(head, last_entry_id=1)
        self.assertEqual(self._found([unsigned]), {("anchor_not_signed", 0, 0)})

    def test_an_entry_that_veloc_did_not_write_is_told_when_it_is_sealed(self):
        self.env.cr.execute(
            "INSERT INTO veloc_ledger_entry_raw (kind, user_id, model, res_id, public)"
            " VALUES ('write', 2, 'res.partner', 1, '{}') RETURNING id"
        )
        (id_,) = self.env.cr.fetchone()
        with mute_logger(
            "odoo.addons.veloc_compliance.models.ledger.veloc_ledger_sealer"
        ):
            self._seal()
        alert = self.env["veloc.alert"].search([("code", "=", "ledger_forged")])
        self.assertEqual(alert.key, str(id_))
        self.assertIn(("entry_forged", id_, id_), self._found())

    def test_a_disabled_trigger_is_seen(self):
        level = self.env["veloc.ledger.check"]._level()
        self.assertIn(level, ("triggers", "owner"))
        self.env.cr.execute(
            "ALTER TABLE veloc_ledger_leaf DISABLE TRIGGER veloc_no_change"
        )
        answer = self.env["veloc.ledger.check"]._verify()
        self.assertEqual((answer["level"], answer["ok"]), ("broken", False))

    def test_the_nights_examination_tells_what_it_found(self):
        entry = self._sealed_entries(3)[1]
        with self.enter_registry_test_mode():
            cron = self.env.ref("veloc_compliance.ir_cron_ledger_examine")
            cron.method_direct_trigger()
        check = self.env["veloc.ledger.check"].search([], limit=1)
        self.assertTrue(check.is_sound)
        self._attack("DELETE FROM veloc_ledger_entry_raw WHERE id = %s", entry.id)
        with mute_logger(
            "odoo.addons.veloc_compliance.models.ledger.veloc_ledger_check"
        ):
            check = self.env["veloc.ledger.check"]._examine()
        self.assertFalse(check.is_sound)
        self.assertIn(str(entry.id), check.told)
        self.assertTrue(
            self.env["veloc.alert"].search_count([("code", "=", "ledger_unsound")])
        )

    # === PROOFS === #

    def test_growth_between_two_heads_is_proved_over_rpc(self):
        self._sealed_entries(3)
        old = self.env["veloc.ledger.head"]._latest()
        self._sealed_entries(4)
        new = self.env["veloc.ledger.head"]._latest()
        auditor = new_test_user(
            self.env, "lg-auditor", groups="veloc_compliance.group_auditor"
        )
        heads = self.env["veloc.ledger.head"].with_user(auditor)
        proof = heads.consistency(old.size, new.size)
        self.assertTrue(
            merkle.verify_consistency(
                old.size,
                new.size,
                [bytes.fromhex(part) for part in proof],
                bytes.fromhex(old.root),
                bytes.fromhex(new.root),
            )
        )

    def test_an_auditor_verifies_and_nobody_else(self):
        auditor = new_test_user(
            self.env, "lg-auditor", groups="veloc_compliance.group_auditor"
        )
        seller = new_test_user(self.env, "lg-seller", groups="base.group_user")
        self._sealed_entries(1)
        self.assertTrue(self.ledger.with_user(auditor).verify()["ok"])
        self.assertTrue(self.ledger.with_user(auditor).search_count([]))
        for attempt in (
            lambda: self.ledger.with_user(seller).verify(),
            lambda: self.ledger.with_user(seller).search([]).mapped("public"),
            lambda: self.env["veloc.ledger.head"].with_user(seller).consistency(1, 1),
            lambda: self.env["veloc.ledger.check"].with_user(seller).action_examine(),
        ):
            with self.assertRaises(AccessError):
                attempt()

    # === ERASURE === #

    def test_an_erased_person_leaves_a_ledger_that_still_verifies(self):
        entry = self._sealed_entries(2)[0]
        self.assertIn("function 0", entry.values)
        self.env["veloc.subject.key"]._shred(self.ana.ids, "erased on request")
        entry.invalidate_recordset()
        self.assertFalse(entry.values)
        self.assertFalse(self._found())
        self.ana.function = "after"
        self.assertFalse(self._new(kind="write")[-1].values)

    # === ANCHORS === #

    def test_heads_are_appended_to_a_file_and_a_cut_log_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "anchor.jsonl"
            with patch.dict(os.environ, {"VELOC_LEDGER_ANCHOR": str(path)}):
                self._sealed_entries(2)
                self.env["veloc.ledger.anchor"]._anchor_to_file()
                self._sealed_entries(2)
                self.env["veloc.ledger.anchor"]._anchor_to_file()
                self.env["veloc.ledger.anchor"]._anchor_to_file()
                heads = ledger_head.read_anchor(path.read_text())
                self.assertEqual(heads[-1], self.env["veloc.ledger.head"]._latest())
                self.assertEqual(len({h.size for h in heads}), len(heads))
                future = replace(heads[-1], size=heads[-1].size + 10)
                path.write_text(json.dumps(asdict(future)))
                self.env["veloc.ledger.anchor"]._anchor_to_file()
        alert = self.env["veloc.alert"].search([("code", "=", "ledger_rollback")])
        self.assertEqual(alert.key, str(future.size))

    def test_the_newest_head_is_mailed_to_the_encarregado_once(self):
        self._sealed_entries(1)
        head = self.env["veloc.ledger.head"]._latest()
        self.env.ref("base.user_admin").email = "officer@example.com"
        cron = self.env.ref("veloc_compliance.ir_cron_ledger_mail")
        before = self.env["mail.mail"].search([]).ids
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        mails = self.env["mail.mail"].search([("id", "not in", before)])
        anchors = self.env["veloc.ledger.anchor"].search(
            [("kind", "=", "mail"), ("size", "=", head.size)]
        )
        self.assertEqual(len(anchors), 1)
        self.assertEqual(len(mails), len(anchors.place.split(",")))
        self.assertIn(head.signature, mails[0].body_html)

    def test_an_anchor_can_be_compared_on_the_screen(self):
        self._sealed_entries(2)
        head = self.env["veloc.ledger.head"]._latest()
        wizard = self.env["veloc.ledger.anchor.check"].create(
            {"text": f"Dear officer,\n{head.line()}\n"}
        )
        wizard.action_compare()
        self.assertTrue(wizard.is_sound)
        wizard.text = replace(head, size=head.size + 1).line()
        wizard.action_compare()
        self.assertFalse(wizard.is_sound)
        wizard.text = "nothing"
        with self.assertRaises(UserError):
            wizard.action_compare()
