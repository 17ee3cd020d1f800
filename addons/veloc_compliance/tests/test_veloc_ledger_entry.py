import json

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import ComplianceCase


@tagged("post_install", "-at_install")
class TestLedgerEntries(ComplianceCase):
    """Issue 4, part 2: what is recorded, with what, and what a rollback leaves."""

    def setUp(self):
        super().setUp()
        self.ledger = self.env["veloc.ledger.entry"]
        self.ledger.search([], limit=1)
        self.last = self.ledger.search([], limit=1, order="id desc").id or 0

    def _new(self, **conditions):
        domain = [("id", ">", self.last)]
        domain += [(name, "=", value) for name, value in conditions.items()]
        return self.ledger.search(domain, order="id")

    def test_a_change_leaves_one_entry_with_the_person_and_the_field(self):
        self.ana.phone = "+55 11 96123-9999"
        entry = self._new()
        self.assertRecordValues(
            entry,
            [
                {
                    "kind": "write",
                    "model": "res.partner",
                    "res_id": self.ana.id,
                    "subject_id": self.ana.id,
                    "user_id": self.env.uid,
                }
            ],
        )
        self.assertEqual(json.loads(entry.public), {"fields": ["phone"]})

    def test_a_change_that_was_rolled_back_leaves_none(self):
        self.ana.phone = "+55 11 96123-0001"
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.ana.phone = "+55 11 96123-0002"
            raise ZeroDivisionError
        self.ana.city = "Recife"
        self.assertEqual(
            [json.loads(e.public)["fields"] for e in self._new()], [["phone"], ["city"]]
        )
