import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ComplianceCase


@tagged("post_install", "-at_install")
class TestPurpose(ComplianceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketing = cls.purpose("marketing")
        cls.officer = new_test_user(
            cls.env, "dpo", groups="veloc_compliance.group_officer"
        )

    def _draft(self, user=None, **values):
        versions = self.env["veloc.purpose.version"].with_user(user or self.env.user)
        return versions.create(
            {"purpose_id": self.marketing.id, "notice": "We write to you."} | values
        )

    # === SHIPPED === #

    def test_the_shipped_purposes_are_in_force(self):
        expected = {
            "account_service": ("service", "contract"),
            "security": ("service", "legal_obligation"),
            "marketing": ("marketing", "consent"),
            "bonus": ("bonus", "consent"),
            "winback": ("winback", "consent"),
        }
        for code, facts in expected.items():
            purpose = self.purpose(code)
            self.assertEqual((purpose.kind, purpose.legal_basis), facts)
            self.assertEqual(purpose.current_version_id.state, "published")

    def test_the_shipped_texts_say_that_no_is_free_and_how_to_change_ones_mind(self):
        for code in ("marketing", "bonus", "winback"):
            version = self.purpose(code).current_version_id
            text = version.with_context(lang="en_US").notice
            self.assertIn("free and optional", text)
            self.assertIn("change my mind at any time", text)

    # === VERSIONS === #

    def test_publishing_puts_the_new_version_in_force_and_retires_the_old(self):
        old = self.marketing.current_version_id
        draft = self._draft(self.officer)
        draft.action_publish()
        self.assertEqual(self.marketing.current_version_id, draft)
        self.assertRecordValues(
            old | draft, [{"state": "retired"}, {"state": "published"}]
        )
        self.assertEqual(
            (draft.number, draft.published_by), (old.number + 1, self.officer)
        )

    def test_a_changed_purpose_asks_everybody_again(self):
        self._grant(self.ana)
        self._draft().action_publish()
        self.assertEqual(self._ask(self.ana).reason, "consent_outdated")
        self._grant(self.ana)
        self.assertTrue(self._ask(self.ana).allowed)

    def test_a_corrected_text_keeps_the_consents(self):
        self._grant(self.ana)
        self._draft(keeps_consents=True).action_publish()
        self.assertTrue(self._ask(self.ana).allowed)

    def test_what_cannot_be_published_says_why(self):
        published = self.marketing.current_version_id
        bare = self._draft(legal_basis="legitimate_interest")
        empty = self._draft(notice="  ")
        for version in (published, bare, empty):
            with self.assertRaises(UserError):
                version.action_publish()
        self.assertEqual(self.marketing.current_version_id, published)

    def test_the_database_knows_no_unbalanced_legitimate_interest(self):
        draft = self._draft(legal_basis="legitimate_interest")
        draft.flush_recordset()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
        ):
            self.env.cr.execute(
                "UPDATE veloc_purpose_version SET state = 'retired' WHERE id = %s",
                [draft.id],
            )

    def test_numbers_are_given_not_taken(self):
        versions = self.env["veloc.purpose.version"].create(
            [
                {"purpose_id": self.marketing.id, "notice": "a", "number": 99},
                {"purpose_id": self.purpose("bonus").id, "notice": "b"},
                {"purpose_id": self.marketing.id, "notice": "c", "state": "published"},
            ]
        )
        self.assertEqual(versions.mapped("number"), [2, 2, 3])
        self.assertEqual(set(versions.mapped("state")), {"draft"})

    def test_each_language_has_its_own_hash(self):
        draft = self._draft()
        draft.with_context(lang="pt_BR").notice = "Escrevemos para você."
        hashes = {
            draft.with_context(lang=lang).text_hash for lang in ("en_US", "pt_BR")
        }
        self.assertEqual(len(hashes), 2)

    def test_the_hash_is_of_the_very_text(self):
        # printf 'We write to you.' | sha256sum
        self.assertEqual(
            self._draft().text_hash,
            "e2c3f592654b1db9df15c35ea8a5eb9724af4c9f30a44a1819c315b3c915e24b",
        )

    # === FROZEN === #

    def test_a_published_version_cannot_be_edited(self):
        version = self.marketing.current_version_id
        for values in (
            {"notice": "Everything goes."},
            {"legal_basis": "contract"},
            {"keeps_consents": True},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                version.sudo().write(values)
        with self.assertRaises(UserError):
            version.sudo().unlink()

    def test_the_database_freezes_published_versions(self):
        version = self.marketing.current_version_id
        for change in (
            "SET legal_basis = 'contract'",
            "SET covers_from = 0",
            "SET number = 7",
            "SET state = 'draft'",
            "SET keeps_consents = true",
            """SET notice = '{"en_US": "Everything goes."}'""",
            """SET notice = notice - 'en_US'""",
            "SET published_at = now()",
        ):
            with (
                self.subTest(change=change),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    f"UPDATE veloc_purpose_version {change} WHERE id = %s", [version.id]
                )
        for sql in (
            f"DELETE FROM veloc_purpose_version WHERE id = {version.id}",
            "TRUNCATE veloc_purpose_version CASCADE",
        ):
            with (
                self.subTest(sql=sql),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(sql)

    def test_a_published_text_may_gain_a_language(self):
        version = self.marketing.current_version_id
        self.env.cr.execute(
            """UPDATE veloc_purpose_version
            SET notice = notice || '{"es_ES": "Le escribimos."}' WHERE id = %s""",
            [version.id],
        )
        self.assertEqual(self.env.cr.rowcount, 1)

    def test_a_draft_can_be_edited_and_thrown_away(self):
        draft = self._draft(self.officer)
        draft.notice = "Better."
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_a_published_purpose_keeps_its_code_and_kind(self):
        marketing = self.marketing.with_user(self.officer)
        for values in (
            {"kind": "service"},
            {"code": "service2"},
            {"current_version_id": self.purpose("security").current_version_id.id},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                marketing.write(values)
        marketing.name = "News"

    def test_a_purpose_for_everything_is_void(self):
        for code in ("all", "Bad code", "9lives"):
            with (
                self.subTest(code=code),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.env["veloc.purpose"].create(
                    {"name": "X", "code": code, "kind": "marketing"}
                )

    # === ACCESS === #

    def test_an_officer_cannot_write_the_state(self):
        draft = self._draft(self.officer)
        for values in ({"state": "published"}, {"number": 9}, {"covers_from": 1}):
            with self.subTest(values=values), self.assertRaises(UserError):
                draft.write(values)

    def test_who_may_not_publish_does_not(self):
        viewer = new_test_user(
            self.env, "viewer", groups="veloc_compliance.group_viewer"
        )
        draft = self._draft().with_user(viewer)
        self.assertEqual(draft.notice, "We write to you.")
        with self.assertRaises(AccessError):
            draft.action_publish()
        with self.assertRaises(AccessError):
            draft.write({"notice": "x"})

    def test_others_do_not_see_purposes_or_hours(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_user")
        for model in ("veloc.purpose", "veloc.purpose.version", "veloc.contact.hours"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(clerk).search([])
