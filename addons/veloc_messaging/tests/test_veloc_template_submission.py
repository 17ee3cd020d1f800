from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.veloc_compliance.tests.common import NOON

from ..models.veloc_account import VelocAccount
from ..providers import base
from ..rules.provider_event import Event
from .common import MessagingCase, RecordingProvider
from .template_case import SMS, TemplateCase

LOGGER = "odoo.addons.veloc_messaging.models.veloc_template_submission"

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


class TemplateDesk(RecordingProvider):
    """Takes templates as WhatsApp does; ``state`` is what it answers."""

    def __init__(self, state=None):
        super().__init__()
        self.state = state or base.TemplateState("42", "pending")
        self.specs, self.asked = [], []

    def submit_template(self, spec):
        self.specs.append(spec)
        if isinstance(self.state, Exception):
            raise self.state
        return self.state

    def template_state(self, ref):
        self.asked.append(ref)
        return self.state


@tagged("post_install", "-at_install")
class TestSubmission(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = "Olá {{ first_name | default('cliente') }}, temos uma novidade."
        cls.whatsapp = cls._approved_template(
            "wa-service", "account_service", bodies={"whatsapp": ("", text)}
        )
        cls.whatsapp.action_new_version()
        cls.version = cls.whatsapp.draft_version_id
        cls.body = cls.version.body_ids

    @contextmanager
    def desk(self, state=None):
        desk = TemplateDesk(state)
        with patch.object(VelocAccount, "_get_provider", lambda _account: desk):
            yield desk

    def _submitted(self, state=None):
        self.body.action_submit()
        with self.desk(state) as desk:
            self.run_cron("veloc_messaging.ir_cron_template_submission")
        return desk

    def _event(self, status, at=None, ref="42", **more):
        return Event(
            kind="template",
            key=f"k{status}{at}",
            provider_ref=ref,
            status=status,
            at=at,
            **more,
        )

    def test_a_click_asks_nobody_the_job_does(self):
        with self.desk() as desk:
            self.assertIs(self.body.action_submit(), True)
        self.assertFalse(desk.specs)
        self.assertEqual(self.body.submission_status, "queued")

        (spec,) = self._submitted().specs

        self.assertEqual(spec.body, "Olá {{1}}, temos uma novidade.")
        self.assertEqual(
            (spec.name, spec.lang, spec.category, spec.samples),
            ("wa_service_v2", "pt_BR", "UTILITY", ("Mariana",)),
        )
        self.assertRecordValues(
            self.body,
            [
                {
                    "submission_status": "pending",
                    "submission_ref": "42",
                    "template_name": "wa_service_v2",
                    "content_variables": "first_name",
                }
            ],
        )

    def test_a_promotional_text_is_of_the_marketing_category(self):
        self.template.action_new_version()
        draft = self.template.draft_version_id.body_ids
        body = draft.filtered(lambda b: b.channel == "whatsapp")
        body.body = "Olá {{ first_name }}, uma novidade. Responda SAIR para parar."
        body.action_submit()

        self.assertEqual(body.category, "MARKETING")

    def test_trouble_on_the_way_is_shown_and_may_be_repeated(self):
        for state, reason in (
            (ValueError("secret"), "ValueError"),
            (base.TemplateState("", "draft", "100 Invalid"), "100 Invalid"),
        ):
            with self.subTest(state=state), mute_logger(LOGGER):
                self._submitted(state)
                self.assertEqual(self.body.submission_status, "draft")
                self.assertEqual(self.body.submission_reason, reason)

    def test_what_whatsapp_would_refuse_is_refused_here(self):
        self.body.body = "{{ first_name }} {{ amount }}"

        with self.assertRaises(UserError) as refused:
            self.body.action_submit()
        for words in ("starts with {{ first_name }}", "ends with {{ amount }}", "0/2"):
            self.assertIn(words, refused.exception.args[0])
        self.assertFalse(self.body.submission_status)

    def test_without_an_account_for_it_nothing_is_submitted(self):
        self.env["veloc.account"].search([("channel", "=", "whatsapp")]).active = False

        with self.assertRaisesRegex(UserError, "No WhatsApp account"):
            self.body.action_submit()

    def test_a_changed_text_is_another_template(self):
        self._submitted(base.TemplateState("42", "approved"))

        self.body.body = "Olá {{ first_name }}, temos outra novidade."

        self.assertEqual(self.body.submission_status, "draft")
        self.assertFalse(self.body.submission_ref)
        self.assertEqual(self.body.template_name, "wa_service_v2_r2")
        self.assertFalse(self.body._usable_template_name())

    def test_a_rejected_name_is_not_used_again(self):
        self._submitted(base.TemplateState("42", "rejected", "INVALID_FORMAT"))

        desk = self._submitted(base.TemplateState("43", "pending"))

        self.assertEqual(desk.specs[0].name, "wa_service_v2_r2")
        self.assertEqual(self.body.submission_ref, "43")

    def test_a_new_version_with_the_same_words_keeps_the_approval(self):
        self._submitted(base.TemplateState("42", "approved"))
        self.version.action_approve()

        self.whatsapp.action_new_version()

        body = self.whatsapp.draft_version_id.body_ids
        self.assertEqual(
            (body.template_name, body.submission_status, body.submission_ref),
            ("wa_service_v2", "approved", "42"),
        )
        body.body = "Oi {{ first_name }}, mudou tudo por aqui."
        self.assertEqual(body.submission_status, "draft")
        self.assertEqual(self.version.body_ids.submission_status, "approved")

    def test_the_webhook_moves_the_status_of_a_frozen_text(self):
        self._submitted()
        self.version.action_approve()
        event = self._event("rejected", error_detail="ABUSIVE_CONTENT")

        known = self.env["veloc.template.body"]._on_submission([event])

        self.assertEqual(known, {event.key})
        self.assertEqual(self.body.submission_status, "rejected")
        self.assertEqual(self.body.submission_reason, "ABUSIVE_CONTENT")
        activity = self.whatsapp.activity_ids
        self.assertIn("Rejected by WhatsApp", activity.summary)

    def test_an_old_report_changes_nothing(self):
        self._submitted()
        late, early = datetime(2030, 1, 2), datetime(2030, 1, 1)
        on_submission = self.env["veloc.template.body"]._on_submission

        on_submission([self._event("approved", late), self._event("paused", early)])
        on_submission([self._event("rejected", early)])

        self.assertEqual(self.body.submission_status, "approved")

    def test_a_report_about_a_stranger_is_not_understood(self):
        events = [self._event("approved", ref="999"), self._event("wat")]

        self.assertFalse(self.env["veloc.template.body"]._on_submission(events))

    def test_without_a_webhook_the_job_asks(self):
        self._submitted()
        self.body.submission_checked_at = datetime(2020, 1, 1)
        with self.desk(base.TemplateState("42", "approved")) as desk:
            self.run_cron("veloc_messaging.ir_cron_template_submission")
            self.run_cron("veloc_messaging.ir_cron_template_submission")

        self.assertEqual(desk.asked, ["42"])
        self.assertEqual(self.body.submission_status, "approved")

    def test_no_answer_takes_no_approval_back(self):
        self._submitted(base.TemplateState("42", "approved"))
        self.body.submission_checked_at = datetime(2020, 1, 1)
        with self.desk(base.TemplateState("42", "pending", "http_500")):
            self.run_cron("veloc_messaging.ir_cron_template_submission")

        self.assertEqual(self.body.submission_status, "approved")

    # === SENDING === #

    def _in_use(self, status):
        """Bring the version into use with this word of WhatsApp."""
        self._submitted(base.TemplateState("42", status))
        self.version.action_approve()

    def _open_window(self, until):
        self.env["veloc.conversation"].create(
            {
                "partner_id": self.ana.id,
                "channel": "whatsapp",
                "window_until": until,
                "company_id": self.env.company.id,
            }
        )

    def _answer(self):
        draft = self._draft(self.ana, self.whatsapp, "whatsapp")
        return self.env["veloc.message"]._enqueue([draft], NOON)[0]

    def test_outside_the_window_an_unapproved_template_is_refused(self):
        for status in ("pending", "rejected"):
            with self.subTest(status=status):
                self._in_use(status) if status == "pending" else (
                    self.body.write({"submission_status": status})
                )
                answer = self._answer()
                self.assertEqual(
                    (answer["outcome"], answer["reason"]),
                    ("refused", "template_not_approved_by_whatsapp"),
                )

    def test_an_approved_template_is_queued_by_its_name(self):
        self._in_use("approved")

        message = self.env["veloc.message"].browse(self._answer()["message_id"])

        self.assertEqual(message.template_name, "wa_service_v2")

    def test_with_a_fallback_the_refusal_is_the_dispatchers(self):
        self._in_use("pending")
        self.whatsapp.fallback_channels = "sms"

        message = self.env["veloc.message"].browse(self._answer()["message_id"])
        with self.fake_provider() as provider:
            self.run_dispatch_cron()

        self.assertFalse(provider.sent)
        self.assertRecordValues(
            message,
            [
                {
                    "state": "blocked",
                    "failure_class": "policy",
                    "failure_code": "template_not_approved_by_whatsapp",
                }
            ],
        )

    def test_a_template_paused_after_queueing_is_not_sent(self):
        self._in_use("approved")
        message = self.env["veloc.message"].browse(self._answer()["message_id"])
        self.body.submission_status = "paused"

        with self.fake_provider() as provider:
            self.run_dispatch_cron()

        self.assertFalse(provider.sent)
        self.assertEqual(message.failure_code, "template_not_approved_by_whatsapp")

    def test_inside_the_window_the_words_go_out_without_a_template(self):
        self._in_use("pending")
        self._open_window(fields.Datetime.now() + timedelta(hours=3))

        message = self.env["veloc.message"].browse(self._answer()["message_id"])
        with self.fake_provider() as provider:
            self.run_dispatch_cron()

        self.assertEqual(message.state, "accepted")
        self.assertEqual(provider.sent[0].body, "Olá Ana, temos uma novidade.")
        self.assertFalse(provider.sent[0].template_name)
