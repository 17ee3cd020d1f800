import json

from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .access_common import PASSWORD, AccessCase


@tagged("post_install", "-at_install")
class TestTakingDataOut(AccessCase):
    """What leaves in bulk is limited, logged, and allowed for a reason only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Person {n}", "email": f"p{n}@example.com"} for n in range(600)]
        )
        cls.exporters = cls._role(veloc_export_rows=700)
        cls._give(cls.anna, cls.exporters, cls.env.ref("base.group_allow_export"))
        cls.log = cls.env["veloc.export.log"]
        cls.officer = new_test_user(
            cls.env, "the.officer", "veloc_compliance.group_officer"
        )

    def _export(self, count, user=None):
        people = self.people[:count].with_user(user or self.anna)
        return people.export_data(["name", "email"])

    def _entries(self):
        return self.log.search([("user_id", "=", self.anna.id)])

    def test_an_export_is_written_down(self):
        self._export(30)
        self.assertRecordValues(
            self._entries(),
            [
                {
                    "rows": 30,
                    "way": "export",
                    "state": "taken",
                    "res_model": "res.partner",
                    "allowed": 700,
                    "field_names": '["name", "email"]',
                }
            ],
        )

    def test_above_the_day_s_rows_it_is_refused_and_written_down(self):
        self._export(600)
        with self.assertRaisesRegex(UserError, "100 you may still take out"):
            self._keep(self._export, 200)
        self.assertEqual(self._entries().mapped("state"), ["refused", "taken"])
        self._export(100)

    def _keep(self, function, *args):
        """Call without the savepoint in which assertRaises would bury the log."""
        try:
            return function(*args)
        except UserError as error:
            self.refusal = error
        raise self.refusal

    def test_yesterday_s_rows_do_not_count(self):
        self._export(600)
        self.env.cr.execute(
            "ALTER TABLE veloc_export_log DISABLE TRIGGER veloc_no_change; "
            "UPDATE veloc_export_log SET at = at - interval '25 hours'; "
            "ALTER TABLE veloc_export_log ENABLE ALWAYS TRIGGER veloc_no_change"
        )
        self._export(600)

    def test_reading_in_bulk_counts_like_an_export(self):
        people = self.env["res.partner"].with_user(self.anna)
        rows = people.search_read([("id", "in", self.people.ids)], ["name"])
        self.assertEqual(len(rows), 600)
        self.assertEqual(self._entries().mapped("way"), ["read"])

    def test_also_by_read_by_groups_by_arrays_and_by_names(self):
        people = self.people.with_user(self.anna)
        domain = [("id", "in", people.ids)]
        self.exporters.veloc_export_rows = 10**6
        people.read(["name"])
        people.formatted_read_group(domain, ["email"], ["__count"])
        people.formatted_read_group(domain, [], ["email:array_agg"])
        people.name_search("Person", domain, limit=None)
        self.assertEqual(len(self._entries()), 4)

    def test_a_page_of_a_list_is_no_export(self):
        people = self.env["res.partner"].with_user(self.anna)
        people.search_read([("id", "in", self.people.ids)], ["name"], limit=80)
        self.assertFalse(self._entries())

    def test_page_after_page_without_end_is_one(self):
        self._limit("read_rows", 200, 3600)
        people = self.env["res.partner"].with_user(self.anna)
        domain = [("id", "in", self.people.ids)]
        for page in range(6):
            people.search_read(domain, ["name"], offset=80 * page, limit=80)
        self.assertGreaterEqual(len(self._entries()), 3)

    def test_lists_of_settings_are_nobody_s_data(self):
        countries = self.env["res.country"].with_user(self.anna).search([])
        countries.export_data(["name"])
        self.assertFalse(self._entries())

    def test_what_the_server_reads_for_itself_is_no_export(self):
        self.people.sudo().read(["name"])
        self.assertFalse(self.log.search([("user_id", "=", self.env.uid)]))

    def test_roles_without_a_word_get_the_small_default(self):
        budget = self.log._budget(self.rui)
        self.assertEqual((budget.allowed, budget.used), (1000, 0))

    def _grant(self, user, rows=500, by=None):
        grants = self.env["veloc.export.grant"].with_user(by or self.officer)
        return grants.create({"user_id": user.id, "rows": rows, "reason": "Audit"})

    def test_the_officer_grants_more_for_a_reason_and_a_while(self):
        self._export(600)
        grant = self._grant(self.anna)
        self._export(500)
        grant.with_user(self.officer).action_end()
        with self.assertRaises(UserError):
            self._export(200)

    def test_nobody_grants_himself_more(self):
        with self.assertRaises(ValidationError):
            self._grant(self.officer)

    def test_only_the_officer_grants(self):
        with self.assertRaises(AccessError):
            self._grant(self.rui, by=self.anna)

    def test_a_grant_is_not_made_larger_afterwards(self):
        with self.assertRaises(AccessError):
            self._grant(self.anna).with_user(self.officer).write({"rows": 10**6})

    def test_who_granted_is_who_was_signed_in(self):
        grants = self.env["veloc.export.grant"].with_user(self.officer)
        values = {"user_id": self.anna.id, "rows": 5, "reason": "Audit"}
        grant = grants.create({**values, "granted_by_id": self.rui.id})
        self.assertEqual(grant.granted_by_id, self.officer)

    def test_the_log_is_never_changed_not_even_by_sql(self):
        self._export(30)
        entry = self._entries()
        with self.assertRaises(UserError):
            entry.sudo().write({"rows": 1})
        with self.assertRaises(UserError):
            entry.sudo().unlink()
        with self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
            self.env.cr.execute("UPDATE veloc_export_log SET rows = 1")

    def test_refusals_and_bulk_reads_stand_in_the_ledger(self):
        self.people.with_user(self.anna).read(["name"])
        entries = self.env["veloc.ledger.entry"].search([("kind", "=", "export")])
        self.assertIn('"rows":600', entries[0].public.replace(" ", ""))

    def test_the_web_export_passes_here_too(self):
        self.authenticate("anna.staff", PASSWORD)
        data = {
            "model": "res.partner",
            "fields": [{"name": "name", "label": "Name"}],
            "ids": self.people[:40].ids,
            "domain": [],
            "import_compat": False,
            "groupby": [],
            "context": {},
        }
        page = self.url_open("/web")
        token = page.text.partition('csrf_token: "')[2].partition('"')[0]
        answer = self.url_open(
            "/web/export/csv", data={"data": json.dumps(data), "csrf_token": token}
        )
        self.assertIn("Person 1", answer.text)
        self.assertRecordValues(
            self._entries(), [{"rows": 40, "channel": "web", "address": "127.0.0.1"}]
        )

    def test_none_of_our_roles_brings_the_right_to_export(self):
        ours = self.env["ir.model.data"].search(
            [("model", "=", "res.groups"), ("module", "=like", "veloc%")]
        )
        allowed = self.env.ref("base.group_allow_export")
        roles = self.env["res.groups"].browse(ours.mapped("res_id"))
        self.assertTrue(roles)
        self.assertNotIn(allowed, roles.all_implied_ids)
