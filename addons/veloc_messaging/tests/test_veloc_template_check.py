from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .template_case import SMS, TemplateCase


@tagged("post_install", "-at_install")
class TestVelocTemplateCheck(TemplateCase):
    def _refusal(self, *bodies, **values):
        """Return what a manager reads who approves these texts."""
        template = self._template(*bodies, approve=False, **values)
        with self.assertRaises(UserError) as refused:
            template.version_ids.action_approve()
        self.assertEqual(template.version_ids.state, "draft")
        self.assertFalse(template.current_version_id)
        return refused.exception.args[0]

    def test_a_refusal_says_where_what_and_what_to_do(self):
        said = self._refusal({**SMS, "body": "{{ fist_name }}"})

        self.assertIn("SMS, pt_BR", said)
        self.assertIn("“fist_name”", said)
        self.assertIn("Did you mean first_name?", said)

    def test_all_that_is_wrong_is_said_at_once(self):
        said = self._refusal(
            {**SMS, "body": "Lucro garantido! {{ x.y }}"},
            {"channel": "email", "lang": "en_US", "body": "<p>Hi</p>"},
            purpose_id=self.purpose("marketing").id,
        )

        self.assertIn("“.y” may not be used", said)
        self.assertIn("E-mail: there is no text in Brazilian Portuguese", said)
        self.assertIn("E-mail, en_US: the e-mail has no subject", said)
        self.assertIn("E-mail, en_US: a promotional e-mail must offer a way out", said)

    def test_a_promotional_text_names_how_to_stop_it(self):
        said = self._refusal(
            {**SMS, "body": "Volte a negociar"},
            purpose_id=self.purpose("marketing").id,
        )

        self.assertIn("must say how to stop it", said)

    def test_a_service_text_needs_no_way_out(self):
        self.assertTrue(self._template({**SMS, "body": "Oi"}).current_version_id)

    def test_the_shipped_style_guide_knows_what_nobody_can_promise(self):
        for promise in (
            "Lucro garantido",
            "operações sem risco",
            "guaranteed profit",
            "Risk-free trading",
            "ganhe 5% ao mês",
        ):
            with self.subTest(promise=promise):
                said = self._refusal(
                    {**SMS, "body": promise}, code=f"c{abs(hash(promise))}"
                )
                self.assertIn("promises what nobody can promise", said)

    def test_a_phrase_added_to_the_style_guide_counts_at_once(self):
        self.env["veloc.style.word"].create({"name": "imperdível", "kind": "forbidden"})

        self.assertIn("imperdivel", self._refusal({**SMS, "body": "Oferta IMPERDIVEL"}))

    def test_an_archived_phrase_does_not_count(self):
        word = self.env.ref(
            "veloc_messaging.veloc_style_word_forbidden_lucro_garantido"
        )
        word.active = False

        template = self._template({**SMS, "body": "Lucro garantido"})

        self.assertTrue(template.current_version_id)

    def test_where_trading_is_offered_the_risk_notice_is_asked_for(self):
        said = self._refusal({**SMS, "body": "Negocie já"}, risk_notice=True)

        self.assertIn("{{ risk_notice }}", said)

    def test_a_long_sms_is_refused_with_its_limit(self):
        said = self._refusal({**SMS, "body": "a" * 161}, max_segments=1)

        self.assertIn("takes 2 segments; the limit is 1", said)

    def test_the_draft_shows_what_approval_would_say(self):
        version = self._template({**SMS, "body": "{{ x }}"}, approve=False).version_ids

        self.assertIn("“x”", version.findings)
        version.body_ids.body = "Oi"
        self.assertFalse(version.findings)


@tagged("post_install", "-at_install")
class TestBodyForm(TemplateCase):
    """What an editor sees while typing."""

    def _form(self, **values):
        template = self._template({**SMS, "body": "Oi", **values}, approve=False)
        return Form(template.version_ids.body_ids)

    def test_the_cost_of_an_sms_follows_the_typing(self):
        with self._form(remove_accents=False) as form:
            self.assertEqual((form.segments, form.encoding), (1, "GSM-7"))
            form.body = "ação " * 15
            self.assertEqual((form.segments, form.encoding), (2, "UCS-2"))
            self.assertIn("1 instead of 2", form.cost_hint)
            form.remove_accents = True
            self.assertEqual((form.segments, form.encoding), (1, "GSM-7"))
            self.assertFalse(form.cost_hint)

    def test_the_preview_follows_the_typing_and_the_language(self):
        with self._form() as form:
            form.body = "{{ first_name }}: {{ amount }}"
            self.assertIn(">Mariana: R$ 1.234,56<", form.look)
            form.lang = "en_US"
            self.assertIn(">Mariana: R$1,234.56<", form.look)

    def test_what_must_be_repaired_follows_the_typing(self):
        with self._form() as form:
            form.body = "{{ nada }}"
            self.assertIn("“nada”", form.findings)
            form.body = "Oi"
            self.assertFalse(form.findings)

    def test_an_emoji_is_named_as_the_cause_of_the_cost(self):
        with self._form() as form:
            form.body = "Oi 🚀"
            self.assertIn("🚀", form.cost_hint)

    def test_a_designed_email_is_stored_as_its_text(self):
        form = self._form(channel="email", subject="Oi")
        form.body_html = "<p>Olá</p>"

        body = form.save()

        self.assertEqual(body.body, "<p>Olá</p>")
        self.assertEqual(str(body.preview_html), "<p>Olá</p>")

    def test_a_script_is_not_run_in_the_preview(self):
        body = self._form(channel="email").record
        body.body = "<p>Oi</p><script>alert(1)</script>"

        self.assertNotIn("script", str(body.preview_html))

    def test_every_variable_is_explained_with_a_sample(self):
        help_text = str(self._form().record.variable_help)

        self.assertIn("{{ amount }}", help_text)
        self.assertIn("R$ 1.234,56", help_text)
