import base64
import time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.auth_totp.models.totp import TIMESTEP, hotp

from .access_common import PASSWORD, AccessCase
from .test_signing_in import LOGS

SETUP = "/veloc/second-factor"


@tagged("post_install", "-at_install")
class TestTheSecondFactor(AccessCase):
    """A role that asks for one gets no session without, by no door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.careful = cls._role(veloc_second_factor=True)
        cls._give(cls.anna, cls.careful)

    def _code(self, secret, steps=0):
        key = base64.b32decode(secret.replace(" ", ""))
        return f"{hotp(key, int(time.time() / TIMESTEP) + steps):06d}"

    def _secret(self, page):
        return page.text.partition('<code class="text-break">')[2].partition("<")[0]

    def _post(self, page, **data):
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        data["csrf_token"] = token
        return self.url_open(SETUP, data=data, allow_redirects=False)

    def _is_in(self):
        """Return whether the client page of the staff opens."""
        answer = self.url_open("/odoo", allow_redirects=False)
        return answer.status_code == 200

    @mute_logger(*LOGS)
    def test_without_one_the_password_leads_to_setting_it_up(self):
        answer = self._web("anna.staff", PASSWORD)
        self.assertEqual(answer.status_code, 303)
        self.assertIn(SETUP, answer.headers["Location"])
        self.assertFalse(self._is_in())

    @mute_logger(*LOGS)
    def test_a_right_code_sets_it_up_and_signs_in(self):
        self._web("anna.staff", PASSWORD)
        page = self.url_open(SETUP)
        answer = self._post(page, code=self._code(self._secret(page)))
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(self._is_in())
        self.assertTrue(self.anna.totp_enabled)

    @mute_logger(*LOGS)
    def test_a_wrong_code_does_not_and_cannot_be_guessed(self):
        self._limit("second_factor", 3, 3600)
        self._web("anna.staff", PASSWORD)
        page = self.url_open(SETUP)
        secret = self._secret(page)
        right = self._code(secret)
        wrong = f"{(int(right) + 1) % 10**6:06d}"
        codes = [self._post(page, code=wrong).status_code for _ in range(4)]
        self.assertEqual(codes, [200, 200, 200, 429])
        self.assertEqual(self._post(page, code=self._code(secret)).status_code, 429)
        self.assertFalse(self._is_in())
        self.assertFalse(self.anna.totp_enabled)

    @mute_logger(*LOGS)
    def test_the_key_stays_the_same_while_one_tries(self):
        self._web("anna.staff", PASSWORD)
        first = self._secret(self.url_open(SETUP))
        self.assertEqual(first, self._secret(self.url_open(SETUP)))
        self.assertEqual(len(first.replace(" ", "")), 32)

    @mute_logger(*LOGS)
    def test_the_page_is_for_nobody_without_the_password(self):
        self.authenticate(None, None)
        answer = self.url_open(SETUP, allow_redirects=False)
        self.assertIn("/web/login", answer.headers["Location"])

    @mute_logger(*LOGS)
    def test_who_has_an_app_is_asked_for_its_code(self):
        self.anna.totp_secret = "A" * 32
        answer = self._web("anna.staff", PASSWORD)
        self.assertIn("/web/login/totp", answer.headers["Location"])

    @mute_logger(*LOGS)
    def test_a_password_is_not_enough_where_a_passkey_is(self):
        self.env["auth.passkey.key"].with_user(self.anna).sudo().create(
            {"name": "phone", "credential_identifier": "x"}
        )
        answer = self._web("anna.staff", PASSWORD)
        self.assertIn(SETUP, answer.headers["Location"])
        page = self.url_open(SETUP)
        self.assertFalse(self._secret(page))
        self.assertFalse(self._is_in())

    @mute_logger(*LOGS)
    def test_roles_that_do_not_ask_sign_in_with_a_password(self):
        answer = self._web("rui.staff", PASSWORD)
        self.assertNotIn(SETUP, answer.headers["Location"])
        self.assertTrue(self._is_in())

    @mute_logger(*LOGS)
    def test_a_password_is_no_way_in_over_xmlrpc(self):
        self.assertFalse(self._xmlrpc("anna.staff", PASSWORD))
        key = self._key(self.anna)
        self.assertEqual(self._xmlrpc("anna.staff", key), self.anna.id)

    @mute_logger(*LOGS)
    def test_a_code_by_mail_is_not_a_second_factor_for_such_a_role(self):
        self.env["ir.config_parameter"].set_param("auth_totp.policy", "all_required")
        answer = self._web("anna.staff", PASSWORD)
        self.assertIn(SETUP, answer.headers["Location"])

    @mute_logger(*LOGS)
    def test_removing_it_is_noted_and_alerts(self):
        self.anna.totp_secret = "A" * 32
        self.assertFalse(self._alerts())
        self.anna.totp_secret = False
        self.assertEqual(self._alerts().res_id, self.anna.id)
        entries = self.env["veloc.ledger.entry"].search(
            [("model", "=", "res.users"), ("res_id", "=", self.anna.id)]
        )
        self.assertIn("app_removed", " ".join(entries.mapped("public")))

    @mute_logger(*LOGS)
    def test_setting_it_up_again_closes_the_alert(self):
        self.anna.totp_secret = "A" * 32
        self.anna.totp_secret = False
        self.anna.totp_secret = "B" * 32
        self.assertFalse(self._alerts())

    def _alerts(self):
        domain = [
            ("code", "=", "mfa_disabled"),
            ("key", "=", str(self.anna.id)),
            ("state", "=", "open"),
        ]
        return self.env["veloc.alert"].search(domain)

    def test_the_last_passkey_counts_as_removing_it(self):
        keys = self.env["auth.passkey.key"].with_user(self.anna).sudo()
        key = keys.create({"name": "phone", "credential_identifier": "y"})
        key.unlink()
        self.assertTrue(self._alerts())

    def test_a_house_where_no_role_asks_for_one_is_told_so(self):
        groups = self.env["res.groups"].search([("veloc_second_factor", "=", True)])
        rule = self.env.ref("veloc_compliance.veloc_alert_rule_second_factor_off")
        watch = self.env["veloc.watch"]
        self.assertFalse(watch._check_second_factor_off(rule, None))
        groups.veloc_second_factor = False
        self.assertTrue(watch._check_second_factor_off(rule, None))


@tagged("post_install", "-at_install")
class TestProgramsAreNotPeople(AccessCase):
    """A program has keys with an end, and no way in on the web."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.programs = cls.env.ref("veloc_compliance.group_program")
        cls.programs.api_key_duration = 30
        cls._give(cls.rui, cls.programs)

    @mute_logger(*LOGS)
    def test_it_cannot_sign_in_on_the_web(self):
        self.assertEqual(self._web("rui.staff", PASSWORD).status_code, 200)
        answer = self.url_open("/odoo", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)

    @mute_logger(*LOGS)
    def test_its_password_opens_nothing_over_rpc(self):
        self.assertFalse(self._xmlrpc("rui.staff", PASSWORD))
        self.assertEqual(self._xmlrpc("rui.staff", self._key(self.rui)), self.rui.id)

    def _make(self, user, days, by="base.user_admin"):
        wizard = self.env["veloc.api.key.create"].with_user(self.env.ref(by))
        return wizard.create({"user_id": user.id, "name": "x", "days": days})

    @mute_logger(*LOGS)
    def test_an_administrator_makes_its_key_which_is_shown_once(self):
        action = self._make(self.rui, 30).action_make()
        key = action["context"]["default_key"]
        self.assertEqual(self._json2(key, "res.users/context_get").status_code, 200)
        kept = self.env["res.users.apikeys"].search([("user_id", "=", self.rui.id)])
        self.assertTrue(kept.expiration_date)

    def test_a_key_lives_as_long_as_its_role_says(self):
        with self.assertRaises(UserError):
            self._make(self.rui, 31).action_make()

    def test_nobody_makes_keys_of_people_for_them(self):
        with self.assertRaises(UserError):
            self._make(self.anna, 1).action_make()

    def test_a_reset_is_not_mailed_for_a_program(self):
        self.assertFalse(self.env["res.users"].reset_password("rui.staff"))

    def test_integrations_of_the_broker_are_programs(self):
        found = self.env.ref("veloc_crm.group_integration", raise_if_not_found=False)
        if found:
            self.assertIn(self.programs, found.all_implied_ids)
