from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.sms.tools.sms_api import SmsApi
from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase

ANA = "+5511961234567"
NOBODY = "+5511999998888"


@tagged("post_install", "-at_install")
class TestStockTexts(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(
            cls.env,
            "plain_salesman",
            groups="base.group_user,base.group_partner_manager",
        )
        cls.manager = new_test_user(
            cls.env, "text_manager", groups="veloc_messaging.group_manager"
        )

    def setUp(self):
        super().setUp()
        # Whatever happens, nothing may reach Odoo's own service.
        self.startPatcher(
            patch.object(
                SmsApi, "_contact_iap", side_effect=AssertionError("a text went to IAP")
            )
        )

    def _composer(self, mode, user=None, **values):
        composer = self.env["sms.composer"].with_user(user or self.salesman)
        context = {"default_composition_mode": mode}
        if mode != "numbers":
            context |= {"default_res_model": "res.partner"}
        return composer.with_context(**context).create({"body": "Oi!", **values})

    def _of(self, partner):
        return self.env["veloc.message"].search([("partner_id", "=", partner.id)])

    def test_the_stock_button_goes_out_through_our_outbox(self):
        self._grant(self.ana)
        with freeze_time(NOON), self.fake_provider() as provider:
            self._composer("comment", res_id=self.ana.id).action_send_sms()
            message = self._of(self.ana)
            self.assertEqual(message.state, "queued")
            self.run_dispatch_cron()

        self.assertEqual([sent.to for sent in provider.sent], [ANA])
        self.assertIn("Oi!", provider.sent[0].body)
        self.assertIn("SAIR", provider.sent[0].body)
        self.assertEqual(message.purpose_id, self.purpose("marketing"))
        self.assertTrue(message.verdict_id)
        notification = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.ana.id), ("notification_type", "=", "sms")]
        )
        self.assertEqual(notification.notification_status, "process")
        with freeze_time(NOON):
            self.run_cron("veloc_messaging.ir_cron_delivery_fold")
        self.assertEqual(notification.notification_status, "pending")
        message._move("delivered")
        self.env["veloc.stock.gate"]._report_back()
        self.assertEqual(notification.notification_status, "sent")

    def test_without_consent_no_mode_sends_and_odoo_says_why(self):
        for mode, values in (
            ("comment", {"res_id": self.ana.id}),
            ("mass", {"res_ids": str(self.ana.ids), "mass_force_send": True}),
            ("numbers", {"numbers": ANA}),
        ):
            with self.subTest(mode=mode), freeze_time(NOON):
                before = self.env["sms.sms"].search([], order="id desc", limit=1).id
                self._composer(mode, **values).action_send_sms()
                sms = self.env["sms.sms"].search([("id", ">", before or 0)])
                self.assertRecordValues(
                    sms, [{"state": "error", "failure_type": "sms_optout"}]
                )
        self.assertFalse(self._of(self.ana))
        notification = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.ana.id), ("notification_type", "=", "sms")]
        )
        self.assertRecordValues(
            notification,
            [{"notification_status": "exception", "failure_type": "sms_optout"}],
        )
        self.assertRegex(notification.failure_reason, "did not agree|não concordou")

    def test_a_number_of_nobody_gets_nothing(self):
        with freeze_time(NOON):
            self._composer("numbers", numbers=NOBODY).action_send_sms()
        sms = self.env["sms.sms"].search([("number", "=", NOBODY)])
        self.assertRecordValues(
            sms, [{"state": "error", "failure_type": "sms_number_format"}]
        )

    def test_a_known_number_of_another_person_is_theirs(self):
        self._grant(self.rui)
        with freeze_time(NOON):
            self.env["sms.sms"].create(
                {"number": ANA, "body": "Oi", "partner_id": self.rui.id}
            ).send()
        self.assertFalse(self._of(self.ana))
        self.assertFalse(self._of(self.rui), "the number decides, not the name")

    def test_the_queue_of_odoo_leaves_through_us_as_well(self):
        self._grant(self.ana)
        companies = self.env["res.company"].create([{"name": "A"}, {"name": "B"}])
        with freeze_time(NOON):
            for company in companies:
                note = self.ana.with_company(company).message_post(body="x")
                note.record_company_id = company
                self.env["sms.sms"].create(
                    {"number": ANA, "body": company.name, "mail_message_id": note.id}
                )
            self.run_cron("sms.ir_cron_sms_scheduler_action")
        self.assertEqual(self._of(self.ana).mapped("company_id"), companies)

    def test_a_posted_text_and_a_server_action_pass_the_gate(self):
        template = self.env["sms.template"].create(
            {
                "name": "T",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Oi",
            }
        )
        action = self.env["ir.actions.server"].create(
            {
                "name": "T",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "sms",
                "sms_template_id": template.id,
                "sms_method": "sms",
            }
        )
        with freeze_time(NOON):
            self.ana.message_post(
                body="Oi", message_type="sms", partner_ids=self.ana.ids
            )
            action.with_context(
                active_model="res.partner", active_ids=self.ana.ids
            ).run()
            self.run_cron("sms.ir_cron_sms_scheduler_action")
        self.assertFalse(self._of(self.ana))
        self._grant(self.ana)
        with freeze_time(NOON):
            action.with_context(
                active_model="res.partner", active_ids=self.ana.ids
            ).run()
            self.run_cron("sms.ir_cron_sms_scheduler_action")
        self.assertEqual(len(self._of(self.ana)), 1)

    def test_only_a_template_that_a_manager_marked_is_service(self):
        template = self.env["sms.template"].create(
            {
                "name": "Documento",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Seu documento chegou.",
            }
        )
        with self.assertRaises(AccessError):
            template.with_user(self.salesman).veloc_is_service = True
        template.sudo().veloc_is_service = True
        values = {"res_id": self.ana.id, "template_id": template.id}
        with freeze_time(NOON):
            changed = self._composer("comment", **values, body="Bônus só hoje!")
            changed.action_send_sms()
            self.assertFalse(self._of(self.ana), "a changed text is no service text")
            self._composer("comment", **values, body=template.body).action_send_sms()
        message = self._of(self.ana)
        self.assertEqual(message.purpose_id, self.purpose("account_service"))
        self.assertEqual(message.body, "Seu documento chegou.")

    def test_a_client_cannot_forge_the_mark(self):
        for forged in (True, "SERVICE", {"veloc_service": True}):
            composer = self._composer("comment", res_id=self.ana.id)
            with self.subTest(forged=forged), freeze_time(NOON):
                composer.with_context(veloc_service=forged).action_send_sms()
                self.assertFalse(self._of(self.ana))
        sms = self.env["sms.sms"].create({"number": ANA, "veloc_service": True})
        self.assertFalse(sms.veloc_service)

    def test_outside_the_hours_the_sender_is_told(self):
        self._grant(self.ana)
        with freeze_time("2026-03-11 03:00:00"):
            self._composer("comment", res_id=self.ana.id).action_send_sms()
        notification = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.ana.id), ("notification_type", "=", "sms")]
        )
        self.assertRegex(notification.failure_reason, "hours|horário")
        self.assertFalse(self._of(self.ana))

    def test_staff_may_be_reminded_by_text(self):
        self.salesman.partner_id.phone = "+55 31 96123-4567"
        with freeze_time(NOON):
            self.salesman.partner_id._message_sms("Reunião às 15h")
        message = self._of(self.salesman.partner_id)
        self.assertEqual(message.purpose_id, self.purpose("account_service"))


@tagged("post_install", "-at_install")
class TestStockMails(MessagingCase, MockEmail):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Known to the gate, without any consent for e-mail.
        cls._grant(cls.ana, channel="sms")
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Supplier", "email": "supplier@example.com"}
        )
        cls.staff = new_test_user(cls.env, "mail_staff", email="staff@example.com")

    def _mail(self, **values):
        return self.env["mail.mail"].create(
            {"subject": "Oi", "body_html": "<p>Oi</p>", **values}
        )

    def _template(self, **values):
        return self.env["mail.template"].create(
            {
                "name": "T",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "partner_to": "{{ object.id }}",
                "subject": "Oi",
                "body_html": "<p>Oi</p>",
                "auto_delete": False,
                **values,
            }
        )

    def _send(self, mail, now=NOON):
        with freeze_time(now):
            mail.send()
        return mail

    def test_people_of_ours_need_consent_and_others_do_not(self):
        mail = self._mail(recipient_ids=[(6, 0, (self.ana + self.supplier).ids)])
        self._send(mail)
        self.assertEqual(mail.recipient_ids, self.supplier)
        self.assertNotEqual(mail.state, "cancel")

    def test_a_mail_to_nobody_left_is_cancelled_with_the_reason(self):
        for values in (
            {"recipient_ids": [(6, 0, self.ana.ids)]},
            {"email_to": "Ana <ana@example.com>"},
            {"email_to": "", "email_cc": "ANA@example.com"},
        ):
            mail = self._mail(**values)
            with self.subTest(values=values):
                self._send(mail)
                self.assertRecordValues(
                    mail, [{"state": "cancel", "failure_type": "mail_optout"}]
                )
                self.assertIn("no_consent", mail.failure_reason)

    def test_with_consent_it_goes_and_the_verdict_is_kept(self):
        self._grant(self.ana, channel="email")
        mail = self._send(self._mail(recipient_ids=[(6, 0, self.ana.ids)]))
        self.assertEqual(mail.recipient_ids, self.ana)
        self.assertNotEqual(mail.state, "cancel")
        verdict = self.env["veloc.gate.verdict"].search(
            [("partner_id", "=", self.ana.id), ("channel", "=", "email")]
        )
        self.assertEqual(len(verdict), 1)

    def test_outside_the_hours_it_waits_in_the_queue(self):
        self._grant(self.ana, channel="email")
        night = NOON.replace(hour=3)
        mail = self._send(self._mail(recipient_ids=[(6, 0, self.ana.ids)]), night)
        self.assertEqual(mail.state, "outgoing")
        self.assertGreater(mail.scheduled_date, night)

    def test_a_template_is_marketing_until_a_manager_says_service(self):
        template = self._template()
        with freeze_time(NOON):
            mail_id = template.send_mail(self.ana.id, force_send=True)
        self.assertEqual(self.env["mail.mail"].browse(mail_id).state, "cancel")

        with self.assertRaises(AccessError):
            template.with_user(self.staff).veloc_is_service = True
        template.veloc_is_service = True
        with freeze_time(NOON):
            mail_id = template.send_mail(self.ana.id, force_send=True)
        self.assertNotEqual(self.env["mail.mail"].browse(mail_id).state, "cancel")

    def test_the_composer_passes_the_gate_and_the_chatter_tells_why(self):
        composer = self.env["mail.compose.message"].create(
            {
                "model": "res.partner",
                "res_ids": str(self.ana.ids),
                "composition_mode": "comment",
                "partner_ids": [(6, 0, self.ana.ids)],
                "subject": "Oi",
                "body": "<p>Bônus</p>",
            }
        )
        with freeze_time(NOON):
            _mails, message = composer._action_send_mail()
            self.env["mail.mail"].search([("mail_message_id", "=", message.id)]).send()
        notification = message.notification_ids
        self.assertRecordValues(
            notification,
            [{"notification_status": "exception", "failure_type": "mail_optout"}],
        )
        self.assertIn("no_consent", notification.failure_reason)

    def test_an_answer_to_what_the_person_wrote_is_service(self):
        self.supplier.message_post(
            body="Cadê meu saque?", message_type="email", author_id=self.ana.id
        )
        answer = self.supplier.message_post(
            body="Chegou.", message_type="comment", partner_ids=self.ana.ids
        )
        mail = self._send(
            self.env["mail.mail"].search([("mail_message_id", "=", answer.id)])
        )
        self.assertEqual(mail.recipient_ids, self.ana)

    def test_passwords_and_invitations_keep_working(self):
        portal = new_test_user(
            self.env, "ana_portal", groups="base.group_portal", partner_id=self.ana.id
        )
        portal.email = "ana@example.com"
        with freeze_time(NOON), self.mock_mail_gateway():
            portal.with_context(create_user=True).action_reset_password()
            portal.action_reset_password()
        to = [address for mail in self._mails for address in mail["email_to"]]
        self.assertEqual(len(to), 2)
        self.assertTrue(all("ana@example.com" in address for address in to))

    def test_staff_are_not_people_of_ours(self):
        self._grant(self.staff.partner_id, channel="sms")
        mail = self._send(self._mail(recipient_ids=[(6, 0, self.staff.partner_id.ids)]))
        self.assertEqual(mail.recipient_ids, self.staff.partner_id)

    def test_the_gate_costs_the_same_for_many_mails(self):
        mails = self.env["mail.mail"]
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(12)]
        )
        for person in people:
            mails += self._mail(recipient_ids=[(6, 0, person.ids)])
        with freeze_time(NOON):
            mails[:1]._veloc_pass_gate()
            self.env.flush_all()
            few = self._queries(mails[:1])
            self.assertLessEqual(self._queries(mails), few + 2)

    def _queries(self, mails):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        mails._veloc_pass_gate()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestStockTextsOverRpc(HttpCase):
    def test_a_plain_salesman_cannot_text_any_number(self):
        user = new_test_user(self.env, "rpc_salesman", groups="base.group_user")
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate("rpc", "test", fields.Datetime.now() + timedelta(days=1))
        )

        def call(model, method, **body):
            return self.url_open(
                f"/json/2/{model}/{method}",
                json=body,
                headers={"Authorization": f"bearer {key}"},
            )

        context = {"default_composition_mode": "numbers", "veloc_service": True}
        made = call(
            "sms.composer",
            "create",
            vals_list=[{"body": "Bônus!", "numbers": NOBODY}],
            context=context,
        )
        made.raise_for_status()
        call("sms.composer", "action_send_sms", ids=made.json(), context=context)
        sms = self.env["sms.sms"].search([("number", "=", NOBODY)])
        self.assertEqual(sms.mapped("state"), ["error"])
        self.assertFalse(self.env["veloc.message"].search([("address", "=", NOBODY)]))
        refused = call("sms.sms", "create", vals_list=[{"number": NOBODY}])
        self.assertEqual(refused.status_code, 403)
