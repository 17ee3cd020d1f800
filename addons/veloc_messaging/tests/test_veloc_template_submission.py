import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .template_case import SMS, TemplateCase

WHATSAPP = {**SMS, "channel": "whatsapp", "body": "Olá {{ first_name }}, tudo bem?"}
NAMED = {**WHATSAPP, "template_name": "deposit_v1", "content_variables": "first_name"}


@tagged("post_install", "-at_install")
class TestVelocTemplateSubmission(TemplateCase):
    def _rendered(self, template):
        request = (self.ana.id, template.id, "whatsapp", {})
        return self.env["veloc.template"]._render([request])[0]

    def test_a_template_entered_by_hand_is_rendered_with_its_name(self):
        text = self._rendered(self._template(NAMED))

        self.assertEqual(text.template_name, "deposit_v1")
        self.assertEqual(text.content_variables, {"1": "Ana"})

    def test_only_what_whatsapp_approved_is_sent_as_a_template(self):
        template = self._template(NAMED)
        body = template.current_version_id.body_ids
        for status, name in (
            ("queued", ""),
            ("pending", ""),
            ("approved", "deposit_v1"),
            ("rejected", ""),
            ("paused", ""),
            ("disabled", ""),
        ):
            body.submission_status = status
            with self.subTest(status=status):
                self.assertEqual(self._rendered(template).template_name, name)

    def test_the_reference_of_twilio_serves_as_content_sid(self):
        template = self._template({**WHATSAPP, "content_variables": "first_name"})
        sid = "HX" + "a" * 32
        template.current_version_id.body_ids.write(
            {"submission_status": "approved", "submission_ref": sid}
        )

        self.assertEqual(self._rendered(template).content_sid, sid)

    def test_the_status_of_a_frozen_text_may_change_its_words_may_not(self):
        body = self._template(NAMED).current_version_id.body_ids
        body.submission_status = "paused"
        self.env.flush_all()

        self.assertEqual(body.submission_status, "paused")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE veloc_template_body SET submission_status = 'approved', "
                "body = 'x' WHERE id = %s",
                [body.id],
            )

    def test_a_manager_cannot_declare_a_template_approved(self):
        manager = new_test_user(
            self.env, "sub_manager", groups="veloc_messaging.group_manager"
        )
        body = self._template(NAMED, approve=False).version_ids.body_ids

        with self.assertRaises(AccessError):
            body.with_user(manager).submission_status = "approved"
        with self.assertRaises(AccessError):
            body.with_user(manager).copy({"submission_status": "approved"})
