import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.veloc_template_approval import ACTIVITY
from .template_case import SMS, TemplateCase


@tagged("post_install", "-at_install")
class TestVelocTemplateApproval(TemplateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([]).veloc_two_person_approval = True
        cls.author, cls.second, cls.third = (
            new_test_user(
                cls.env, f"approval_{name}", groups="veloc_messaging.group_manager"
            )
            for name in ("author", "second", "third")
        )
        cls.user = new_test_user(
            cls.env, "approval_user", groups="veloc_messaging.group_user"
        )

    def _draft_of(self, user, **values):
        """Return the draft that ``user`` wrote."""
        template = (
            self.env["veloc.template"]
            .with_user(user)
            .create(
                {
                    "name": "Deposit approved",
                    "code": "four_eyes",
                    "purpose_id": self.purpose("account_service").id,
                    **values,
                }
            )
        )
        return (
            self.env["veloc.template.version"]
            .with_user(user)
            .create(
                {
                    "template_id": template.id,
                    "body_ids": [(0, 0, {**SMS, "body": "Oi"})],
                }
            )
        )

    def _waiting(self):
        version = self._draft_of(self.author)
        version.action_request_approval()
        return version

    def test_a_draft_cannot_be_approved_by_its_author(self):
        version = self._draft_of(self.author)

        with self.assertRaisesRegex(UserError, "Ask for approval"):
            version.action_approve()
        self.assertEqual(version.state, "draft")

    def test_a_second_person_approves(self):
        version = self._waiting()

        self.assertIs(version.with_user(self.second).action_approve(), True)

        self.assertRecordValues(
            version,
            [
                {
                    "state": "approved",
                    "submitted_by_id": self.author.id,
                    "approved_by_id": self.second.id,
                    "is_two_person": True,
                }
            ],
        )
        self.assertEqual(version.template_id.current_version_id, version)

    def test_who_asked_cannot_approve(self):
        version = self._waiting()

        with self.assertRaisesRegex(UserError, "Somebody else must approve"):
            version.action_approve()

    def test_who_wrote_cannot_approve_what_a_colleague_asked_for(self):
        version = self._draft_of(self.author)
        version.with_user(self.second).action_request_approval()

        for user in (self.author, self.second):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                version.with_user(user).action_approve()
        version.with_user(self.third).action_approve()
        self.assertEqual(version.state, "approved")

    def test_who_changed_a_word_last_counts_as_its_author(self):
        version = self._draft_of(self.author)
        version.with_user(self.second).body_ids.body = "Olá"
        version.action_request_approval()

        with self.assertRaises(UserError):
            version.with_user(self.second).action_approve()

    def test_a_text_that_waits_cannot_be_changed(self):
        version = self._waiting()

        for change in (
            lambda: version.body_ids.write({"body": "other"}),
            lambda: version.body_ids.copy({"lang": "en_US"}),
            version.body_ids.unlink,
            version.unlink,
        ):
            with self.subTest(change=change), self.assertRaises(UserError):
                change()

    def test_not_even_sql_changes_a_text_that_waits(self):
        version = self._waiting()

        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE veloc_template_body SET body = 'x' WHERE version_id = %s",
                [version.id],
            )

    def test_not_even_sql_lets_one_person_do_both(self):
        version = self._waiting()
        self.env.flush_all()

        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE veloc_template_version SET state = 'approved', "
                "is_two_person = true, approved_at = now(), "
                "approved_by_id = submitted_by_id WHERE id = %s",
                [version.id],
            )

    def test_a_manager_cannot_write_who_did_what(self):
        version = self._waiting()
        for values in (
            {"submitted_by_id": self.second.id},
            {"edited_by_id": self.second.id},
            {"is_two_person": False},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                version.write(values)
        with self.assertRaises(AccessError):
            self.env["veloc.template.review"].with_user(self.author).create(
                {
                    "version_id": version.id,
                    "deed": "approved",
                    "user_id": self.second.id,
                    "at": "2026-01-01",
                }
            )

    def test_an_unfinished_text_is_not_worth_a_second_look(self):
        version = self._draft_of(self.author)
        version.body_ids.body = "{{ nada }}"

        with self.assertRaisesRegex(UserError, "“nada”"):
            version.action_request_approval()

    def test_the_other_managers_are_asked_and_nobody_else(self):
        version = self._waiting()

        asked = version.template_id.activity_ids.user_id
        self.assertTrue(self.second | self.third <= asked)
        self.assertFalse(asked & (self.author | self.user))

    def test_after_the_approval_nothing_is_left_to_do(self):
        version = self._waiting()
        version.with_user(self.second).action_approve()

        self.assertFalse(version.template_id.activity_search([ACTIVITY]))

    def test_sent_back_the_author_reads_why_and_may_write_again(self):
        version = self._waiting()
        wizard = Form(
            self.env["veloc.template.return"]
            .with_user(self.second)
            .with_context(default_version_id=version.id)
        )
        wizard.reason = "Muito longo"
        wizard.save().action_send_back()

        self.assertEqual(version.state, "draft")
        self.assertEqual(version.sent_back_reason, "Muito longo")
        activity = version.template_id.activity_search([ACTIVITY])
        self.assertEqual(activity.user_id, self.author)
        self.assertIn("Muito longo", str(activity.note))
        version.body_ids.body = "Oi!"
        version.action_request_approval()
        self.assertFalse(version.sent_back_reason)

    def test_a_reason_is_asked_for(self):
        version = self._waiting()

        with self.assertRaisesRegex(UserError, "Say what should be changed"):
            version.with_user(self.second).action_send_back("  ")

    def test_a_version_may_be_taken_back(self):
        version = self._waiting()
        version.action_take_back()

        self.assertEqual(version.state, "draft")
        self.assertFalse(version.template_id.activity_search([ACTIVITY]))

    def test_the_history_says_who_did_what(self):
        version = self._waiting()
        version.with_user(self.second).action_send_back("Não")
        version.action_request_approval()
        version.with_user(self.second).action_approve()

        self.assertEqual(
            version.review_ids.sorted("id").mapped(lambda r: (r.deed, r.user_id)),
            [
                ("requested", self.author),
                ("sent_back", self.second),
                ("requested", self.author),
                ("approved", self.second),
            ],
        )

    def test_a_waiting_version_is_the_draft_of_its_template(self):
        version = self._waiting()

        action = version.template_id.action_new_version()

        self.assertEqual(action["res_id"], version.id)
        self.assertFalse(version.template_id.is_purpose_fixed)

    def test_where_one_person_is_enough_the_author_approves(self):
        self.env["res.company"].search([]).veloc_two_person_approval = False
        version = self._draft_of(self.author)

        version.action_approve()

        self.assertEqual((version.state, version.is_two_person), ("approved", False))

    def test_the_strictest_of_a_users_companies_counts(self):
        self.env["res.company"].search([]).veloc_two_person_approval = False
        strict = self.env["res.company"].create({"name": "Strict"})
        self.assertTrue(strict.veloc_two_person_approval)
        self.author.company_ids += strict

        with self.assertRaises(UserError):
            self._draft_of(self.author).action_approve()

    def test_a_user_cannot_ask_send_back_or_take_back(self):
        version = self._waiting().with_user(self.user)
        for forbidden in (
            version.action_request_approval,
            version.action_approve,
            version.action_take_back,
            lambda: version.action_send_back("x"),
        ):
            with self.subTest(forbidden=forbidden), self.assertRaises(AccessError):
                forbidden()

    def test_the_form_shows_each_their_own_button(self):
        version = self._waiting()

        self.assertFalse(version.may_approve)
        self.assertTrue(version.with_user(self.second).may_approve)
