from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .erasure_case import EMAIL, NAME, TRACES, ErasureCase
from .retention_case import years_ago


@tagged("post_install", "-at_install")
class TestErasure(ErasureCase):
    """LGPD arts. 16 and 18 VI: whoever is erased is nowhere any more."""

    # === NOTHING IS LEFT === #

    def test_nothing_of_an_erased_person_is_left_in_any_table(self):
        self._leave_traces()
        self.assertTrue(self._find_everywhere(*TRACES))
        erasure = self._erase()
        self.assertEqual(erasure.state, "destroyed")
        self.assertFalse(self._find_everywhere(*TRACES))

    def test_nothing_of_an_erased_person_is_left_in_the_files(self):
        self._leave_traces()
        self._erase()
        files = self.env["ir.attachment"].search([("name", "=", "list.csv")])
        self.assertEqual(
            files.raw.decode(), "name,email\nRui,r@x.com\n[erased],[erased]\n"
        )
        self.assertFalse(
            self.env["ir.attachment"].search([("name", "like", "zuleika")])
        )

    def test_whoever_shares_a_name_or_an_address_is_left_alone(self):
        sister = self.env["res.partner"].create(
            self._prepare_person("Zuleika Fontoura Lima", EMAIL, "+5511900000001")
        )
        self.rui.message_post(body="Zuleika Fontoura Lima, Zuleica Fontes")
        self._erase()
        self.assertRecordValues(
            sister | self.namesake,
            [
                {"name": "Zuleika Fontoura Lima", "email": EMAIL, "active": True},
                {"name": "Zuleica Fontes", "email": "zf@example.com", "active": True},
            ],
        )
        body = self.rui.message_ids[0].body
        self.assertIn("Zuleika Fontoura Lima, Zuleica Fontes", body)
        sister.write({"email": EMAIL.upper()})

    def test_counts_and_evidence_stay(self):
        consent = self._grant(self.zuleika)
        erasure = self._erase()
        self.assertRecordValues(
            consent, [{"partner_id": self.zuleika.id, "granted": True}]
        )
        deeds = set(erasure.step_ids.mapped("deed"))
        self.assertLessEqual({"block", "bury", "pseudonymise", "destroy"}, deeds)
        with self.assertRaises(UserError):
            erasure.step_ids[0].unlink()

    def test_many_are_erased_in_as_many_statements_as_one(self):
        counts = []
        for number in (2, 30):
            people = self._people(number)
            self.env["veloc.erasure"]._erase(people, "request")
            self.env.flush_all()
            batch = self.env["veloc.erasure"]._take(200)
            before = self.env.cr.sql_log_count
            batch._advance()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] * 2, counts)

    # === BLOCK, PSEUDONYMISE, DESTROY === #

    def test_a_person_is_out_of_use_at_once(self):
        self._grant(self.ana)
        self.assertEqual(self._ask(self.ana).outcome, "allowed")
        self.env["veloc.erasure"]._erase(self.ana, "request")
        self.assertEqual(self._ask(self.ana).reason, "archived")
        self.assertFalse(self.ana.active)

    def test_nobody_but_officers_reads_who_is_blocked(self):
        self.ana._veloc_block()
        clerk = self.env["res.users"].create(
            {
                "name": "clerk",
                "login": "clerk-of-contacts",
                "group_ids": [(4, self.env.ref("base.group_user").id)],
            }
        )
        everybody = self.env["res.partner"].with_context(active_test=False)
        domain = [("id", "=", self.ana.id)]
        self.assertFalse(everybody.with_user(clerk).search(domain))
        with self.assertRaises(AccessError):
            self.ana.with_user(clerk).read(["email"])
        self.assertEqual(everybody.with_user(self.officer).search(domain), self.ana)
        self.ana._veloc_unblock()
        self.assertEqual(everybody.with_user(clerk).search(domain), self.ana)

    def test_a_client_stays_sealed_until_the_first_of_january_of_the_eleventh_year(
        self,
    ):
        self.zuleika.veloc_relationship_end = self.today - timedelta(days=40)
        erasure = self._erase()
        self.assertEqual(erasure.state, "pseudonymised")
        end = self.zuleika.veloc_relationship_end
        self.assertEqual(str(erasure.held_until), f"{end.year + 11}-01-01")
        self.assertFalse(self._find_everywhere(*TRACES))
        self.assertIn("BCB", " ".join(erasure.hold_ids.mapped("law")))

    def test_an_officer_reads_the_sealed_copy_and_the_ledger_says_so(self):
        self.zuleika.veloc_relationship_end = self.today
        erasure = self._erase()
        vaults = erasure.vault_ids.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Say why"):
            vaults._open(" ")
        opened = str(vaults._open("Order 12 of the court"))
        for trace in (NAME, EMAIL, "52998224725"):
            self.assertIn(trace, opened)
        entry = self.env["veloc.ledger.entry"].search(
            [("kind", "=", "read"), ("model", "=", "veloc.erasure.vault")], limit=1
        )
        self.assertEqual(
            (entry.user_id, entry.subject_id), (self.officer, self.zuleika)
        )
        with self.assertRaises(AccessError):
            erasure.vault_ids.with_user(self.env.ref("base.public_user"))._open("x")

    def test_with_the_last_hold_the_key_dies(self):
        hold = self.env["veloc.legal.hold"]._place(
            self.zuleika.ids, "dispute", "Case 3", "Claim"
        )
        erasure = self._erase()
        self.assertEqual(erasure.state, "pseudonymised")
        self.assertFalse(self._find_everywhere(*TRACES))
        hold.with_user(self.officer)._ask_lift("Over")
        hold.with_user(self.second).action_confirm_lift()
        self._run_erasures()
        self.assertEqual(erasure.state, "destroyed")
        self.assertFalse(erasure.vault_ids)
        self.assertFalse(self.env["veloc.subject.key"]._known(self.zuleika.ids))

    def test_a_duty_that_grew_longer_keeps_the_sealed_copy(self):
        self._no_policies()
        version = self._policy("kyc", population="clients", period=1)
        self.zuleika.veloc_relationship_end = years_ago(self.today, 2) + timedelta(40)
        self._policy("identity", population="clients", period=3)
        erasure = self._erase()
        self.assertEqual(erasure.state, "pseudonymised")
        version.state = "retired"
        self.env["veloc.retention.version"].search(
            [("state", "=", "in_force")]
        ).state = "retired"
        self._policy("kyc", population="clients", period=9)
        erasure._release()
        self.assertEqual(erasure.state, "pseudonymised")
        self.assertEqual(
            erasure.held_until.year, self.zuleika.veloc_relationship_end.year + 9
        )

    def test_colleagues_and_companies_are_not_erased_here(self):
        for partner in (self.officer.partner_id, self.env.company.partner_id):
            with self.assertRaises(UserError):
                self.env["veloc.erasure"]._erase(partner, "request")

    def test_one_that_fails_stops_no_other(self):
        eraser = type(self.env["veloc.eraser"])
        rename = eraser._rename

        def fail_for_rui(this, people):
            if self.rui in people:
                raise ZeroDivisionError
            return rename(this, people)

        self.patch(eraser, "_rename", fail_for_rui)
        erasures = self.env["veloc.erasure"]._erase(self.rui | self.ana, "request")
        with mute_logger("odoo.addons.veloc_compliance.models.retention.veloc_erasure"):
            self._run_erasures()
        states = {e.partner_id: (e.state, e.failure) for e in erasures}
        self.assertEqual(states[self.ana], ("destroyed", False))
        self.assertEqual(states[self.rui], ("blocked", "ZeroDivisionError"))
        self.assertEqual(self.rui.name, "Rui")

    # === ATTACKS === #

    def test_no_user_writes_erasures_tombstones_or_permits(self):
        self._erase()
        for name in (
            "veloc.erasure",
            "veloc.erasure.step",
            "veloc.erasure.vault",
            "veloc.tombstone",
            "veloc.tombstone.journal",
            "veloc.legal.hold",
            "veloc.change.permit",
            "veloc.retention.run",
        ):
            model = self.env[name].with_user(self.env.ref("base.user_admin"))
            for operation in ("create", "write", "unlink"):
                self.assertFalse(model.has_access(operation), (name, operation))

    def test_append_only_rows_stay_so_without_a_permit_of_the_same_transaction(self):
        self._grant(self.ana)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_change_permit
                    (table_name, reason, xact, opened_at, opened_by)
                VALUES ('veloc_consent', 'stolen', '1', %s, 1)
                """,
                fields.Datetime.now(),
            )
        )
        with (
            self.assertRaises(psycopg2.Error),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(SQL("UPDATE veloc_consent SET source = 'x'"))

    def test_a_permit_opens_one_table_and_leaves_its_trace(self):
        self._grant(self.ana)
        self.env.flush_all()
        permits = self.env["veloc.change.permit"]
        permits._open(["veloc_gate_verdict"], "test")
        with (
            self.assertRaises(psycopg2.Error),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(SQL("UPDATE veloc_consent SET source = 'x'"))
        self.assertEqual(permits.search([]).mapped("reason"), ["test"])
        for table in ("veloc_change_permit", "veloc_ledger_entry_raw"):
            with self.assertRaises(ValueError):
                permits._open([table], "never")
