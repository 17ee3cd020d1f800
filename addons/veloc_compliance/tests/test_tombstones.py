from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .erasure_case import EMAIL, NAME, PHONE, TRACES, ErasureCase
from .retention_case import CPF


@tagged("post_install", "-at_install")
class TestTombstones(ErasureCase):
    """Whoever was erased stays away, until they come back by their own word."""

    # === NOBODY COMES BACK UNASKED === #

    def test_an_import_does_not_bring_anybody_back_and_says_so_row_by_row(self):
        self._erase()
        partners = self.env["res.partner"]
        answer = partners.load(
            ["name", "email"], [["New", "new@example.com"], ["Zu", EMAIL.upper()]]
        )
        self.assertFalse(answer["ids"])
        self.assertEqual(
            [(m["record"], m["message"].split(":")[0]) for m in answer["messages"]],
            [(1, "erased_person")],
        )

    def test_no_spelling_of_the_number_gets_past(self):
        self._erase()
        for values in (
            {"phone": "(11) 98877-6655"},
            {"phone": "+5511988776655"},
            {"veloc_cpf": "52998224725"},
            {"email": f"Someone <{EMAIL}>"},
        ):
            with self.assertRaisesRegex(ValidationError, "erased_person"):
                self.env["res.partner"].create({"name": "Somebody", **values})
        with self.assertRaisesRegex(ValidationError, "erased_person"):
            self.rui.write({"email": EMAIL})

    def test_mail_of_an_erased_person_makes_no_contact(self):
        self._erase()
        (partner,) = self.env["res.partner"]._find_or_create_from_emails([EMAIL])
        self.assertFalse(partner)
        refusals = self.env["veloc.tombstone.refusal"].search([])
        self.assertEqual([(r.road, r.count) for r in refusals], [("mail", 1)])

    def test_tombstones_name_nobody(self):
        self._erase()
        stones = self.env["veloc.tombstone"].search([])
        self.assertEqual(set(stones.mapped("kind")), {"cpf", "email", "phone"})
        with self.assertRaises(AccessError):
            stones.with_user(self.officer).read(["digest"])

    def test_while_nobody_was_erased_the_guard_asks_the_database_nothing(self):
        self.env["veloc.tombstone"]._is_any()
        with self.assertQueryCount(0):
            self.env["veloc.tombstone"]._is_erased("email", ["a@b.example.com"] * 5000)

    def test_who_comes_back_by_their_own_word_is_new_and_still_protected(self):
        self.env["veloc.suppression"]._impose(
            self.zuleika.ids, "self_exclusion", source="test"
        )
        self._erase()
        wizard = self.env["veloc.tombstone.return"].with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Nobody"):
            wizard.create(
                {"kind": "email", "value": "x@example.com", "evidence": "x"}
            ).action_return()
        guard = self.env["veloc.tombstone.guard"]
        with guard._own_word_of_the_person("signup"):
            again = self.env["res.partner"].create({"name": "Zu", "email": EMAIL})
        self.assertNotEqual(again, self.zuleika)
        blocks = self.env["veloc.suppression"].search([("partner_id", "=", again.id)])
        self.assertEqual(blocks.mapped("kind"), ["self_exclusion"])
        again.write({"phone": PHONE})

    def test_an_officer_records_a_return(self):
        self._erase()
        wizard = (
            self.env["veloc.tombstone.return"]
            .with_user(self.officer)
            .create({"kind": "cpf", "value": CPF, "evidence": "Came to the counter"})
        )
        wizard.action_return()
        self.assertFalse(wizard.exists())
        self.env["res.partner"].create({"name": "Zu", "email": EMAIL})

    # === BACKUPS === #

    def _restore(self, erasure):
        """Put back what a backup of before the erasure would have put back."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                ALTER TABLE veloc_erasure_step DISABLE TRIGGER USER;
                DELETE FROM veloc_erasure_step WHERE erasure_id = %(id)s;
                ALTER TABLE veloc_erasure_step ENABLE TRIGGER USER;
                DELETE FROM veloc_erasure WHERE id = %(id)s;
                DELETE FROM veloc_tombstone;
                DELETE FROM veloc_tombstone_journal;
                UPDATE res_partner SET name = %(name)s, email = %(email)s,
                    email_normalized = %(email)s, phone = %(phone)s, active = true,
                    veloc_blocked_at = NULL, create_date = now() - interval '1 day'
                WHERE id = %(partner)s
                """,
                id=erasure.id,
                name=NAME,
                email=EMAIL,
                phone=PHONE,
                partner=self.zuleika.id,
            )
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_a_restored_backup_does_not_bring_anybody_back(self):
        erasure = self._erase()
        self.assertNotIn("zuleika", self.journal.read_text().lower())
        self._restore(erasure)
        self.assertTrue(self._find_everywhere(EMAIL))
        with self.enter_registry_test_mode():
            self.env.ref(
                "veloc_compliance.ir_cron_tombstone_replay"
            ).method_direct_trigger()
        self._run_erasures()
        self.assertFalse(self._find_everywhere(*TRACES))
        self.assertEqual(
            self.env["veloc.erasure"].search([]).mapped("reason"), ["restore"]
        )
        with self.assertRaisesRegex(ValidationError, "erased_person"):
            self.env["res.partner"].create({"name": "Zu", "email": EMAIL})

    def test_a_replay_is_harmless_where_nothing_was_restored(self):
        self._erase()
        for _time in range(2):
            answer = self.env["veloc.erasure"]._replay()
            self.assertEqual((answer["entries"], answer["erased"]), (0, 0))

    def test_a_line_somebody_added_to_the_journal_erases_nobody(self):
        self._erase()
        forged = self.journal.read_text().replace(
            f'"partner_id":{self.zuleika.id}', f'"partner_id":{self.rui.id}'
        )
        answer = self.env["veloc.erasure"]._replay(forged.splitlines())
        self.assertEqual(answer["erased"], 0)
        self.assertTrue(answer["bad_lines"])
        self.assertTrue(self.rui.active)
