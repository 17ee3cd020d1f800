import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .template_case import SMS, TEXT, TemplateCase


@tagged("post_install", "-at_install")
class TestVelocTemplate(TemplateCase):
    def test_an_approved_version_is_in_use(self):
        template = self._template()

        version = template.current_version_id
        self.assertEqual(version.state, "approved")
        self.assertEqual(version.approved_by_id, self.env.user)
        self.assertTrue(version.approved_at)

    def test_a_new_version_starts_from_the_texts_in_use(self):
        template = self._template()

        action = template.action_new_version()

        draft = template.draft_version_id
        self.assertEqual(action["res_id"], draft.id)
        self.assertEqual(draft.number, 2)
        self.assertRecordValues(draft.body_ids, [{**SMS, "body": TEXT}])

    def test_asking_twice_for_a_new_version_opens_the_same_draft(self):
        template = self._template()

        first = template.action_new_version()["res_id"]

        self.assertEqual(template.action_new_version()["res_id"], first)

    def test_approval_retires_the_version_before(self):
        template = self._template()
        old = template.current_version_id
        template.action_new_version()

        template.draft_version_id.action_approve()

        self.assertEqual(old.state, "retired")
        self.assertTrue(old.retired_at)
        self.assertEqual(template.current_version_id.number, 2)

    def test_the_purpose_may_change_until_the_first_approval(self):
        template = self._template(approve=False)

        template.purpose_id = self.purpose("security")

        self.assertEqual(template.version_ids.purpose_id, self.purpose("security"))

    def test_the_purpose_is_fixed_after_the_first_approval(self):
        template = self._template()

        with self.assertRaisesRegex(UserError, "is fixed"):
            template.purpose_id = self.purpose("marketing")

    def test_shipped_texts_are_approved_once(self):
        version = self._template(approve=False).version_ids

        version._approve_shipped()
        approved_at = version.approved_at
        version._approve_shipped()

        self.assertEqual(version.state, "approved")
        self.assertEqual(version.approved_at, approved_at)

    def test_a_stricter_style_guide_does_not_break_an_upgrade(self):
        version = self._template({**SMS, "body": "Oi!!!"}, approve=False).version_ids

        version._approve_shipped()

        self.assertEqual(version.state, "approved")

    def test_a_shipped_text_that_cannot_be_sent_is_refused(self):
        version = self._template({**SMS, "body": "{{ x }}"}, approve=False).version_ids

        with self.assertRaises(UserError):
            version._approve_shipped()

    def test_a_copy_gets_a_code_of_its_own_and_no_version(self):
        copy = self._template().copy()

        self.assertEqual(copy.code, "test_deposit_copy")
        self.assertFalse(copy.version_ids)

    def test_a_phrase_without_a_letter_is_no_phrase(self):
        with self.assertRaises(ValidationError):
            self.env["veloc.style.word"].create({"name": "!!", "kind": "forbidden"})


@tagged("post_install", "-at_install")
class TestFrozenVersion(TemplateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls._template()
        cls.version = cls.template.current_version_id

    def test_an_approved_text_cannot_be_changed(self):
        body = self.version.body_ids
        for change in (
            lambda: body.write({"body": "other"}),
            lambda: body.copy({"lang": "en_US"}),
            body.unlink,
            self.version.unlink,
            lambda: self.version.write({"body_ids": [(5, 0, 0)]}),
            self.template.unlink,
        ):
            with self.subTest(change=change), self.assertRaises(UserError):
                change()

    def test_a_data_file_may_repeat_what_was_approved(self):
        before = self.version.body_ids.write_date

        self.version.body_ids.write({**SMS, "body": TEXT})
        self.version.write({"template_id": self.template.id})
        self.env.flush_all()

        self.assertEqual(self.version.body_ids.write_date, before)

    def test_not_even_sql_changes_an_approved_text(self):
        for statement in (
            "UPDATE veloc_template_body SET body = 'x' WHERE version_id = %s",
            "DELETE FROM veloc_template_body WHERE version_id = %s",
            "INSERT INTO veloc_template_body (version_id, channel, lang) "
            "VALUES (%s, 'push', 'pt_BR')",
            "UPDATE veloc_template_version SET number = 9 WHERE id = %s",
            "UPDATE veloc_template_version SET state = 'draft' WHERE id = %s",
            "DELETE FROM veloc_template_version WHERE id = %s",
        ):
            with (
                self.subTest(statement=statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.cr.savepoint(),
            ):
                self.cr.execute(statement, [self.version.id])

    def test_a_text_cannot_be_moved_into_an_approved_version(self):
        self.template.action_new_version()
        draft = self.template.draft_version_id.body_ids

        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE veloc_template_body SET version_id = %s, lang = 'en_US' "
                "WHERE id = %s",
                [self.version.id, draft.id],
            )

    def test_the_database_knows_the_purpose_of_a_version(self):
        self.cr.execute(
            "SELECT purpose_id FROM veloc_template_version WHERE id = %s",
            [self.version.id],
        )

        self.assertEqual(self.cr.fetchone(), (self.template.purpose_id.id,))


@tagged("post_install", "-at_install")
class TestTemplateAccess(TemplateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls._template(approve=False)
        cls.manager = new_test_user(
            cls.env, "manager", groups="veloc_messaging.group_manager"
        )
        cls.user = new_test_user(cls.env, "user", groups="veloc_messaging.group_user")

    def test_a_manager_writes_and_approves(self):
        template = self.template.with_user(self.manager)

        template.version_ids.body_ids.body = "Olá!"
        template.version_ids.action_approve()

        self.assertEqual(template.current_version_id.approved_by_id, self.manager)

    def test_a_user_only_reads(self):
        template = self.template.with_user(self.user)

        self.assertEqual(template.version_ids.body_ids.body, TEXT)
        for forbidden in (
            template.action_new_version,
            template.version_ids.action_approve,
            lambda: template.version_ids.body_ids.write({"body": "x"}),
            lambda: template.write({"name": "x"}),
        ):
            with self.subTest(forbidden=forbidden), self.assertRaises(AccessError):
                forbidden()

    def test_an_employee_without_the_role_sees_no_templates(self):
        nobody = new_test_user(self.env, "nobody", groups="base.group_user")

        with self.assertRaises(AccessError):
            self.template.with_user(nobody).read(["name"])

    def test_a_manager_cannot_write_the_state_himself(self):
        version = self.template.version_ids.with_user(self.manager)
        for values in ({"state": "approved"}, {"number": 7}, {"approved_by_id": 1}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                version.write(values)
        with self.assertRaises(UserError):
            self.template.with_user(self.manager).write(
                {"current_version_id": version.id}
            )

    def test_a_version_cannot_be_born_approved(self):
        with self.assertRaises(AccessError):
            self.env["veloc.template.version"].with_user(self.manager).create(
                {"template_id": self.template.id, "state": "approved"}
            )
