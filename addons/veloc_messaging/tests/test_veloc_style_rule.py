from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .template_case import SMS, TemplateCase

MAIL = {"channel": "email", "lang": "pt_BR", "subject": "Oi", "body": "<p>Oi</p>"}


@tagged("post_install", "-at_install")
class TestVelocStyleRule(TemplateCase):
    def _findings(self, body, **values):
        version = self._template(body, approve=False, **values).version_ids
        return version.findings, version.warnings

    def test_every_shipped_rule_does_what_its_examples_say(self):
        rules = self.env["veloc.style.rule"].search([])
        shipped = [rule for rule in rules if rule.get_external_id()[rule.id]]

        self.assertGreater(len(shipped), 15)
        for rule in shipped:
            with self.subTest(rule=rule.name):
                self.assertTrue(rule.example_good and rule.example_bad)
                self.assertEqual(
                    rule.self_check, "The rule does what its examples say."
                )

    def test_a_rule_that_misses_its_examples_says_so(self):
        rule = self.env.ref("veloc_messaging.veloc_style_rule_calm")
        rule.example_bad = "Calma."
        self.assertIn("does not find it", rule.self_check)
        rule.write({"example_bad": "Ai!!!", "example_good": "Oi!!!"})
        self.assertIn("good example breaks", rule.self_check)

    def test_what_is_shipped_keeps_the_style_guide(self):
        versions = self.env["veloc.template.version"].search(
            [("state", "=", "approved")]
        )
        shipped = versions.filtered(lambda v: v.get_external_id()[v.id])

        wrong = self.env["veloc.template.check"]._explain_versions(shipped)

        self.assertTrue(shipped)
        self.assertFalse([line for lines in wrong.values() for line in lines])

    def test_a_broken_rule_blocks_and_says_how_to_repair_it(self):
        template = self._template({**SMS, "body": "Oi!!!"}, approve=False)

        with self.assertRaisesRegex(UserError, "SMS, pt_BR: exclamation marks: 3"):
            template.version_ids.action_approve()
        self.assertIn("calm words", template.version_ids.findings)

    def test_a_warning_is_shown_and_stops_nobody(self):
        findings, warnings = self._findings({**MAIL, "body": "<p>🎉 🎉 🎉</p>"})

        self.assertFalse(findings)
        self.assertIn("emoji", warnings)

    def test_the_manager_decides_what_blocks(self):
        rule = self.env.ref("veloc_messaging.veloc_style_rule_calm")
        rule.severity = "warns"

        findings, warnings = self._findings({**SMS, "body": "Oi!!!"})

        self.assertFalse(findings)
        self.assertIn("exclamation marks", warnings)

    def test_an_archived_rule_does_not_count(self):
        self.env.ref("veloc_messaging.veloc_style_rule_calm").active = False

        self.assertFalse(self._findings({**SMS, "body": "Oi!!!"})[0])

    def test_links_lead_to_the_addresses_of_the_settings(self):
        self.env["ir.config_parameter"].set_param(
            "veloc_messaging.site_url", "https://broker.example/x"
        )
        for url, said in (
            ("https://app.broker.example/y", ""),
            ("https://bit.ly/x", "bit.ly"),
        ):
            with self.subTest(url=url):
                findings = self._findings(
                    {**SMS, "body": url}, code=f"l{len(url)}{url[8:10]}"
                )[0]
                self.assertIn(said, findings or "")
                self.assertEqual(bool(findings), bool(said))

    def test_a_manager_adds_a_host(self):
        rule = self.env.ref("veloc_messaging.veloc_style_rule_links")
        rule.phrases = "parceiro.example"

        self.assertFalse(
            self._findings({**SMS, "body": "https://parceiro.example/a"})[0]
        )

    def test_a_phrase_of_one_language_leaves_the_others_alone(self):
        self.env["veloc.style.word"].create(
            {"name": "oferta", "kind": "forbidden", "lang": "en_US", "note": "No."}
        )

        self.assertFalse(self._findings({**SMS, "body": "Oferta"})[0])

    def test_a_mild_phrase_only_warns(self):
        self.env["veloc.style.word"].create(
            {"name": "oferta", "kind": "forbidden", "severity": "warns", "note": "Hm."}
        )

        findings, warnings = self._findings({**SMS, "body": "Oferta {{ amount }}"})

        self.assertFalse(findings)
        self.assertIn("“oferta” is not how we speak. Hm.", warnings)

    def test_a_list_of_phrases_needs_a_phrase(self):
        values = {"name": "x", "kind": "phrases", "advice": "x"}
        for phrases in (False, " \n ", "ok\n!!"):
            with self.subTest(phrases=phrases), self.assertRaises(ValidationError):
                self.env["veloc.style.rule"].create({**values, "phrases": phrases})

    def test_managers_keep_the_guide_and_users_read_it(self):
        user = new_test_user(self.env, "style_u", groups="veloc_messaging.group_user")
        manager = new_test_user(
            self.env, "style_m", groups="veloc_messaging.group_manager"
        )
        rule = self.env.ref("veloc_messaging.veloc_style_rule_calm")
        product = self.env.ref("veloc_messaging.veloc_style_product_forex")

        rule.with_user(manager).limit = 2
        product.with_user(manager).notice_ids[0].text = "Risco."
        for record in (rule, product, product.notice_ids[0]):
            with self.subTest(record=record):
                self.assertTrue(record.with_user(user).read(["display_name"]))
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"display_name": "x"})
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()


@tagged("post_install", "-at_install")
class TestNotices(TemplateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.forex = cls.env.ref("veloc_messaging.veloc_style_product_forex")

    def _body(self, channel, text="Oi. {{ risk_notice }}"):
        template = self._template(
            {"channel": channel, "lang": "pt_BR", "body": text, "subject": "Oi"},
            product_ids=[(6, 0, self.forex.ids)],
        )
        request = (self.ana.id, template.id, channel, {})
        return self.env["veloc.template"]._render([request])[0].body

    def test_an_sms_carries_the_short_notice(self):
        self.assertEqual(self._body("sms"), "Oi. CFD/Forex: risco de perda.")

    def test_an_email_carries_the_long_notice(self):
        body = self._body("email")

        self.assertIn("alto risco de perda rápida", body)
        self.assertIn("Resultados passados não garantem", body)

    def test_a_text_without_the_notice_is_not_approved(self):
        with self.assertRaisesRegex(UserError, "notice for “Forex and CFDs”"):
            self._body("sms", "Oi.")

    def test_the_notice_may_be_written_out(self):
        body = self._body("sms", "Oi. cfd/forex: risco de perda.")

        self.assertEqual(body, "Oi. cfd/forex: risco de perda.")

    def test_the_length_of_the_notice_counts(self):
        notice = self.forex.notice_ids.filtered(
            lambda n: n.channel == "sms" and n.lang == "pt_BR"
        )
        notice.text = "Risco. " * 100

        with self.assertRaisesRegex(UserError, "segments"):
            self._body("sms")

    def test_a_call_needs_no_notice_unless_it_has_one_of_its_own(self):
        self.assertEqual(self.forex._notices("call", "pt_BR"), ())
        self.env["veloc.style.notice"].create(
            {
                "product_id": self.forex.id,
                "channel": "call",
                "lang": "pt_BR",
                "text": "Diga que há risco de perda.",
            }
        )

        self.assertEqual(
            self.forex._notices("call", "pt_BR"),
            (("Forex and CFDs", "Diga que há risco de perda."),),
        )
