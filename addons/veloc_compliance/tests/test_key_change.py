import base64
import os
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models.crypto.veloc_key_change import ANNOUNCED
from ..rules import field_cipher
from .crypto_case import CPF, DENIALS, OTHER_CPF, QUIET, CryptoCase

NEXT = bytes(range(40, 72))
PDF = b"%PDF-1.7 proof of somebody's address"


@tagged("post_install", "-at_install")
class TestKeyChange(CryptoCase):
    """LGPD art. 46: a key that may be known is changed without closing the shop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.key.change"]._stop_check()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"P{i}", "veloc_mother_name": f"Mother {i}"} for i in range(1100)]
        )
        cls.rui.veloc_cpf = OTHER_CPF
        cls.proof = cls.env["veloc.identity.proof"].create(
            {"partner_id": cls.ana.id, "content": base64.b64encode(PDF)}
        )
        cls.env["veloc.subject.key"]._for([cls.ana.id])
        cls.officer = cls._user("key_officer", "veloc_compliance.group_officer")

    def _order(self, kind):
        return (
            self.env["veloc.key.change"].with_user(self.officer).create({"kind": kind})
        )

    def _run_cron(self, order):
        """Run the job until the order is done, as the scheduler would."""
        self.env.flush_all()
        with (
            self.enter_registry_test_mode(),
            freeze_time(Datetime.now() + 2 * ANNOUNCED) as clock,
        ):
            for _attempt in range(20):
                self.env.ref(
                    "veloc_compliance.ir_cron_key_change"
                ).method_direct_trigger()
                self.env.invalidate_all()
                if order.state == "done":
                    return
                clock.tick(ANNOUNCED)
        self.fail(f"stopped at {order.place} {order.last_id}")

    def _generations(self, table, column):
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT split_part(%(c)s, ':', 1) FROM %(t)s "
                "WHERE %(c)s IS NOT NULL",
                c=SQL.identifier(column),
                t=SQL.identifier(table),
            )
        )
        return {name for (name,) in rows}

    # === DATA KEYS === #

    def test_new_data_keys_reach_every_value_and_index(self):
        subject_key = self.env["veloc.subject.key"]._known([self.ana.id])
        order = self._order("data")
        self._run_cron(order)
        self.assertEqual(self._generations("res_partner", "veloc_cpf_sealed"), {"v2"})
        self.assertEqual(
            self._generations("res_partner", "veloc_mother_name_sealed"), {"v2"}
        )
        self.assertEqual(self._generations("veloc_subject_key", "sealed"), {"v2"})
        self.assertTrue(base64.b64decode(self.proof.sealed_content).startswith(b"v2:"))
        self.assertEqual(self.ana.veloc_cpf, CPF)
        self.assertEqual(self.people[7].veloc_mother_name, "Mother 7")
        self.assertEqual(self.proof._open_content()[2], PDF)
        self.assertEqual(
            self.env["veloc.subject.key"]._known([self.ana.id]), subject_key
        )
        find = self.env["res.partner"].search
        self.assertEqual(find([("veloc_cpf", "=", OTHER_CPF)]), self.rui)
        blind = self.env["veloc.keyring"]._blind("res_partner", "veloc_cpf", [CPF])
        self.assertEqual([self._column(self.ana, "veloc_cpf_blind")], blind)
        self.assertFalse(order.broken)

    def test_reading_and_writing_go_on_in_every_phase(self):
        find = self.env["res.partner"]._veloc_find

        def everything_works(number):
            self.env.invalidate_all()
            self.assertEqual(self.ana.veloc_cpf, CPF)
            self.assertEqual(
                find("cpf", [CPF, OTHER_CPF]),
                {CPF: [self.ana.id], OTHER_CPF: [self.rui.id]},
            )
            self.people[number].veloc_mother_name = f"New {number}"
            self.rui.veloc_cpf = False
            self.rui.veloc_cpf = OTHER_CPF
            self.env.invalidate_all()
            self.assertEqual(self.people[number].veloc_mother_name, f"New {number}")

        everything_works(0)
        order = self._order("data")
        everything_works(1)  # the new keys are known and nobody writes with them
        self.assertEqual(self._generations("res_partner", "veloc_cpf_sealed"), {"v1"})
        order = order.sudo()
        step = 2
        while order.state != "done":
            order._step()
            everything_works(step)
            step += 1
        self.assertGreater(step, 8)
        self.assertEqual(
            self._generations("res_partner", "veloc_mother_name_sealed"), {"v2"}
        )

    def test_what_a_slow_server_wrote_with_the_old_key_is_read_and_found(self):
        old_index = dict(self.env["veloc.keyring"]._rings())
        order = self._order("data")
        self._run_cron(order)
        old = field_cipher.seal(
            old_index["field"],
            field_cipher.context("res_partner", "veloc_cpf", self.rui.id),
            b"39053344705",
        )
        key = old_index["index"].keys[1]
        blind = field_cipher.blind(key, "res_partner", "veloc_cpf", ["39053344705"])
        self._set_column(self.rui, "veloc_cpf_sealed", old)
        self._set_column(self.rui, "veloc_cpf_blind", blind[0])
        self.assertEqual(self.rui.veloc_cpf, "39053344705")
        found = self.env["res.partner"].search([("veloc_cpf", "=", "390.533.447-05")])
        self.assertEqual(found, self.rui)

    def test_an_interrupted_change_goes_on_where_it_stopped(self):
        order = self._order("data").sudo()
        for _step in range(4):
            order._step()
        place, last_id, changed = order.place, order.last_id, order.changed
        self.assertTrue(place)
        self._run_cron(order)
        self.assertEqual(order.state, "done")
        self.assertGreater(order.changed, changed)
        self.assertEqual(self._generations("res_partner", "veloc_cpf_sealed"), {"v2"})
        self.assertTrue(last_id is not None)

    def test_a_check_gives_way_to_a_change(self):
        check = self._order("check")
        self._order("data")
        self.assertEqual(check.state, "stopped")

    def test_only_one_change_at_a_time(self):
        self._order("data")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self._order("check")

    @mute_logger(QUIET)
    def test_what_does_not_open_is_counted_and_does_not_stop_the_rest(self):
        self._set_column(self.ana, "veloc_cpf_sealed", "v1:" + "A" * 60)
        with self._alerts() as alerts:
            order = self._order("data")
            self._run_cron(order)
        self.assertEqual(order.broken, 1)
        self.assertIn("ciphertext_unreadable", alerts())
        self.assertEqual(self.rui.veloc_cpf, OTHER_CPF)

    # === CHECK === #

    @mute_logger(QUIET)
    def test_the_weekly_check_finds_what_somebody_changed_by_sql(self):
        order = self._order("check")
        self._run_cron(order)
        self.assertEqual((order.broken, order.changed), (0, 0))
        self.assertGreater(order.seen, 1100)
        # Rui is found in Ana's place from now on, if nobody looks.
        blind = self._column(self.rui, "veloc_cpf_blind")
        self._set_column(self.ana, "veloc_cpf_blind", blind)
        with self._alerts() as alerts:
            order = self._order("check")
            self._run_cron(order)
        self.assertEqual(order.broken, 1)
        self.assertEqual(alerts(), ["ciphertext_unreadable"])

    def test_the_job_orders_a_check_once_a_week(self):
        changes = self.env["veloc.key.change"]
        with freeze_time("2031-05-06 10:00:00"):
            changes._order_weekly_check()
            order = changes.search([], limit=1)
            self.assertEqual((order.kind, order.state), ("check", "waiting"))
            changes._order_weekly_check()
            self.assertEqual(changes.search([], limit=1), order)

    # === MASTER KEY === #

    def test_a_new_master_key_wraps_the_data_keys_and_touches_no_value(self):
        before = self._column(self.ana, "veloc_cpf_sealed")
        with patch.dict(os.environ, {"VELOC_KEY_V2": NEXT.hex()}):
            order = self._order("master")
            self.assertEqual(order.state, "done")
            self.assertEqual(order.changed, 3)
            self.env["veloc.keyring"]._check()
        self.assertEqual(
            set(self.env["veloc.data.key"].search([]).mapped("master_version")), {2}
        )
        only_new = {"VELOC_KEY": "", "VELOC_KEY_FILE": "", "VELOC_KEY_V2": NEXT.hex()}
        with patch.dict(os.environ, only_new):
            self.env.registry.clear_cache()
            self.env.invalidate_all()
            self.assertEqual(self.ana.veloc_cpf, CPF)
        self.assertEqual(self._column(self.ana, "veloc_cpf_sealed"), before)

    def test_the_ledgers_signature_survives_every_change_of_keys(self):
        pem = self.env["veloc.keyring"]._public_key_pem("ledger")
        self.assertIn("BEGIN PUBLIC KEY", pem)
        self._run_cron(self._order("data"))
        with patch.dict(os.environ, {"VELOC_KEY_V2": NEXT.hex()}):
            self._order("master")
            self.assertEqual(self.env["veloc.keyring"]._public_key_pem("ledger"), pem)
        self.assertNotEqual(self.env["veloc.keyring"]._public_key_pem("receipt"), pem)

    # === WHO === #

    def test_only_officers_order_and_nobody_edits_keys(self):
        with self.assertRaises(AccessError), mute_logger(*DENIALS):
            self.env["veloc.key.change"].with_user(self.analyst).create({})
        order = self._order("check")
        with self.assertRaises(UserError), mute_logger(*DENIALS):
            order.write({"state": "done"})
        key = self.env["veloc.data.key"].with_user(self.officer).search([], limit=1)
        for attempt in (
            lambda: key.read(["wrapped"]),
            lambda: key.write({"state": "retired"}),
            lambda: key.unlink(),
        ):
            with self.assertRaises(AccessError), mute_logger(*DENIALS):
                attempt()

    def test_an_order_stands_in_the_ledger(self):
        order = self._order("check")
        entry = self.env["veloc.ledger.entry"].search(
            [("model", "=", "veloc.key.change"), ("res_id", "=", order.id)]
        )
        self.assertEqual((entry.kind, entry.user_id), ("key", self.officer))
