from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged
from odoo.tools import SQL

from .rights_case import RightsCase

# What may never change keeps its secrets: nobody has the keys any more.
APPEND_ONLY = ("veloc_ledger_entry_raw",)
SEALED_COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
  JOIN information_schema.tables t USING (table_schema, table_name)
 WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
   AND (column_name = 'sealed' OR column_name ~ '_(sealed|blind)$')
   AND table_name NOT IN %s
"""


@tagged("post_install", "-at_install")
class TestNeutralizedCopy(RightsCase):
    """A copy has no keys: what they sealed must not lie there and trip people."""

    def _neutralize(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["veloc_compliance"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()

    def test_no_sealed_value_is_left_in_a_copy(self):
        self._proven("access")
        self.env["veloc.secrecy.mark"].create(
            {"partner_id": self.ana.id, "reference": "7", "note": "seen"}
        )
        columns = self.env.execute_query(SQL(SEALED_COLUMNS, APPEND_ONLY))
        self.assertGreater(self._left(columns), {("veloc_secrecy_mark", "sealed")})

        self._neutralize()

        self.assertEqual(self._left(columns), set())
        files = "('veloc.privacy.package', 'veloc.privacy.proof')"
        self.env.cr.execute(
            f"SELECT count(*) FROM ir_attachment WHERE res_model IN {files}"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def _left(self, columns):
        self.env.flush_all()
        found = set()
        for table, column in columns:
            self.env.cr.execute(
                SQL(
                    "SELECT 1 FROM %s WHERE %s IS NOT NULL LIMIT 1",
                    SQL.identifier(table),
                    SQL.identifier(column),
                )
            )
            if self.env.cr.fetchone():
                found.add((table, column))
        return found

    def test_a_request_still_opens_in_a_copy(self):
        request = self._proven("access")
        mark = self.env["veloc.secrecy.mark"].create(
            {"partner_id": self.ana.id, "reference": "7", "note": "seen"}
        )
        self._neutralize()

        self.assertFalse(request.details)
        self.assertTrue(all(request.package_ids.mapped("is_gone")))
        self.assertFalse(mark.note)
