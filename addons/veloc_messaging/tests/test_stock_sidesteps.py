from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestStockSidesteps(MessagingCase, MockEmail):
    """Odd ways to have Odoo write to people of ours lead to the gate as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Known to the gate, without any consent for e-mail.
        cls._grant(cls.ana, channel="sms")
        cls.salesman = new_test_user(
            cls.env,
            "sly_salesman",
            groups="base.group_user,base.group_partner_manager",
            email="sly@broker.example.com",
        )

    def _reached(self):
        return {to for mail in self._mails for to in mail["email_to"]}

    def _compose(self, **values):
        composer = self.env["mail.compose.message"].with_user(self.salesman)
        composer.create(
            {
                "model": "res.users",
                "res_ids": str(self.salesman.ids),
                "subject": "Oi",
                "body": "<p>Ganhe um bônus</p>",
                **values,
            }
        )._action_send_mail()

    def test_a_mail_about_a_user_is_no_mail_about_somebodys_login(self):
        for mode in ("comment", "mass_mail"):
            with self.subTest(mode), freeze_time(NOON), self.mock_mail_gateway():
                self._compose(composition_mode=mode, partner_ids=[(6, 0, self.ana.ids)])
                self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
                self.assertFalse([to for to in self._reached() if "ana@" in to])

    def test_a_copy_of_a_login_mail_to_somebody_else_passes_the_gate(self):
        mail = self.env["mail.mail"].create(
            {
                "subject": "Oi",
                "body_html": "<p>Oi</p>",
                "model": "res.users",
                "res_id": self.salesman.id,
                "email_to": "sly@broker.example.com",
                "email_cc": "ana@example.com",
            }
        )
        with freeze_time(NOON), self.mock_mail_gateway():
            mail.send()

        self.assertEqual(mail.email_cc, False)
        self.assertIn("sly@", mail.email_to)
