from datetime import date

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .template_case import SMS, TEXT, TemplateCase

MAIL = {
    "channel": "email",
    "lang": "pt_BR",
    "subject": "Oi {{ first_name | default('você') }}",
    "body": "<p>Recebemos {{ amount }}.</p><script>alert(1)</script>",
}


@tagged("post_install", "-at_install")
class TestVelocTemplateLook(TemplateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.channel.price"].search([]).active = False
        cls.manager = new_test_user(
            cls.env,
            "look_manager",
            groups="veloc_messaging.group_manager,base.group_partner_manager",
        )

    def _price(self, channel, price, **values):
        return self.env["veloc.channel.price"].create(
            {
                "channel": channel,
                "price": price,
                "currency_id": self.env.ref("base.USD").id,
                "date_from": "2025-01-01",
                **values,
            }
        )

    def _body(self, **values):
        template = self._template({**SMS, "body": TEXT, **values}, approve=False)
        return template.version_ids.body_ids.with_user(self.manager)

    def test_a_real_trader_reads_their_own_name(self):
        with Form(self._body()) as form:
            self.assertIn("Mariana, recebemos", form.look)
            form.look_mode = "person"
            form.look_partner_id = self.ana
            self.assertIn("Ana, recebemos R$ 1.234,56", form.look)

    def test_a_trader_without_a_usable_name_is_shown_as_such(self):
        self.ana.name = "www.golpe.com"
        form = Form(self._body(body="Oi {{ first_name | default('cliente') }}"))
        form.look_mode = "person"
        form.look_partner_id = self.ana

        self.assertIn("Oi cliente", form.look)

    def test_who_may_not_read_the_person_sees_samples(self):
        self.env["ir.rule"].create(
            {
                "name": "no traders",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.ana.id})]",
            }
        )
        body = self._body()
        virtual = body.new(origin=body)
        virtual.look_mode = "person"
        virtual.look_partner_id = self.ana

        self.assertIn("Mariana", virtual.look)
        self.assertNotIn("Ana,", virtual.look)

    def test_no_working_link_of_a_person_is_shown(self):
        form = Form(self._body(body="Oi {{ preferences_url }} fim"))
        form.look_mode = "person"
        form.look_partner_id = self.ana

        self.assertIn("veloc.example", form.look)

    def test_the_longest_values_are_shown_and_paid(self):
        self._price("sms", 0.05)
        with Form(self._body(body="Motivo: {{ reason }}. " * 2)) as form:
            self.assertIn("USD 0.0500 each, USD 50.00 per 1,000", form.look_cost)
            form.look_mode = "worst"
            self.assertIn("USD 0.1000 each", form.look_cost)

    def test_what_would_not_be_sent_says_why(self):
        with Form(self._body()) as form:
            form.body = "Oi {{ risk_notice }} {{ nada }}"
            self.assertIn("{{ nada }}", form.look_trouble)
            self.assertFalse(form.look)

    def test_the_look_follows_the_channel(self):
        for channel, mark in (
            ("sms", "o_veloc_phone"),
            ("whatsapp", "o_veloc_phone"),
            ("push", "o_veloc_phone"),
            ("email", "o_veloc_mail"),
            ("call", "o_veloc_script"),
        ):
            body = self.env["veloc.template.body"].new(
                {"channel": channel, "body": "x"}
            )
            with self.subTest(channel=channel):
                self.assertIn(mark, str(body.look))

    def test_no_script_of_an_email_runs_in_the_preview(self):
        self.assertNotIn("<script", str(self._body(**MAIL).look))

    def test_the_designed_text_is_shown_while_it_is_typed(self):
        form = Form(self._body(**MAIL))
        form.body_html = "<p>Mudou tudo</p>"

        self.assertIn("Mudou tudo", form.look)

    def test_looking_at_an_approved_text_changes_nothing(self):
        body = self._template().current_version_id.body_ids
        before = body.write_date

        body.write({"look_mode": "worst", "look_partner_id": self.ana.id})

        self.assertEqual(body.write_date, before)

    # === PRICES === #

    def test_the_best_fitting_price_counts(self):
        prices = self.env["veloc.channel.price"]
        brazil, portugal = self.env.ref("base.br"), self.env.ref("base.pt")
        general = self._price("whatsapp", 1)
        here = self._price("whatsapp", 2, country_id=brazil.id)
        utility = self._price("whatsapp", 3, country_id=brazil.id, category="UTILITY")
        later = self._price("whatsapp", 4, country_id=brazil.id, date_from="2026-06-01")
        day = date(2026, 1, 1)

        def find(country, category, day=day):
            return prices._find("whatsapp", country, category, day)

        self.assertEqual(find(portugal, "UTILITY"), general)
        self.assertEqual(find(brazil, "MARKETING"), here)
        self.assertEqual(find(brazil, "UTILITY"), utility)
        self.assertEqual(find(brazil, "MARKETING", date(2026, 7, 1)), later)
        self.assertFalse(prices._find("sms", brazil, False, day))

    def test_a_price_is_not_negative_and_known_once(self):
        self._price("sms", 1)
        for values, error in (
            ({"price": -1, "date_from": "2024-01-01"}, CheckViolation),
            ({"price": 2}, UniqueViolation),
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                self._price("sms", **values)
                self.env.flush_all()

    def test_without_a_price_the_editor_is_told(self):
        self.assertIn("No price is known", self._body().look_cost)

    def test_managers_keep_the_prices(self):
        user = new_test_user(self.env, "price_u", groups="veloc_messaging.group_user")
        price = self._price("sms", 1)

        price.with_user(self.manager).price = 2
        self.assertEqual(price.with_user(user).price, 2)
        with self.assertRaises(AccessError):
            price.with_user(user).price = 3


@tagged("post_install", "-at_install")
class TestVariants(TemplateCase):
    def _version(self, *bodies, **values):
        return self._template(*bodies, approve=False, **values).version_ids

    def test_one_text_becomes_drafts_for_the_other_channels(self):
        mail = {**MAIL, "body": "<p>Recebemos seu depósito de {{ amount }}.</p>"}
        version = self._version(mail, {**mail, "lang": "en_US"})

        self.assertIs(version.action_add_variants(), True)

        self.assertEqual(len(version.body_ids), 10)
        self.assertFalse(version.findings)
        sms = version.body_ids.filtered(
            lambda b: (b.channel, b.lang) == ("sms", "pt_BR")
        )
        self.assertIn("Recebemos seu depósito de {{ amount }}.", sms.body)
        self.assertEqual(sms.segments, 1)

    def test_what_is_written_stays(self):
        version = self._version({**SMS, "body": "Meu texto."})
        version.action_add_variants()
        version.action_add_variants()

        self.assertEqual(len(version.body_ids), 5)
        sms = version.body_ids.filtered(lambda b: b.channel == "sms")
        self.assertEqual(sms.body, "Meu texto.")

    def test_promotional_drafts_may_be_approved_as_they_are(self):
        version = self._version(
            {
                **MAIL,
                "body": "<p>Conheça a nova plataforma. {{ risk_notice }}</p>"
                "<p><a href='{{ unsubscribe_url }}'>Sair</a></p>",
            },
            purpose_id=self.purpose("marketing").id,
            product_ids=[
                (6, 0, self.env.ref("veloc_messaging.veloc_style_product_forex").ids)
            ],
        )
        version.action_add_variants()

        self.assertFalse(version.findings)
        version.action_approve()
        self.assertEqual(version.state, "approved")

    def test_without_a_text_there_is_nothing_to_derive(self):
        version = self._version()
        version.body_ids.unlink()

        with self.assertRaisesRegex(UserError, "Write one text first"):
            version.action_add_variants()

    def test_a_user_cannot_add_variants(self):
        user = new_test_user(self.env, "var_u", groups="veloc_messaging.group_user")

        with self.assertRaises(AccessError):
            self._version().with_user(user).action_add_variants()

    def test_the_matrix_shows_what_is_there_and_what_is_missing(self):
        version = self._version({**SMS, "body": "Oi"}, {**MAIL, "body": "{{ nada }}"})
        matrix = str(version.matrix)

        self.assertEqual(matrix.count("✓"), 1)
        self.assertEqual(matrix.count("To repair"), 1)
        self.assertEqual(matrix.count("—"), 8)


@tagged("post_install", "-at_install")
class TestCompare(TemplateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls._template({**SMS, "body": "Olá, tudo <bem>?"})
        cls.first = cls.template.current_version_id
        cls.template.action_new_version()
        cls.draft = cls.template.draft_version_id

    def test_a_draft_is_compared_with_the_version_in_use(self):
        self.assertEqual(self.draft.compare_with_id, self.first)
        self.assertIn("The texts are the same", self.draft.difference)
        self.assertFalse(self.first.compare_with_id)

    def test_a_changed_word_is_shown_as_gone_and_come(self):
        self.draft.body_ids.body = "Olá, muito <bem>?"

        shown = str(self.draft.difference)
        self.assertIn("tudo</del>", shown)
        self.assertIn("muito</ins>", shown)
        self.assertIn("&lt;bem&gt;", shown)

    def test_a_new_and_a_removed_text_are_named(self):
        self.draft.body_ids.unlink()
        self.draft.body_ids = [(0, 0, {**MAIL, "body": "<p>Oi</p>"})]

        shown = str(self.draft.difference)
        self.assertIn(">gone<", shown)
        self.assertIn(">new<", shown)

    def test_an_old_version_comes_back_as_a_draft(self):
        self.draft.body_ids.body = "Outra coisa."
        self.draft.action_approve()

        action = self.first.action_bring_back()

        back = self.template.draft_version_id
        self.assertEqual(action["res_id"], back.id)
        self.assertEqual(back.body_ids.body, "Olá, tudo <bem>?")
        self.assertEqual((back.number, back.state), (3, "draft"))

    def test_a_draft_is_not_overwritten(self):
        with self.assertRaisesRegex(UserError, "There is a draft already"):
            self.first.action_bring_back()

    def test_looking_at_another_version_changes_nothing(self):
        self.first.write({"compare_with_id": self.draft.id})

        self.assertEqual(self.first.state, "approved")

    def test_a_user_cannot_bring_back(self):
        user = new_test_user(self.env, "back_u", groups="veloc_messaging.group_user")

        with self.assertRaises(AccessError):
            self.first.with_user(user).action_bring_back()
