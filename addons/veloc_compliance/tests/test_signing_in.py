from contextlib import suppress

from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .access_common import PASSWORD, AccessCase

LOGS = (
    "odoo.addons.base.models.res_users",
    "odoo.addons.rpc.controllers.xmlrpc",
    "odoo.addons.rpc.controllers.jsonrpc",
    "odoo.http",
)


# In the language of the database, or of whoever asks.
TOO_MANY = "Too many tries|Tentativas demais"


@tagged("post_install", "-at_install")
class TestGuessingIsSlow(AccessCase):
    """Whoever guesses must wait, at every door; nobody else does."""

    def setUp(self):
        super().setUp()
        self._limit("signin_pair", 3)
        self._limit("signin_account", 6)
        self._limit("signin_address", 6)

    @mute_logger(*LOGS)
    def test_xmlrpc_is_counted_as_odoo_does_not(self):
        tries = [self._xmlrpc("anna.staff", f"wrong {n}") for n in range(3)]
        self.assertEqual(tries, [False] * 3)
        self.assertRegex(self._xmlrpc("anna.staff", PASSWORD), TOO_MANY)

    @mute_logger(*LOGS)
    def test_jsonrpc_is_counted_too(self):
        for number in range(3):
            self.assertFalse(self._jsonrpc("anna.staff", f"wrong {number}"))
        self.assertRegex(self._jsonrpc("anna.staff", PASSWORD), TOO_MANY)

    @mute_logger(*LOGS)
    def test_the_web_form_says_how_long_to_wait(self):
        for number in range(3):
            self.assertEqual(self._web("anna.staff", f"no {number}").status_code, 200)
        refused = self._web("anna.staff", PASSWORD)
        self.assertEqual(refused.status_code, 429)
        self.assertRegex(refused.text, TOO_MANY)
        self.assertTrue(0 < int(refused.headers["Retry-After"]) <= 900)

    @mute_logger(*LOGS)
    def test_all_doors_count_together(self):
        self._xmlrpc("anna.staff", "wrong")
        self._jsonrpc("anna.staff", "wrong")
        self._web("anna.staff", "wrong")
        self.assertEqual(self._web("anna.staff", PASSWORD).status_code, 429)

    @mute_logger(*LOGS)
    def test_names_that_nobody_has_are_counted_alike(self):
        for _ in range(3):
            self.assertFalse(self._xmlrpc("nobody.here", "wrong"))
        self.assertRegex(self._xmlrpc("nobody.here", "wrong"), TOO_MANY)

    @mute_logger(*LOGS)
    def test_signing_in_makes_up_for_wrong_tries(self):
        for _ in range(5):
            self._xmlrpc("anna.staff", "wrong")
            self.assertEqual(self._xmlrpc("anna.staff", PASSWORD), self.anna.id)

    @mute_logger(*LOGS)
    def test_right_passwords_are_never_too_many(self):
        answers = {self._xmlrpc("anna.staff", PASSWORD) for _ in range(20)}
        self.assertEqual(answers, {self.anna.id})

    @mute_logger(*LOGS)
    def test_one_address_does_not_lock_out_the_company(self):
        self.assertEqual(self._xmlrpc("rui.staff", PASSWORD), self.rui.id)
        for number in range(8):
            self._xmlrpc(f"stranger.{number}", "wrong")
        self.assertRegex(self._xmlrpc("anna.staff", PASSWORD), TOO_MANY)
        self.assertEqual(self._xmlrpc("rui.staff", PASSWORD), self.rui.id)

    @mute_logger(*LOGS)
    def test_signing_in_with_ones_own_account_does_not_reset_the_address(self):
        for number in range(8):
            self._xmlrpc(f"stranger.{number}", "wrong")
            self._xmlrpc("rui.staff", PASSWORD)
        self.assertRegex(self._xmlrpc("stranger.9", "wrong"), TOO_MANY)

    @mute_logger(*LOGS)
    def test_the_owner_is_not_locked_out_by_those_who_guess_elsewhere(self):
        self._xmlrpc("anna.staff", PASSWORD)
        guard, limits = self.env["veloc.signin"], self.limits
        attempt = guard._attempt("anna.staff")
        for _ in range(7):
            limits._hit("signin_account", attempt.account)
        self.assertGreater(limits._wait("signin_account", attempt.account), 0)
        self.assertEqual(self._xmlrpc("anna.staff", PASSWORD), self.anna.id)

    @mute_logger(*LOGS)
    def test_a_password_asked_for_inside_a_session_is_counted(self):
        anna = self.anna.with_user(self.anna)
        for number in range(3):
            # Not assertRaises: it takes back what was counted.
            with suppress(AccessDenied):
                anna.change_password(f"wrong {number}", "outra frase bem longa")
        with self.assertRaisesRegex(UserError, TOO_MANY):
            anna.change_password(PASSWORD, "outra frase bem longa")

    @mute_logger(*LOGS)
    def test_who_failed_is_listed_and_unlocked_by_a_button(self):
        for number in range(3):
            self._xmlrpc("anna.staff", f"wrong {number}")
        self._web("anna.staff", PASSWORD)
        row = self.failures.search([("user_id", "=", self.anna.id)])
        self.assertRecordValues(
            row.sorted("channel"),
            [
                {"count": 0, "refused": 1, "channel": "web", "is_locked": True},
                {"count": 3, "refused": 0, "channel": "xmlrpc", "is_locked": True},
            ],
        )
        self.assertEqual(set(row.mapped("address")), {"127.0.0.1"})
        self.assertLessEqual(row, self.failures.search([("is_locked", "=", True)]))
        row.with_user(self.env.ref("base.user_admin")).action_unlock()
        self.assertFalse(any(row.mapped("is_locked")))
        self.assertEqual(self._xmlrpc("anna.staff", PASSWORD), self.anna.id)

    @mute_logger(*LOGS)
    def test_only_the_officer_and_administrators_unlock(self):
        for number in range(3):
            self._xmlrpc("anna.staff", f"wrong {number}")
        row = self.failures.search([("user_id", "=", self.anna.id)])
        with self.assertRaises(AccessError):
            row.with_user(self.rui).action_unlock()

    @mute_logger(*LOGS)
    def test_a_password_typed_as_a_name_is_not_kept(self):
        self._xmlrpc("My-Secret-Passphrase", "wrong")
        row = self.failures.search([("user_id", "=", False)], limit=1)
        self.assertEqual(row.login_hint, "My…")
        self.env.cr.execute("SELECT account_key FROM veloc_signin_failure")
        self.assertNotIn("passphrase", str(self.env.cr.fetchall()).lower())

    @mute_logger(*LOGS)
    def test_a_lock_stands_in_the_ledger(self):
        entries = self.env["veloc.ledger.entry"]
        before = entries.search_count([("kind", "=", "access")])
        for number in range(3):
            self._xmlrpc("anna.staff", f"wrong {number}")
        after = entries.search([("kind", "=", "access")])
        self.assertEqual(len(after) - before, 1)
        self.assertIn('"locked"', after[0].public)

    def test_old_rows_are_forgotten_after_six_months(self):
        self.env.cr.execute(
            "INSERT INTO veloc_signin_failure (day, channel, count, account_key, "
            "address_key) VALUES (now() - interval '181 days', 'web', 1, 'x', 'x'), "
            "(now() - interval '179 days', 'web', 1, 'y', 'y')"
        )
        self.failures._gc_old()
        self.env.cr.execute(
            "SELECT account_key FROM veloc_signin_failure WHERE channel = 'web' "
            "AND account_key IN ('x', 'y')"
        )
        self.assertEqual(self.env.cr.fetchall(), [("y",)])


@tagged("post_install", "-at_install")
class TestKeysAndCalls(AccessCase):
    """Programs: wrong keys beside right ones, and right ones used without end.

    A request that fails is rolled back with all it counted in a test; that wrong keys
    are counted is proved on a real server (tests/e2e/test_access.py).
    """

    @mute_logger(*LOGS)
    def test_a_right_key_is_not_held_up_by_wrong_ones_beside_it(self):
        self._limit("bearer", 1, 300)
        key = self._key(self.anna)
        for number in range(4):
            self._json2(f"{number:040d}")
        self.assertEqual(self._json2(key, "res.users/context_get").status_code, 200)

    @mute_logger(*LOGS)
    def test_a_program_in_a_loop_is_slowed_down(self):
        self._limit("api_calls", 3, 60)
        key = self._key(self.anna)
        path = "res.users/context_get"
        codes = [self._json2(key, path).status_code for _ in range(5)]
        self.assertEqual(codes.count(429), 2)

    @mute_logger(*LOGS)
    def test_xmlrpc_calls_are_counted_for_each_user(self):
        self._limit("api_calls", 3, 60)
        for _ in range(3):
            self._object(self.anna.id, PASSWORD)
        with self.assertRaises(Exception) as refused:
            self._object(self.anna.id, PASSWORD)
        self.assertRegex(str(refused.exception), TOO_MANY)
        self._object(self.rui.id, PASSWORD)


@tagged("post_install", "-at_install")
class TestResettingAPassword(AccessCase):
    """The form tells nobody who has an account, and is no way to send mail."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("auth_signup.reset_password", "True")

    def _reset(self, login):
        self.opener.cookies.clear()
        self.authenticate(None, None)
        page = self.url_open("/web/reset_password")
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        data = {"login": login, "csrf_token": token}
        return self.url_open("/web/reset_password", data=data)

    @mute_logger(*LOGS)
    def test_it_answers_the_same_for_strangers(self):
        known, unknown = (
            self._reset(name).text.partition('role="status">')[2].partition("</p>")[0]
            for name in ("anna.staff", "nobody.here")
        )
        self.assertTrue(known.strip())
        self.assertEqual(known, unknown)

    @mute_logger(*LOGS)
    def test_one_account_gets_a_few_mails_at_most(self):
        self._limit("reset_account", 2, 3600)
        sent = []
        self.patch(
            type(self.env["res.users"]),
            "_action_reset_password",
            lambda users, signup_type="reset": sent.append(users),
        )
        for _ in range(4):
            self._reset("anna.staff")
        self.assertEqual(len(sent), 2)

    @mute_logger(*LOGS)
    def test_one_address_cannot_try_out_names_without_end(self):
        self._limit("reset_address", 2, 3600)
        for name in ("a", "b"):
            self._reset(name)
        self.assertRegex(self._reset("c").text, TOO_MANY)


@tagged("post_install", "-at_install")
class TestPasswordsThatHold(AccessCase):
    """Twelve characters that are not about their owner; no other rules."""

    def test_a_person_cannot_choose_a_weak_one(self):
        anna = self.anna.with_user(self.anna)
        for weak in ("short", "Password1234!", "anna.staff.2026"):
            with self.subTest(weak=weak), self.assertRaises(Exception) as refused:
                anna.change_password(PASSWORD, weak)
            self.assertIn("password", str(refused.exception).lower())

    def test_a_long_phrase_without_digits_is_fine(self):
        anna = self.anna.with_user(self.anna)
        self.assertTrue(anna.change_password(PASSWORD, "outra frase bem longa"))

    def test_an_administrator_cannot_give_a_weak_one_either(self):
        admin = self.env.ref("base.user_admin")
        with self.assertRaises(Exception) as refused:
            self.rui.with_user(admin).write({"password": "welcome"})
        self.assertIn("12", str(refused.exception))


@tagged("post_install", "-at_install")
class TestGuessingLinks(AccessCase):
    """Wrong links are answered 429 after a while; right ones always work."""

    def setUp(self):
        super().setUp()
        self._limit("public_page", 3, 60)

    def _guess(self):
        return [self.url_open(f"/veloc/preferences/{n}").status_code for n in range(5)]

    def test_who_guesses_must_wait(self):
        self.assertEqual(self._guess(), [404, 404, 404, 429, 429])
        refused = self.url_open("/veloc/unsubscribe/nothing")
        self.assertEqual(refused.status_code, 429)
        self.assertTrue(0 < int(refused.headers["Retry-After"]) <= 60)

    def test_whoever_has_a_right_link_is_never_held_up(self):
        partner = self.env["res.partner"].create({"name": "Ana"})
        path = partner._veloc_preferences_path()
        self._guess()
        self.assertEqual(self.url_open(path).status_code, 200)
