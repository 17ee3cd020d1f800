from odoo.exceptions import UserError
from odoo.modules.module import Manifest
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..rules.outside_services import senders
from .access_common import PASSWORD, AccessCase

OURS = ("veloc_compliance", "veloc_messaging", "veloc_crm")
LOGS = ("odoo.http", "odoo.addons.rpc.controllers.xmlrpc")


@tagged("post_install", "-at_install")
class TestWhatAnswersTell(AccessCase):
    """No tracebacks to clients; headers and cookies that keep browsers safe."""

    @mute_logger(*LOGS)
    def test_a_json2_error_has_no_traceback(self):
        key = self._key(self.anna)
        answer = self._json2(key, "res.partner/search_read", domain=[["nope", "=", 1]])
        self.assertGreaterEqual(answer.status_code, 400)
        self.assertNotIn("Traceback", answer.text)
        self.assertNotIn(".py", answer.text)
        self.assertRegex(answer.json()["debug"], r"^[0-9a-f]{8}$")
        self.assertIn("nope", answer.json()["message"])

    @mute_logger(*LOGS)
    def test_the_web_client_gets_none_either(self):
        self.authenticate("anna.staff", PASSWORD)
        params = {
            "model": "res.partner",
            "method": "search_read",
            "args": [[["nope", "=", 1]]],
            "kwargs": {},
        }
        answer = self.url_open("/web/dataset/call_kw", json={"params": params})
        self.assertNotIn("Traceback", answer.text)
        self.assertIn("nope", answer.json()["error"]["data"]["message"])

    @mute_logger(*LOGS)
    def test_xmlrpc_gets_none_either(self):
        with self.assertRaises(Exception) as refused:
            self._object(self.anna.id, PASSWORD, "res.partner", "no_such_method")
        self.assertNotIn("Traceback", str(refused.exception))
        self.assertIn("no_such_method", str(refused.exception))

    def test_pages_say_what_a_browser_may_load(self):
        headers = self.url_open("/web/login").headers
        policy = headers["Content-Security-Policy"]
        for part in ("object-src 'none'", "base-uri 'self'", "frame-ancestors 'self'"):
            self.assertIn(part, policy)
        self.assertEqual(headers["Referrer-Policy"], "same-origin")
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")

    def test_our_own_pages_keep_their_stricter_policy(self):
        answer = self.url_open("/veloc/preferences/nothing")
        policy = answer.headers["Content-Security-Policy"]
        self.assertTrue(policy.startswith("default-src 'none'"))
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")

    def test_the_session_s_cookie_is_not_for_other_sites(self):
        cookie = self.url_open("/web/login").headers["Set-Cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Lax", cookie)
        self.assertNotIn("Secure", cookie)  # plain HTTP here


@tagged("post_install", "-at_install")
class TestDataStaysAtHome(HttpCase):
    """No module that hands contacts to somebody else comes with ours."""

    def test_none_is_installed(self):
        self.assertFalse(self.env["ir.module.module"]._veloc_installed_senders())

    def test_none_is_among_what_our_addons_need(self):
        todo, needed = list(OURS), set()
        while todo:
            name = todo.pop()
            manifest = Manifest.for_addon(name, display_warning=False)
            if manifest and name not in needed:
                needed.add(name)
                todo += manifest["depends"]
        self.assertGreater(len(needed), 15)
        self.assertFalse(senders(needed))

    def _module(self, name):
        modules = self.env["ir.module.module"]
        return modules.search([("name", "=", name)]) or modules.create({"name": name})

    def test_installing_one_is_refused_with_what_it_sends(self):
        module = self._module("partner_autocomplete")
        module.state = "uninstalled"
        with self.assertRaisesRegex(UserError, "names and numbers of contacts"):
            module.button_install()

    def test_a_decision_makes_it_possible(self):
        modules = self.env["ir.module.module"]
        self.assertTrue(modules._veloc_senders(["partner_autocomplete"]))
        self.env["ir.config_parameter"].set_param(
            "veloc_compliance.outside_services", "web_unsplash, partner_autocomplete"
        )
        self.assertFalse(modules._veloc_senders(["partner_autocomplete"]))

    def test_one_that_is_there_all_the_same_alerts(self):
        rule = self.env.ref("veloc_compliance.veloc_alert_rule_outside_service_module")
        watch = self.env["veloc.watch"]
        self.assertFalse(watch._check_outside_service_module(rule, None))
        self._module("crm_iap_enrich").state = "installed"
        (found,) = watch._check_outside_service_module(rule, None)
        self.assertEqual(found.key, "crm_iap_enrich")
