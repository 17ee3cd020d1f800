from odoo.tests import tagged

from .template_case import SMS, TEXT, TemplateCase

MONEY = {"amount": "1234.56", "currency": "BRL"}
MAIL = {"channel": "email", "lang": "pt_BR", "subject": "Depósito", "body": "<p>x</p>"}


@tagged("post_install", "-at_install")
class TestVelocTemplateRender(TemplateCase):
    def _render_one(self, template, variables=MONEY, partner=None, channel="sms"):
        partner = partner or self.ana
        request = (partner.id, template.id, channel, variables)
        return self.env["veloc.template"]._render([request])[0]

    def test_money_is_written_as_brazilians_write_it(self):
        text = self._render_one(self._template())

        self.assertEqual(text.body, "Ana, recebemos R$ 1.234,56.")
        self.assertEqual((text.lang, text.segments, text.error), ("pt_BR", 1, None))

    def test_each_person_reads_their_own_language_and_clock(self):
        template = self._template(
            {**SMS, "body": "{{ event_at }}"},
            {**SMS, "lang": "en_US", "body": "{{ event_at }}"},
        )
        self.rui.write({"lang": "en_US", "tz": "America/Manaus"})
        requests = [
            (person.id, template.id, "sms", {"event_at": "2026-03-10T01:30:00Z"})
            for person in (self.ana, self.rui)
        ]

        bodies = [text.body for text in self.env["veloc.template"]._render(requests)]

        self.assertEqual(bodies, ["09/03/2026 22:30", "Mar 9, 2026 9:30 PM"])

    def test_a_language_without_a_text_falls_back_to_portuguese(self):
        self.rui.lang = "en_US"

        text = self._render_one(self._template(), partner=self.rui)

        self.assertEqual(text.lang, "pt_BR")

    def test_a_person_without_a_usable_name_is_greeted_all_the_same(self):
        template = self._template()
        for name in ("www.golpe.com", "11 99999-0000", "a@b.com.br"):
            self.ana.name = name
            with self.subTest(name=name):
                body = self._render_one(template).body
                self.assertEqual(body, "Ola, recebemos R$ 1.234,56.")

    def test_a_missing_value_is_an_error_that_names_it(self):
        template = self._template()
        nothing = ({"amount": value} for value in (None, False, ""))
        for variables in ({}, None, *nothing):
            with self.subTest(variables=variables):
                text = self._render_one(template, variables)
                self.assertEqual(
                    (text.error, text.detail), ("missing_variable", "amount")
                )

    def test_a_value_that_is_no_amount_is_an_error(self):
        template = self._template()
        for amount in ("dez", "NaN", "1,5", [], {}):
            with self.subTest(amount=amount):
                text = self._render_one(template, {"amount": amount})
                self.assertEqual(text.error, "bad_value")

    def test_a_bad_request_does_not_hurt_the_others(self):
        template = self._template()
        draft = self._template(code="draft_only", approve=False)
        good = (self.ana.id, template.id, "sms", MONEY)
        requests = [
            (self.ana.id, draft.id, "sms", MONEY),
            (self.ana.id, 0, "sms", MONEY),
            (0, template.id, "sms", MONEY),
            (self.ana.id, template.id, "push", MONEY),
            (self.ana.id, template.id, "sms", {}),
            good,
        ]

        texts = self.env["veloc.template"]._render(requests)

        self.assertEqual(
            [text.error for text in texts],
            [
                "no_approved_version",
                "no_approved_version",
                "no_partner",
                "no_body",
                "missing_variable",
                None,
            ],
        )

    def test_a_caller_cannot_change_who_the_person_or_the_house_is(self):
        template = self._template(
            {**SMS, "body": "{{ first_name }} {{ support_email }} {{ amount }}"}
        )
        self.env["ir.config_parameter"].set_param(
            "veloc_messaging.support_email", "ajuda@veloc.example"
        )

        text = self._render_one(
            template, MONEY | {"first_name": "X", "support_email": "x@y.z"}
        )

        self.assertEqual(text.body, "Ana ajuda@veloc.example R$ 1.234,56")

    def test_values_are_escaped_in_an_email_only(self):
        text = "{{ reference }}"
        template = self._template({**MAIL, "body": text}, {**SMS, "body": text})
        value = {"reference": "<b>1 & 2"}

        mail = self._render_one(template, value, channel="email")
        sms = self._render_one(template, value)

        self.assertEqual(mail.body, "&lt;b&gt;1 &amp; 2")
        self.assertEqual(sms.body, "<b>1 & 2")

    def test_a_value_cannot_add_a_header_to_an_email(self):
        template = self._template({**MAIL, "subject": "Ref {{ reference }}"})

        mail = self._render_one(
            template, {"reference": "1\r\nBcc: x@y.z"}, channel="email"
        )

        self.assertEqual(mail.subject, "Ref 1 Bcc: x@y.z")

    def test_the_ways_out_are_links_of_the_person(self):
        template = self._template(
            {**MAIL, "body": "{{ unsubscribe_url }} {{ preferences_url }}"},
            purpose_id=self.purpose("marketing").id,
        )

        body = self._render_one(template, channel="email").body

        unsubscribe, preferences = body.split()
        purpose = self.purpose("marketing")
        self.assertEqual(
            unsubscribe, self.ana._veloc_unsubscribe_url(purpose, "email")[self.ana.id]
        )
        self.assertEqual(preferences, self.ana._veloc_preferences_url()[self.ana.id])

    def test_a_whatsapp_template_gets_its_numbered_variables(self):
        template = self._template(
            {
                **SMS,
                "channel": "whatsapp",
                "body": TEXT,
                "content_sid": "HX" + "a" * 32,
                "content_variables": "first_name, amount",
            }
        )

        text = self._render_one(template, channel="whatsapp")

        self.assertEqual(text.content_sid, "HX" + "a" * 32)
        self.assertEqual(text.content_variables, {"1": "Ana", "2": "R$ 1.234,56"})

    def test_accents_stay_in_an_sms_that_wants_them(self):
        template = self._template(
            {**SMS, "body": "Olá, atenção", "remove_accents": False}
        )

        self.assertEqual(self._render_one(template).body, "Olá, atenção")

    def test_the_queries_do_not_grow_with_the_requests(self):
        templates = self._template() | self._template(
            {**MAIL, "body": "{{ unsubscribe_url }} {{ preferences_url }}"},
            {**SMS, "body": "{{ first_name }} {{ event_at }}"},
            code="second",
        )
        people = self.env["res.partner"].create(
            [self._prepare_person(f"Pessoa {n}", "", "") for n in "ABCDEFGHIJ" * 5]
        )
        variables = MONEY | {"event_at": "2026-03-10T01:30:00Z"}

        def count(partners):
            requests = [
                (partner.id, template.id, channel, variables)
                for partner in partners
                for template in templates
                for channel in ("sms", "email")
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            texts = self.env["veloc.template"]._render(requests)
            self.assertEqual(len(texts), len(requests))
            return self.cr.sql_log_count - before

        count(people[:1])  # fills the caches of settings
        self.assertEqual(count(people), count(people[:1]))
        self.assertLessEqual(count(people), 9)
