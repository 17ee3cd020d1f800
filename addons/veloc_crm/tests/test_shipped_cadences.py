"""What comes with the addon works from the first day."""

import re

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.veloc_messaging.tests.common import MessagingCase

from .cadence_case import DAY, HOUR, NOON, CadenceCase

FLOWS = {
    "signup": "flow_signup_confirmed",
    "deposit_approved": "flow_deposit_approved",
    "withdrawal_requested": "flow_withdrawal_requested",
    "withdrawal_processing": "flow_withdrawal_processing",
    "withdrawal_paid": "flow_withdrawal_paid",
    "withdrawal_rejected": "flow_withdrawal_rejected",
    "login_suspicious": "flow_login_suspicious",
    "password_changed": "flow_password_changed",
}


@tagged("post_install", "-at_install")
class TestShippedCadences(CadenceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cadence.active = False
        shipped = cls.env["veloc.cadence"].with_context(active_test=False)
        cls.shipped = shipped.search([("code", "in", [*FLOWS.values(), "activation"])])
        cls.shipped.active = True
        cls.activation = cls.env.ref("veloc_crm.activation")

    def test_everything_shipped_is_published(self):
        self.assertEqual(len(self.shipped), 9)
        self.assertTrue(all(self.shipped.mapped("current_version_id")))

    def test_each_flow_answers_its_event_at_once_and_without_consent(self):
        for type_, code in FLOWS.items():
            with self.subTest(type_):
                flow = self.env.ref(f"veloc_crm.{code}")
                self._happen(
                    type_,
                    self.rui_trader,
                    amount="10.00",
                    currency="BRL",
                    event_at="2026-03-11T15:00:00Z",
                    reference="R-1",
                )
                self._run(is_urgent=True)
                run = self._enrolments(self.rui_trader, flow)
                self.assertEqual(run.state, "done")
                verdicts = set(run.decision_ids.mapped("verdict"))
                self.assertEqual(verdicts, {"sent"}, run.decision_ids.mapped("reason"))

    def test_a_flow_message_carries_the_values_of_its_event(self):
        self._happen(
            "withdrawal_paid",
            amount="1234.50",
            currency="BRL",
            reference="W-77",
            event_at="2026-03-11T15:00:00Z",
        )
        self._run(is_urgent=True)
        message = self._messages()
        self.assertEqual(message.lane, "urgent")
        self.assertIn("1.234,50", message.subject)
        self.assertIn("W-77", message.body)
        self.assertIn("11/03/2026 12:00", message.body)

    def test_a_suspicious_login_is_told_by_mail_and_by_sms_at_the_same_time(self):
        self._happen("login_suspicious", event_at="2026-03-11T15:00:00Z")
        self._run(is_urgent=True)
        self.assertEqual(self._messages().mapped("channel"), ["email", "sms"])

    def test_activation_walks_from_who_we_are_to_the_last_personal_word(self):
        for channel in ("email", "sms"):
            self._grant(self.ana, channel=channel, at="2026-03-01T12:00:00Z")
        self._happen("signup")
        for hours in range(0, 24 * 14, 3):
            self._run(NOON + hours * DAY / 24)
        run = self._enrolments(cadence=self.activation)
        self.assertEqual(run.state, "done")
        sent = run.decision_ids.filtered(lambda d: d.verdict == "sent")
        self.assertEqual(sorted(sent.mapped("step_id.slot")), [1, 2, 3, 4, 5, 6])

    def test_without_consent_activation_says_only_who_we_are(self):
        self._happen("signup", self.rui_trader)
        for hours in range(0, 24 * 14, 6):
            self._run(NOON + hours * DAY / 24)
        run = self._enrolments(self.rui_trader, self.activation)
        sent = run.decision_ids.filtered(lambda d: d.verdict == "sent")
        self.assertEqual(sent.step_id.template_id.code, "activation_who_we_are")

    def test_the_first_deposit_ends_activation(self):
        self._happen("signup")
        self._run()
        self._happen("deposit_approved", at=NOON + DAY, amount="50", currency="BRL")
        self.assertTrue(self._enrolments(cadence=self.activation).is_converted)

    def test_a_signup_through_the_ingest_is_answered_by_the_jobs(self):
        at = f"{(fields.Datetime.now() - HOUR / 60).isoformat()}Z"
        data = {"name": "Lia Prates", "email": "lia@example.com"}
        event = {"id": "s1", "type": "signup", "trader": "lia", "at": at, "data": data}
        self.env["veloc.ingest"]._run("test", [event])
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_cadence_urgent").method_direct_trigger()
            self.env.ref("veloc_crm.ir_cron_cadence").method_direct_trigger()
        trader = self.env["veloc.trader"].search([("external_ref", "=", "lia")])
        messages = self._messages(trader.partner_id)
        codes = messages.template_version_id.template_id.mapped("code")
        self.assertEqual(codes, ["signup_confirmed", "activation_who_we_are"])

    def test_the_import_of_a_history_sends_nothing(self):
        events = [
            {
                "id": f"h{number}",
                "type": type_,
                "trader": "history-1",
                "at": f"2025-0{number}-10T12:00:00Z",
                **({"amount": "10.00"} if "deposit" in type_ else {}),
                "data": {"name": "Old Client", "email": "old@example.com"},
            }
            for number, type_ in enumerate(["signup", *["deposit_approved"] * 5], 1)
        ]
        answer = self.env["veloc.ingest"]._run("import", events)
        self.assertEqual(answer["accepted"], 6)
        trader = self.env["veloc.trader"].search([("external_ref", "=", "history-1")])
        runs = self.env["veloc.enrolment"].search([("trader_id", "=", trader.id)])
        self.assertFalse(runs)
        self.assertEqual(set(self._decisions(trader)), {("expired", "event_too_old")})


@tagged("post_install", "-at_install")
class TestShippedTexts(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = cls.env["ir.model.data"].search(
            [("module", "=", "veloc_crm"), ("model", "=", "veloc.template")]
        )
        cls.templates = cls.env["veloc.template"].browse(data.mapped("res_id"))
        cls.bodies = cls.templates.current_version_id.body_ids

    def test_every_text_stands_in_portuguese_and_in_english(self):
        for version in self.templates.current_version_id:
            pairs = {(body.channel, body.lang) for body in version.body_ids}
            for channel in {channel for channel, _lang in pairs}:
                self.assertIn((channel, "pt_BR"), pairs, version.display_name)
                self.assertIn((channel, "en_US"), pairs, version.display_name)

    def test_where_trading_is_offered_the_risk_is_told_and_the_way_out_shown(self):
        offers = self.bodies.filtered(
            lambda body: body.version_id.purpose_id.kind == "marketing"
        )
        self.assertTrue(offers)
        for body in offers:
            text = body.preview_html or body.preview_text
            self.assertRegex(str(text), r"(?i)risco de perda|risk of loss")
            self.assertRegex(str(text), r"(?i)responda sair|reply stop|unsubscribe")

    def test_what_goes_out_without_consent_offers_nothing(self):
        notices = self.bodies.filtered(
            lambda body: body.version_id.purpose_id.kind == "service"
        )
        for body in notices:
            self.assertNotIn("deposit_url", body.body)
            self.assertNotRegex(body.body, r"(?i)oferta|bônus|desconto|bonus|discount")

    def test_an_email_is_readable_on_a_phone(self):
        for body in self.bodies.filtered(lambda body: body.channel == "email"):
            self.assertNotIn("<table", body.body)
            self.assertNotRegex(body.body, r"[^-]width:\s*\d+px")
            self.assertIn(f'lang="{body.lang.replace("_", "-")}"', body.body)
            sizes = {int(size) for size in re.findall(r"font-size:(\d+)px", body.body)}
            self.assertGreaterEqual(min(sizes), 13)


@tagged("post_install", "-at_install")
class TestNothingWithoutHouseValues(TransactionCase):
    def test_a_house_without_any_setting_can_still_send_every_shipped_text(self):
        parameters = self.env["ir.config_parameter"]
        for name in (
            "support_phone",
            "support_email",
            "site_url",
            "login_url",
            "deposit_url",
            "support_url",
        ):
            parameters.set_param(f"veloc_messaging.{name}", False)
        self.env.company.write({"phone": False, "email": False, "website": False})
        person = self.env["res.partner"].create({"name": "12345"})
        bodies = self.env["veloc.template.body"].search(
            [
                (
                    "version_id.template_id.code",
                    "in",
                    [
                        *FLOWS,
                        "activation_last",
                        "activation_welcome",
                        "activation_proof",
                        "activation_who_we_are",
                    ],
                ),
                ("state", "=", "approved"),
            ]
        )
        values = {"event_at": "2026-03-11T15:00:00Z"}
        requests = [
            (person.id, body.version_id.template_id.id, body.channel, values)
            for body in bodies
        ]
        for text in self.env["veloc.template"]._render(requests):
            self.assertFalse(text.error, text.detail)
