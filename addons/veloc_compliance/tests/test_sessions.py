import time

from odoo.fields import Command
from odoo.http import root
from odoo.tests import tagged
from odoo.tools import mute_logger

from .access_common import PASSWORD, AccessCase

HOUR = 3600


@tagged("post_install", "-at_install")
class TestSessionsEnd(AccessCase):
    """After 15 idle minutes, after 12 hours, and when account or roles change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("base.group_user", "base.group_portal"):
            cls.env.ref(name).write(
                {"lock_timeout": 720, "lock_timeout_inactivity": 15}
            )

    def _call(self):
        """Call the server as the web client does; return the kind of refusal or ""."""
        body = {"params": {}}
        answer = self.url_open("/web/session/check", json=body).json()
        return answer.get("error", {}).get("data", {}).get("name", "").split(".")[-1]

    def _age(self, **seconds):
        """Let parts of the session be so many seconds old."""
        session = root.session_store.get(self.session.sid)
        for name, old in seconds.items():
            session[name] = time.time() - old
        root.session_store.save(session)

    def test_a_fresh_session_works(self):
        self.authenticate("anna.staff", PASSWORD)
        self.assertEqual(self._call(), "")

    @mute_logger("odoo.http")
    def test_after_12_hours_one_signs_in_again(self):
        self.authenticate("anna.staff", PASSWORD)
        self._age(create_time=12 * HOUR + 1)
        self.assertEqual(self._call(), "SessionExpiredException")

    @mute_logger("odoo.http")
    def test_also_who_never_stops_working(self):
        """Odoo renews the session's birthday every three hours."""
        self.authenticate("anna.staff", PASSWORD)
        self.assertEqual(self._call(), "")
        self._age(veloc_since=12 * HOUR + 1, create_time=60, veloc_seen=5)
        self.assertEqual(self._call(), "SessionExpiredException")

    def test_eleven_hours_are_fine(self):
        self.authenticate("anna.staff", PASSWORD)
        self._age(veloc_since=11 * HOUR, create_time=60, veloc_seen=5)
        self.assertEqual(self._call(), "")

    @mute_logger("odoo.http")
    def test_after_15_idle_minutes_the_screen_is_locked(self):
        self.authenticate("anna.staff", PASSWORD)
        self._age(veloc_seen=15 * 60 + 1)
        self.assertEqual(self._call(), "CheckIdentityException")

    @mute_logger("odoo.http")
    def test_the_password_unlocks_it(self):
        self.authenticate("anna.staff", PASSWORD)
        self._age(veloc_seen=15 * 60 + 1)
        self.assertEqual(self._call(), "CheckIdentityException")
        params = {"type": "password", "login": "anna.staff", "password": PASSWORD}
        self.url_open("/auth-timeout/session/check-identity", json={"params": params})
        self.assertEqual(self._call(), "")

    def test_fourteen_minutes_are_fine(self):
        self.authenticate("anna.staff", PASSWORD)
        self._age(veloc_seen=14 * 60)
        self.assertEqual(self._call(), "")

    def test_working_keeps_it_awake(self):
        self.authenticate("anna.staff", PASSWORD)
        self._age(veloc_seen=14 * 60)
        self._call()
        session = root.session_store.get(self.session.sid)
        self.assertAlmostEqual(session["veloc_seen"], time.time(), delta=30)

    def test_roles_set_other_times(self):
        self.env.ref("base.group_user").lock_timeout_inactivity = 0
        self.authenticate("anna.staff", PASSWORD)
        self._age(veloc_seen=5 * HOUR)
        self.assertEqual(self._call(), "")

    @mute_logger("odoo.http")
    def test_a_disabled_account_is_out_at_once(self):
        self.authenticate("anna.staff", PASSWORD)
        self.anna.active = False
        self.env.flush_all()
        self.assertEqual(self._call(), "SessionExpiredException")

    @mute_logger("odoo.http")
    def test_new_roles_mean_signing_in_again(self):
        self.authenticate("anna.staff", PASSWORD)
        self._give(self.anna, self._role())
        self.env.flush_all()
        self.assertEqual(self._call(), "SessionExpiredException")

    @mute_logger("odoo.http")
    def test_a_role_taken_from_its_side_counts_too(self):
        role = self._role()
        self._give(self.anna, role)
        self.authenticate("anna.staff", PASSWORD)
        self.assertEqual(self._call(), "")
        role.write({"user_ids": [Command.unlink(self.anna.id)]})
        self.env.flush_all()
        self.assertEqual(self._call(), "SessionExpiredException")

    @mute_logger("odoo.http")
    def test_a_new_password_ends_the_sessions_elsewhere(self):
        self.authenticate("anna.staff", PASSWORD)
        self.anna.password = "outra frase bem longa"
        self.env.flush_all()
        self.assertEqual(self._call(), "SessionExpiredException")
