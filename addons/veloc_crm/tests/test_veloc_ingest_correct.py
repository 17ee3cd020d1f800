"""Dead rows that somebody puts right: stored once, whatever else is imported."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import CrmCase
from .test_veloc_import_wizard import ImportMixin

FILE = """trader;date;amount
T-1;05/05/2026;10,00
T-1;06/05/2026;vinte
T-1;06/05/2026;vinte
T-1;07/05/2026;1,00;x
"""


@tagged("post_install", "-at_install")
class TestCorrection(ImportMixin, CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analyst = new_test_user(
            cls.env, "correct-analyst", groups="veloc_crm.group_analyst"
        )
        cls.agent = new_test_user(cls.env, "correct-agent", groups="base.group_user")

    def setUp(self):
        super().setUp()
        self._ingest(self._signup(at=None) | {"at": "2026-05-01T12:00:00Z"})
        self._import(self._wizard(FILE, name="fix.csv", user=self.analyst))
        self.rejects = (
            self.env["veloc.ingest.reject"]
            .with_user(self.analyst)
            .search([("source", "=", "fix")])
            .sorted("line")
        )

    def _open(self, reject):
        context = reject.action_correct()["context"]
        return Form(
            self.env["veloc.ingest.correct"]
            .with_user(self.analyst)
            .with_context(**context)
        )

    def _correct(self, reject, **values):
        form = self._open(reject)
        form.event = json.dumps(json.loads(form.event) | values)
        return form.save()

    def test_a_row_is_put_right_and_stored(self):
        first, second, broken = self.rejects
        self._correct(first, amount="20.00").action_store()
        self._correct(second, amount="20.00").action_store()
        self.assertEqual(self._trader().deposit_total, 50, "equal rows are two")
        self.assertRecordValues(
            first | second,
            [
                {
                    "state": "replayed",
                    "attempts": 1,
                    "corrected_by": self.analyst.id,
                }
            ]
            * 2,
        )
        self.assertEqual(broken.state, "waiting")

    def test_the_corrected_file_imported_as_well_stores_nothing_twice(self):
        self._correct(self.rejects[0], amount="20.00").action_store()
        self._correct(self.rejects[1], amount="20.00").action_store()
        again = self._import(
            self._wizard(FILE.replace("vinte", "20,00"), name="fix.csv")
        )
        self.assertEqual((again.new_count, again.duplicate_count), (0, 3))

    def test_a_line_that_was_no_row_is_written_anew(self):
        broken = self.rejects[2]
        self.assertEqual(broken.code, "more_cells")
        wizard = self._correct(
            broken,
            type="deposit_approved",
            trader="T-1",
            at="2026-05-07T12:00:00Z",
            amount="1.00",
            currency="BRL",
        )
        wizard.action_store()
        self.assertEqual(self._trader().deposit_total, 11)
        self.assertEqual(broken.state, "replayed")

    def test_what_is_still_wrong_is_said_and_nothing_is_stored(self):
        reject = self.rejects[0]
        with self.assertRaisesRegex(UserError, "decimal"), self.cr.savepoint():
            self._correct(reject, amount="20,00").action_store()
        form = self._open(reject)
        for text in ("{", "[]", ""):
            form.event = text
            with self.assertRaises(UserError), self.cr.savepoint():
                form.save().action_store()
        self.assertEqual((reject.state, self._trader().deposit_total), ("waiting", 10))

    def test_what_is_stored_already_is_not_taken_for_corrected(self):
        with self.assertRaisesRegex(UserError, "stored already"), self.cr.savepoint():
            self._correct(
                self.rejects[0], amount="10.00", at="2026-05-05T03:00:00Z"
            ).action_store()
        self.assertEqual(self.rejects[0].state, "waiting")

    def test_a_settled_row_is_not_corrected_again(self):
        wizard = self._correct(self.rejects[0], amount="20.00")
        wizard.action_store()
        with self.assertRaisesRegex(UserError, "settled"):
            wizard.action_store()

    def test_what_is_written_is_sealed(self):
        wizard = self._correct(self.rejects[0], amount="4711471.15")
        wizard.flush_recordset()
        self.env.cr.execute(
            "SELECT w::text FROM veloc_ingest_correct w WHERE id = %s", [wizard.id]
        )
        ((text,),) = self.env.cr.fetchall()
        self.assertNotIn("4711471", text)
        self.assertIn("4711471", wizard.event)

    def test_analysts_alone_correct(self):
        with self.assertRaises(AccessError):
            self.rejects[0].with_user(self.agent).action_correct()
        with self.assertRaises(AccessError):
            self.rejects[0].with_user(self.agent)._correct({})
