"""CPFs that the broker sends: kept, encrypted, and no longer anywhere in clear."""

from odoo.tests import tagged
from odoo.tools import SQL

from ..demo.story import make_cpf
from .common import CrmCase


@tagged("post_install", "-at_install")
class TestCpfOfTraders(CrmCase):
    def test_the_cpf_of_a_signup_is_kept_encrypted_on_the_contact(self):
        self._ingest(self._signup(cpf="529.982.247-25"))
        partner = self._trader().partner_id
        self.assertEqual(partner.veloc_cpf, "52998224725")
        self.env.flush_all()
        for table, column in (
            ("res_partner", "id"),
            ("veloc_trader_event_raw", "trader_id"),
        ):
            rows = self.env.execute_query(
                SQL("SELECT t::text FROM %s t", SQL.identifier(table))
            )
            self.assertTrue(rows, column)
            self.assertNotIn("52998224725", str(rows))
            self.assertNotIn("529.982.247-25", str(rows))

    def test_a_later_cpf_replaces_an_earlier_one_and_old_news_fill_gaps(self):
        self._ingest(self._signup())
        partner = self._trader().partner_id
        self._ingest(self._signup(days_ago=9, cpf="111.444.777-35"))
        self.assertEqual(partner.veloc_cpf, "11144477735", "a gap")
        self._ingest(self._signup(days_ago=10, cpf="390.533.447-05"))
        self.assertEqual(partner.veloc_cpf, "11144477735", "old news")
        self._ingest(self._signup(days_ago=0, cpf="529.982.247-25"))
        self.assertEqual(partner.veloc_cpf, "52998224725", "news")

    def test_a_hundred_cpfs_cost_no_more_statements_than_one(self):
        def cost(count, start):
            cpfs = [make_cpf(start + number * 7_919) for number in range(count)]
            events = [
                self._signup(f"T-{start}-{number}", cpf=cpf, email=f"{cpf}@example.com")
                for number, cpf in enumerate(cpfs)
            ]
            before = self.cr.sql_log_count
            self._ingest(*events)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(1, 100_000_000)  # fills the caches
        one, many = cost(1, 200_000_000), cost(100, 300_000_000)
        self.assertLessEqual(many, one + 2)
