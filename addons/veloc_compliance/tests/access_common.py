"""Set-up of the tests of access: people with roles, and the doors they use."""

import json
import xmlrpc.client

from odoo.fields import Command
from odoo.tests import HttpCase, get_db_name, new_test_user

PASSWORD = "cavalo bateria grampo"


class AccessCase(HttpCase):
    """Ana is a member of staff, Rui another; both have the same long password."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = new_test_user(cls.env, "anna.staff", password=PASSWORD)
        cls.rui = new_test_user(cls.env, "rui.staff", password=PASSWORD)
        cls.limits = cls.env["veloc.access.limit"]
        cls.failures = cls.env["veloc.signin.failure"]

    def setUp(self):
        super().setUp()
        # Other tests' tries, and those of an earlier run, are none of this one's.
        self.env.cr.execute("DELETE FROM veloc_rate_limit")

    def _limit(self, code, hits, seconds=900):
        self.limits.search([("code", "=", code)]).write(
            {"hits": hits, "seconds": seconds}
        )

    # === DOORS === #

    def _web(self, login, password):
        """Try the login form; return the answer."""
        self.opener.cookies.clear()
        self.session = None
        self.authenticate(None, None)
        page = self.url_open("/web/login")
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        data = {"login": login, "password": password, "csrf_token": token}
        return self.url_open("/web/login", data=data, allow_redirects=False)

    def _xmlrpc(self, login, password):
        """Return the uid, False, or the words of the fault."""
        try:
            return self.xmlrpc_common.authenticate(get_db_name(), login, password, {})
        except xmlrpc.client.Fault as fault:
            return fault.faultString

    def _object(self, uid, password, model="res.users", method="search_count"):
        return self.xmlrpc_object.execute_kw(
            get_db_name(), uid, password, model, method, [[]]
        )

    def _jsonrpc(self, login, password):
        args = [get_db_name(), login, password, {}]
        params = {"service": "common", "method": "authenticate", "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.url_open("/jsonrpc", data=json.dumps(body), headers=JSON).json()
        if "error" in answer:
            return answer["error"]["data"]["message"]
        return answer["result"]

    def _json2(self, key, path="res.partner/write", **body):
        headers = {**JSON, "Authorization": f"bearer {key}"}
        return self.url_open(
            f"/json/2/{path}", data=json.dumps(body or {"ids": []}), headers=headers
        )

    # === PEOPLE === #

    @classmethod
    def _role(cls, **values):
        """Return a new role."""
        return cls.env["res.groups"].create({"name": "Test role", **values})

    @classmethod
    def _give(cls, user, *groups):
        for group in groups:
            user.write({"group_ids": [Command.link(group.id)]})

    def _key(self, user):
        """Return a new API key of this user."""
        keys = self.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate("rpc", "test", None)


JSON = {"Content-Type": "application/json"}
