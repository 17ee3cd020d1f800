"""What the tests of the ledger share: its newest entries, a seal, an attacker."""

import json

from odoo.tools import SQL

from odoo.addons.veloc_compliance.tests.common import ComplianceCase

TABLES = (
    "veloc_ledger_entry_raw",
    "veloc_ledger_leaf",
    "veloc_ledger_node",
    "veloc_ledger_signed_head",
)


class LedgerCase(ComplianceCase):
    """A ledger in which everything so far is sealed."""

    def setUp(self):
        super().setUp()
        self.ledger = self.env["veloc.ledger.entry"]
        self.last = self.ledger.search([], limit=1, order="id desc").id or 0

    def _new(self, **conditions):
        """Return the entries since the test began (or since ``_forget``)."""
        domain = [("id", ">", self.last)]
        domain += [(name, "=", value) for name, value in conditions.items()]
        return self.ledger.search(domain, order="id")

    def _forget(self):
        self.last = self.ledger.search([], limit=1, order="id desc").id or 0

    def _public(self, entry):
        return json.loads(entry.public)

    def _seal(self):
        """Seal all that is noted; return the head."""
        self.ledger.search([], limit=1)
        while self.env["veloc.ledger.sealer"]._seal(all_of_it=True):
            pass
        return self.env["veloc.ledger.head"]._latest()

    def _sealed_entries(self, count=5):
        """Return entries of so many changes of Ana's contact, sealed."""
        for number in range(count):
            self.ana.function = f"function {number}"
            self.ledger.search([], limit=1)
        entries = self._new(kind="write")
        self._seal()
        entries.invalidate_recordset()
        return entries

    def _attack(self, statement, *values):
        """Do what the table's owner or a superuser can: without triggers."""
        for table in TABLES:
            self.env.cr.execute(
                SQL("ALTER TABLE %s DISABLE TRIGGER ALL", SQL.identifier(table))
            )
        self.env.cr.execute(SQL(statement, *values))
        for table in TABLES:
            self.env.cr.execute(
                SQL("ALTER TABLE %s ENABLE TRIGGER ALL", SQL.identifier(table))
            )
            for trigger in ("veloc_no_change", "veloc_no_truncate"):
                self.env.cr.execute(
                    SQL(
                        "ALTER TABLE %s ENABLE ALWAYS TRIGGER %s",
                        SQL.identifier(table),
                        SQL.identifier(trigger),
                    )
                )

    def _found(self, anchors=()):
        """Return ``{(code, first, last)}`` of an examination."""
        answer = self.env["veloc.ledger.check"]._verify(anchors)
        return {(f["code"], f["first"], f["last"]) for f in answer["findings"]}
