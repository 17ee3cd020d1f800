"""Ways into a running Odoo: XML-RPC as a program, JSON as the web client."""

import xmlrpc.client

import requests


class RpcClient:
    """One user over XML-RPC."""

    def __init__(self, url, database, login, password):
        self.url, self.database, self.password = url, database, password
        self.login = login
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.uid = common.authenticate(database, login, password, {})
        if not self.uid:
            raise AssertionError(f"login refused for {login}")
        self._models = xmlrpc.client.ServerProxy(
            f"{url}/xmlrpc/2/object", allow_none=True
        )

    def call(self, model, method, *args, **kwargs):
        """Call a public method and return its answer."""
        return self._models.execute_kw(
            self.database, self.uid, self.password, model, method, args, kwargs
        )

    def search(self, model, domain, **options):
        """Return ids."""
        return self.call(model, "search", domain, **options)

    def count(self, model, domain):
        """Return how many records match."""
        return self.call(model, "search_count", domain)

    def read(self, model, domain, fields, **options):
        """Return dicts of the fields."""
        return self.call(model, "search_read", domain, fields, **options)

    def create(self, model, values):
        """Return the id of a new record, or the ids of several."""
        return self.call(model, "create", values)

    def write(self, model, ids, values):
        """Change records."""
        return self.call(model, "write", ids, values)

    def set_parameter(self, key, value):
        """Set a config parameter; the user must be an administrator."""
        return self.call("ir.config_parameter", "set_param", key, str(value))

    def ref(self, xmlid):
        """Return the id behind an external id."""
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        return self.read("ir.model.data", domain, ["res_id"])[0]["res_id"]

    def run_cron(self, xmlid):
        """Run a scheduled job now, in the request's thread."""
        return self.call("ir.cron", "method_direct_trigger", [self.ref(xmlid)])


class WebSession:
    """One user over the web client's JSON routes."""

    def __init__(self, url, database, login, password):
        self.url, self._password = url, password
        self.http = requests.Session()
        self.http.trust_env = False
        parameters = {"db": database, "login": login, "password": password}
        self.uid = self._post("/web/session/authenticate", parameters)["uid"]

    def _post(self, path, parameters):
        body = {"jsonrpc": "2.0", "method": "call", "params": parameters}
        answer = self.http.post(f"{self.url}{path}", json=body, timeout=60).json()
        if "error" in answer:
            raise AssertionError(answer["error"]["data"]["message"])
        return answer.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method as the web client does."""
        parameters = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", parameters)

    def new_api_key(self, name="e2e"):
        """Return a new API key, made the way a person makes one in the preferences."""
        # A day's key of Odoo's ends at midnight UTC, which may be in a minute.
        values = {"name": name, "duration": "7"}
        wizard = self.call("res.users.apikeys.description", "create", values)
        action = self.call("res.users.apikeys.description", "make_key", [wizard])
        if action["res_model"] == "res.users.identitycheck":
            context = {"password": self._password}
            action = self.call(
                action["res_model"], "run_check", [action["res_id"]], context=context
            )
        return action["context"]["default_key"]
