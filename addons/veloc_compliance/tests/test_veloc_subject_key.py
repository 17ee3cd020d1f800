from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..rules.field_cipher import CannotOpen
from .crypto_case import CryptoCase


@tagged("post_install", "-at_install")
class TestSubjectKeys(CryptoCase):
    """LGPD art. 16: what cannot be edited can still be destroyed."""

    def test_keys_are_made_in_bulk_and_stay_the_same(self):
        people = self.env["res.partner"].create([{"name": str(i)} for i in range(30)])
        keys = self.env["veloc.subject.key"]
        keys.flush_model()
        keys._for([self.ana.id])  # the process knows its data keys
        with self.assertQueryCount(2):
            made = keys._for(people.ids)
        self.assertEqual(set(made), set(people.ids))
        self.assertEqual(len({key.key for key in made.values()}), 30)
        with self.assertQueryCount(1):
            self.assertEqual(keys._for(people.ids), made)

    def test_a_destroyed_key_is_gone_and_its_row_proves_it(self):
        keys = self.env["veloc.subject.key"]
        key = keys._for([self.ana.id])[self.ana.id]
        self.assertEqual(keys._shred([self.ana.id], "erasure"), 1)
        self.assertEqual(keys._known([self.ana.id]), {})
        self.assertEqual(keys._for([self.ana.id]), {}, "erased people get no new key")
        row = keys.browse(key.id)
        self.assertTrue(row.destroyed_at)
        self.assertEqual(row.destroyed_reason, "erasure")
        self.assertIsNone(self._column(row, "sealed"))
        self.assertEqual(keys._shred([self.ana.id], "again"), 0)

    def test_a_key_moved_to_another_person_does_not_open(self):
        keys = self.env["veloc.subject.key"]
        made = keys._for([self.ana.id, self.rui.id])
        mine, other = (keys.browse(made[p.id].id) for p in (self.ana, self.rui))
        self._set_column(mine, "sealed", self._column(other, "sealed"))
        with self.assertRaises(CannotOpen):
            keys._known([self.ana.id])

    def test_one_person_has_one_living_key(self):
        made = self.env["veloc.subject.key"]._for([self.ana.id])[self.ana.id]
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                SQL(
                    "INSERT INTO veloc_subject_key (partner_number, reference, sealed) "
                    "SELECT partner_number, 'x', sealed FROM veloc_subject_key "
                    "WHERE id = %s",
                    made.id,
                )
            )

    def test_no_user_reads_or_writes_keys(self):
        officer = self._user("crypto_officer", "veloc_compliance.group_officer")
        made = self.env["veloc.subject.key"]._for([self.ana.id])[self.ana.id]
        row = self.env["veloc.subject.key"].browse(made.id).with_user(officer)
        self.assertTrue(row.read(["reference"]))
        for attempt in (
            lambda: row.read(["sealed"]),
            lambda: row.write({"partner_number": 1}),
            lambda: row.unlink(),
            lambda: row.create({"partner_number": 1, "reference": "x"}),
        ):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.orm.models", "odoo.addons.base.models.ir_model"),
            ):
                attempt()
