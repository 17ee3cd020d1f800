"""Part 6, do-not-contact lists: hashed, kept, matched now and later."""

import base64
import hashlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ComplianceCase

ANA = "(11) 96123-4567"
LIST = f"telefone\n{ANA}\n(31) 97777-0000\nnonsense\n"


@tagged("post_install", "-at_install")
class TestBlocklist(ComplianceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blocks = cls.env["veloc.suppression"]
        cls.list = cls.env["veloc.blocklist"].create(
            {"name": "Não Me Perturbe", "code": "nmp", "scope": "calls"}
        )

    def _import(self, text, mode="replace", blocklist=None):
        imports = self.env["veloc.blocklist.import"]
        return imports._receive(blocklist or self.list, "list.csv", text.encode(), mode)

    def _listed(self, partner):
        blocks = self.blocks.search(
            [
                ("partner_id", "=", partner.id),
                ("kind", "=", "blocklist"),
                ("is_active", "=", True),
            ]
        )
        return set(blocks.mapped("channel"))

    def test_who_is_listed_gets_no_promotion_on_the_lists_channels_only(self):
        for channel in ("call", "sms"):
            self._grant(self.ana, channel=channel)
        self._import(LIST)
        self.assertEqual(self._ask(self.ana, channel="call").reason, "blocklist")
        self.assertTrue(self._ask(self.ana, channel="sms").allowed)
        self.assertTrue(self._ask(self.ana, "account_service", "call").allowed)
        self.assertFalse(self._listed(self.rui))

    def test_a_list_for_every_channel_closes_every_channel(self):
        self.list.scope = "all"
        self._grant(self.ana)
        self._import(LIST)
        self.assertEqual(self._ask(self.ana).reason, "blocklist")

    def test_people_are_matched_by_email_and_cpf_too(self):
        self.rui.veloc_cpf = "52998224725"
        self._import("email;cpf\nana@EXAMPLE.com;\n;529.982.247-25\n")
        self.assertEqual(self._listed(self.ana), {"call"})
        self.assertEqual(self._listed(self.rui), {"call"})

    def test_who_comes_later_is_matched_as_well(self):
        self._import(LIST)
        values = self._prepare_person("Eva", "eva@example.com", "+55 31 97777-0000")
        eva = self.env["res.partner"].create(values)
        self.assertEqual(self._listed(eva), {"call"})
        self.rui.phone = "+55 31 97777-0000"
        self.assertEqual(self._listed(self.rui), {"call"})

    def test_the_file_is_kept_sealed_with_its_hash(self):
        run = self._import(LIST)
        self.assertEqual(run.sha256, hashlib.sha256(LIST.encode()).hexdigest())
        self.assertEqual(run.sudo()._read_file(), LIST.encode())
        stored = base64.b64decode(run.sudo().with_context(bin_size=False).sealed)
        self.assertNotIn(b"96123", stored)
        officer = new_test_user(
            self.env, "list-dpo", groups="veloc_compliance.group_officer"
        )
        with self.assertRaises(AccessError):
            run.with_user(officer).read(["sealed"])

    def test_the_report_says_for_each_row_what_became_of_it_without_the_address(self):
        run = self._import(LIST + ANA + "\n")
        report = base64.b64decode(run.with_context(bin_size=False).report).decode()
        self.assertEqual(
            report.split("\r\n"),
            [
                "row,kind,outcome",
                "2,phone,new",
                "3,phone,new",
                "4,,no_phone",
                "5,phone,new",
                "",
            ],
        )
        self.assertRecordValues(
            run,
            [{"state": "done", "total": 4, "added": 2, "kept": 0, "invalid": 1}],
        )

    def test_no_address_of_a_list_stands_in_clear_in_the_database(self):
        self._import(LIST)
        self.env.cr.execute("SELECT digest FROM veloc_blocklist_entry")
        digests = [row[0] for row in self.env.cr.fetchall()]
        self.assertTrue(digests)
        for digest in digests:
            self.assertRegex(digest, "^[0-9a-f]{32,64}$")

    def test_a_newer_list_ends_what_it_no_longer_names(self):
        self._import(LIST)
        run = self._import("telefone\n(31) 97777-0000\n")
        self.assertEqual((run.kept, run.ended), (1, 1))
        self.assertFalse(self._listed(self.ana))
        self._import(LIST)
        self.assertEqual(self._listed(self.ana), {"call"})

    def test_an_addition_ends_nothing(self):
        self._import(LIST)
        self._import("telefone\n(31) 97777-0001\n", mode="add")
        self.assertEqual(self._listed(self.ana), {"call"})

    def test_another_list_that_still_names_the_person_holds_them(self):
        procon = self.env["veloc.blocklist"].create(
            {"name": "Procon", "code": "procon", "scope": "phones"}
        )
        self._import(LIST)
        self._import(LIST, blocklist=procon)
        self.assertEqual(self._listed(self.ana), {"call", "sms", "whatsapp"})
        self._import("telefone\n(31) 97777-0000\n", blocklist=procon)
        self.assertEqual(self._listed(self.ana), {"call"})

    def test_what_staff_imposed_a_list_does_not_end(self):
        self.blocks._impose(self.ana.ids, "blocklist", source="staff")
        self._import(LIST)
        self._import("telefone\n(31) 97777-0000\n")
        self.assertEqual(self._listed(self.ana), {False})

    def test_a_list_that_changes_what_it_closes_takes_its_people_along(self):
        self._import(LIST)
        self.list.scope = "phones"
        self.assertEqual(self._listed(self.ana), {"call", "sms", "whatsapp"})
        self.list.scope = "email"
        self.assertEqual(self._listed(self.ana), {"email"})
        self.list.active = False
        self.assertFalse(self._listed(self.ana))

    def test_a_list_that_lost_half_of_itself_waits_for_an_officer(self):
        whole = "telefone\n" + "".join(f"119612300{n:02}\n" for n in range(40)) + ANA
        self._import(whole)
        run = self._import("telefone\n11961230001\n")
        self.assertEqual(run.state, "checked")
        self.assertEqual(self._listed(self.ana), {"call"})
        run.action_confirm()
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_blocklist").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertFalse(self._listed(self.ana))

    def test_a_file_without_any_address_is_refused(self):
        with self.assertRaises(UserError):
            self._import("Dear colleagues,\nsee attachment\n")

    def test_only_officers_bring_lists(self):
        values = {"list_id": self.list.id, "file": base64.b64encode(LIST.encode())}
        clerk = new_test_user(self.env, "list-clerk", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["veloc.blocklist.upload"].with_user(clerk).create(values)
        officer = new_test_user(
            self.env, "list-officer", groups="veloc_compliance.group_officer"
        )
        wizard = self.env["veloc.blocklist.upload"].with_user(officer).create(values)
        run = self.env["veloc.blocklist.import"].browse(
            wizard.action_import()["res_id"]
        )
        self.assertEqual(run.state, "done")
        self.assertEqual(run.user_id, officer)

    def test_a_thousand_rows_cost_the_same_queries_as_ten(self):
        counts = []
        for start, size in ((0, 3), (1000, 10), (2000, 500)):
            text = "".join(f"1198{start + n:07}\n" for n in range(size))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._import(text, mode="add")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
