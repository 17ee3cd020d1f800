import json
from unittest.mock import patch

from odoo.exceptions import AccessDenied
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.veloc_compliance.models.ledger.veloc_ledger_entry import (
    TRIES,
    _write_apart,
)
from odoo.addons.veloc_compliance.tests.ledger_case import LedgerCase

NOBODY = "nobody@example.com"


@tagged("post_install", "-at_install")
class TestLedgerRecordsByItself(LedgerCase):
    """Issue 4, part 2: what is recorded, with what, and what a rollback leaves."""

    # === CHANGES === #

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
        self.assertEqual(self._public(entry), {"fields": ["phone"]})
        self.assertIn("+55 11 96123-9999", entry.values)

    def test_the_record_is_named_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.env["ir.model"]._get("res.partner").with_context(lang="pt_BR").name = "Eu"
        self.ana.phone = "+55 11 96123-9999"
        entry = self._new().with_context(lang="pt_BR")
        self.assertEqual(entry.record, f"Eu {self.ana.id}")

    def test_what_stands_in_the_table_in_clear_names_nobody(self):
        self.ana.write({"name": "Ana Maria", "email": "ana.maria@example.com"})
        entry = self._new()
        ((row,),) = self.env.execute_query(
            SQL(
                "SELECT row_to_json(e)::text FROM veloc_ledger_entry_raw e"
                " WHERE id = %s",
                entry.id,
            )
        )
        for word in ("Ana", "example.com", "96123"):
            self.assertNotIn(word, row)

    def test_a_change_that_was_rolled_back_leaves_none(self):
        self.ana.phone = "+55 11 96123-0001"
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.ana.phone = "+55 11 96123-0002"
            raise ZeroDivisionError
        self.ana.city = "Recife"
        told = [self._public(entry)["fields"] for entry in self._new()]
        self.assertEqual(told, [["phone"], ["city"]])

    def test_writing_what_is_there_already_is_no_change(self):
        self.ana.write({"phone": self.ana.phone, "city": False})
        self.assertFalse(self._new())

    def test_each_record_of_a_batch_has_its_own_entry(self):
        self.rui.city = "Natal"
        self._forget()
        (self.ana | self.rui).write({"city": "Natal", "function": "x"})
        told = {e.res_id: self._public(e)["fields"] for e in self._new()}
        self.assertEqual(
            told, {self.ana.id: ["city", "function"], self.rui.id: ["function"]}
        )

    def test_a_batch_costs_a_constant_number_of_queries(self):
        people = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(50)])
        self._seal()

        def queries(records):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.ledger._note_many(
                [
                    {
                        "kind": "contact",
                        "subject_id": record.id,
                        "secret": {"text": "x"},
                    }
                    for record in records
                ]
            )
            self.ledger._write_buffer()
            return self.env.cr.sql_log_count - before

        self.assertEqual(queries(people[:5]), queries(people))
        self.assertLessEqual(queries(people), 4)

    def test_creation_and_deletion_are_recorded_with_what_they_held(self):
        person = self.env["res.partner"].create({"name": "Eva", "city": "Natal"})
        number = person.id
        person.unlink()
        created, deleted = self._new(model="res.partner", res_id=number)
        self.assertEqual((created.kind, deleted.kind), ("create", "unlink"))
        self.assertEqual(self._public(created)["fields"], ["city", "name"])
        self.assertIn("Natal", deleted.values)

    def test_a_consent_is_an_entry_of_its_kind(self):
        consent = self._grant(self.ana)
        entry = self._new(model="veloc.consent")
        self.assertRecordValues(
            entry,
            [{"kind": "consent", "res_id": consent.id, "subject_id": self.ana.id}],
        )

    def test_a_suppression_is_an_entry_however_it_came(self):
        self.env["veloc.suppression"]._impose(self.ana.ids, "complaint", source="test")
        entry = self._new(model="veloc.suppression")
        self.assertEqual((entry.kind, entry.subject_id), ("care", self.ana))

    def test_configuration_is_recorded_with_before_and_after(self):
        hours = self.env["veloc.contact.hours"].search([], limit=1)
        hours.note = "Changed"
        self.assertEqual(self._new(model=hours._name).kind, "config")

    def test_who_may_do_what_is_recorded(self):
        user = new_test_user(self.env, "lg-user", groups="base.group_user")
        self._forget()
        group = self.env.ref("veloc_compliance.group_viewer")
        user.write({"group_ids": [(4, group.id)]})
        entry = self._new(model="res.users")
        self.assertEqual((entry.kind, entry.res_id), ("access", user.id))
        self.assertIn(str(group.id), entry.values)

    def test_an_unknown_kind_is_refused(self):
        with self.assertRaises(ValueError):
            self.ledger._note("gossip")

    # === BESIDE THE ORM === #

    def _beside(self, statement, *values):
        """Change something by SQL, as if committed now."""
        self.env.flush_all()
        self.ledger.search([], limit=1)
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        self._forget()
        # Entries of this test share its transaction, and so the time that explains.
        self.env.cr.execute(
            SQL("ALTER TABLE veloc_ledger_entry_raw DISABLE TRIGGER ALL")
        )
        self.env.cr.execute(
            "UPDATE veloc_ledger_entry_raw SET at = at - interval '1 minute'"
            " WHERE at = now() AT TIME ZONE 'UTC'"
        )
        self.env.cr.execute(SQL(statement, *values))
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        return self._new(kind="out_of_band")

    def test_a_suppression_lifted_by_sql_is_found(self):
        self.env["veloc.suppression"]._impose(self.ana.ids, "complaint", source="test")
        entry = self._beside(
            "UPDATE veloc_suppression SET lifted_at = now() WHERE partner_id = %s",
            self.ana.id,
        )
        self.assertEqual(entry.subject_id, self.ana)
        told = self._public(entry)
        self.assertEqual(told["fields"], ["lifted_at"])
        self.assertEqual(told["op"], "update")

    def test_a_consent_forged_by_sql_is_found(self):
        self._grant(self.ana)
        entry = self._beside(
            "UPDATE veloc_consent_state SET granted = NOT granted"
            " WHERE partner_id = %s",
            self.ana.id,
        )
        self.assertEqual(self._public(entry)["table"], "veloc_consent_state")
        copied = self._beside(
            "INSERT INTO veloc_consent (partner_id, purpose_id, version_id, channel,"
            " granted, recorded_at, stored_at, recorded_by, source)"
            " SELECT partner_id, purpose_id, version_id, 'email', true, recorded_at,"
            " stored_at, recorded_by, source FROM veloc_consent WHERE partner_id = %s",
            self.ana.id,
        )
        self.assertEqual(copied.subject_id, self.ana)

    def test_a_right_granted_by_sql_is_found(self):
        user = new_test_user(self.env, "lg-user", groups="base.group_user")
        entry = self._beside(
            "INSERT INTO res_groups_users_rel (uid, gid) VALUES (%s, %s)",
            user.id,
            self.env.ref("base.group_system").id,
        )
        self.assertEqual((entry.model, entry.res_id), ("res.users", user.id))

    def test_a_key_destroyed_by_sql_is_found(self):
        self.ana.city = "Natal"
        self.ledger.search([], limit=1)
        entry = self._beside(
            "UPDATE veloc_subject_key SET sealed = NULL, destroyed_at = now()"
            " WHERE partner_number = %s",
            self.ana.id,
        )
        self.assertEqual(entry.model, "veloc.subject.key")

    def test_what_the_application_did_is_not_out_of_band(self):
        self._beside("SELECT 1")
        self._grant(self.ana)
        self.env["veloc.suppression"]._impose(self.ana.ids, "complaint", source="test")
        self.env["veloc.suppression"]._lift(self.ana.ids, "complaint", source="test")
        user = new_test_user(self.env, "lg-user", groups="base.group_user")
        user.write({"group_ids": [(4, self.env.ref("base.group_multi_company").id)]})
        self.env["veloc.subject.key"]._shred(self.rui.ids, "test")
        self.env.flush_all()
        self.ledger.search([], limit=1)
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.assertFalse(self._new(kind="out_of_band").mapped("public"))

    # === BESIDE THE TRANSACTION === #

    def test_a_failed_login_is_recorded_without_the_name_in_clear(self):
        users = self.env["res.users"]
        credential = {"login": NOBODY, "password": "x", "type": "password"}
        with (
            self.assertRaises(AccessDenied),
            mute_logger("odoo.addons.base.models.res_users"),
        ):
            users.authenticate(credential, {})
        entry = self._new(kind="login_failed")
        self.assertEqual(len(entry), 1)
        self.assertNotIn(NOBODY, entry.public)
        self.assertIn(NOBODY, entry.values)
        name = self._public(entry)["name"]
        keyring = self.env["veloc.keyring"]
        self.assertEqual(
            [name], keyring._blind("veloc_ledger_entry_raw", "login", [NOBODY])
        )


@tagged("post_install", "-at_install")
class TestLedgerRecordsReadings(LedgerCase, HttpCase):
    """Who was shown whose data, and who was refused: one entry a request."""

    def setUp(self):
        super().setUp()
        self.seller = new_test_user(
            self.env,
            "lg-seller",
            groups="base.group_user,base.group_partner_manager,base.group_allow_export",
            password="lg-seller-1",  # made for this test
        )
        self.authenticate("lg-seller", "lg-seller-1")
        self._forget()

    def _call(self, model, method, args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_reading_one_person_is_an_entry_about_them(self):
        self._call(
            "res.partner", "web_read", [self.ana.ids], specification={"phone": {}}
        )
        entry = self._new(kind="read")
        self.assertEqual((entry.subject_id, entry.user_id), (self.ana, self.seller))
        self.assertEqual(
            self._public(entry), {"method": "web_read", "fields": ["phone"], "count": 1}
        )

    def test_reading_many_people_is_one_entry_that_each_of_them_finds(self):
        domain = [("id", "in", (self.ana | self.rui).ids)]
        self._call("res.partner", "search_read", [domain], fields=["email"])
        entry = self._new(kind="read")
        self.assertEqual(len(entry), 1)
        self.assertEqual(self._public(entry)["count"], 2)
        self.assertFalse(entry.subject_id)
        for person in (self.ana, self.rui):
            self.assertIn(entry, self.ledger.search([("concerned_id", "=", person.id)]))
        self.assertIn(str(self.ana.id), entry.values)

    def test_an_export_is_recorded(self):
        people = (self.ana | self.rui).ids
        self._call("res.partner", "export_data", [people, ["name", "phone"]])
        entry = self._new(kind="export")
        self.assertEqual(self._public(entry), {"fields": ["name", "phone"], "count": 2})

    def test_a_denial_is_recorded_though_the_request_is_rolled_back(self):
        with self.assertRaises(Exception), mute_logger("odoo.http"):  # noqa: B017
            self._call("veloc.suppression", "search_read", [[]])
        entry = self._new(kind="denied")
        self.assertEqual(
            (entry.model, entry.user_id), ("veloc.suppression", self.seller)
        )

    def test_reading_what_is_nobodys_data_is_not_recorded(self):
        self._call("res.country", "search_read", [[]], limit=1)
        self.assertFalse(self._new())

    def test_a_login_is_recorded_with_its_person(self):
        self.authenticate("lg-seller", "lg-seller-1")
        self.url_open(
            "/web/session/authenticate",
            data=json.dumps(
                {
                    "params": {
                        "db": self.env.cr.dbname,
                        "login": "lg-seller",
                        "password": "lg-seller-1",
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        entry = self._new(kind="login")[-1:]
        self.assertEqual(entry.subject_id, self.seller.partner_id)

    def test_xml_rpc_is_heard_as_well(self):
        common = self.xmlrpc_common.authenticate(
            self.env.cr.dbname, "lg-seller", "lg-seller-1", {}
        )
        self._forget()
        with mute_logger("odoo.addons.rpc.controllers.xmlrpc"):
            self.xmlrpc_object.execute_kw(
                self.env.cr.dbname,
                common,
                "lg-seller-1",
                "res.partner",
                "read",
                [self.ana.ids, ["email"]],
            )
        self.assertEqual(self._new(kind="read").subject_id, self.ana)


@tagged("post_install", "-at_install")
class TestLostEntries(LedgerCase):
    """What is written after a request may fail; that must be heard."""

    def test_entries_that_cannot_be_written_are_told_as_an_alert(self):
        note = self.ledger._prepare("read", model="res.partner", res_id=self.ana.id)
        writer = self.env.registry["veloc.ledger.writer"]
        write = writer._write_notes
        logger = "odoo.addons.veloc_compliance.models.ledger.veloc_ledger_entry"

        def refuse_readings(model, notes):
            if any(note.kind == "read" for note in notes):
                raise OSError("disk full")
            return write(model, notes)

        with (
            self.enter_registry_test_mode(),
            patch.object(writer, "_write_notes", refuse_readings),
            self.assertLogs(logger, "ERROR") as log,
        ):
            _write_apart(self.env.registry, [note])

        self.assertEqual(len(log.records), TRIES)
        alert = self.env["veloc.alert"].search([("code", "=", "ledger_entry_lost")])
        self.assertEqual((alert.severity, alert.detail), ("critical", "read: 1"))

    def test_a_broken_connection_loses_nothing(self):
        note = self.ledger._prepare("read", model="res.partner", res_id=self.ana.id)
        writer = self.env.registry["veloc.ledger.writer"]
        write, failures = writer._write_notes, [OSError("connection lost")]

        def fail_once(model, notes):
            if failures:
                raise failures.pop()
            return write(model, notes)

        with (
            self.enter_registry_test_mode(),
            patch.object(writer, "_write_notes", fail_once),
            mute_logger(
                "odoo.addons.veloc_compliance.models.ledger.veloc_ledger_entry"
            ),
        ):
            _write_apart(self.env.registry, [note])

        self.assertEqual(len(self._new(kind="read", res_id=self.ana.id)), 1)
