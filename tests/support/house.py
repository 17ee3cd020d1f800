"""A whole Veloc for a test: database, sandbox process, Odoo servers, users."""

import os
import shutil
from functools import cached_property

from .odoo_server import OdooServer
from .ports import free_block
from .postgres import Database
from .rpc import RpcClient, WebSession
from .sandbox import ACCOUNT_SID, META, TOKEN, SandboxProcess
from .time_machine import TimeMachine

PASSWORD = "e2e-Passw0rd"
PUSH_KEY = "5a" * 32
USERS = {
    "e2e_integration": ("veloc_crm.group_integration",),
    "e2e_analyst": ("veloc_crm.group_analyst",),
    "e2e_agent": ("veloc_crm.group_user",),
    "e2e_manager": (
        "veloc_crm.group_manager",
        "veloc_messaging.group_manager",
        "veloc_compliance.group_officer",
    ),
}
SENDERS = {"sandbox-sms": "29000", "sandbox-whatsapp": "+5511400400400"}
TWILIO = {"provider": "twilio", "account_sid": ACCOUNT_SID}
ACCOUNTS = {
    "sandbox-sms": {"channel": "sms", "sender": SENDERS["sandbox-sms"], **TWILIO},
    "sandbox-whatsapp": {
        "channel": "whatsapp",
        "sender": SENDERS["sandbox-whatsapp"],
        **TWILIO,
    },
    "sandbox-cloud": {
        "provider": "whatsapp",
        "channel": "whatsapp",
        "account_sid": "106540352242922",
        "waba_id": "102290129340398",
        "sender": "+5511940000003",
        "sequence": 25,
    },
    "email": {
        "provider": "smtp",
        "channel": "email",
        "sender": "Veloc <ola@veloc.example.com>",
    },
}


class House(TimeMachine):
    """One database with one sandbox and any number of Odoo servers."""

    def __init__(self, settings, name, folder, delay_ms=0):
        self.settings = settings
        self.folder = folder
        self.port = port = free_block()
        self.database = Database(settings, f"e2e_{os.getpid()}_{name}")
        webhook = f"http://127.0.0.1:{port}/veloc/webhook/whatsapp/sandbox-cloud"
        self.sandbox = SandboxProcess(port + 1, port + 2, folder, delay_ms, webhook)
        self.servers = []
        self._rpc = {}
        self._web = {}
        self._keys = {}

    def open(self, cron_threads=2, template=None, workers=0):
        """Copy the template, start sandbox and server, make ready for tests.

        ``template`` names a database that another house has made ready; ``workers``
        are web processes, as in production; without, one process does it all.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database.create(template or self.settings.template_db)
        # The house is made by copying, and it is the real one for its test.
        self.database.rows(
            "DELETE FROM ir_config_parameter "
            "WHERE key = 'veloc_messaging.database_identity'"
        )
        # Tests sign in with passwords, sit for as long as the suite takes, and read
        # crowds; what a real house asks there is tested in test_access.py.
        self.database.rows(
            "UPDATE res_groups SET veloc_second_factor = false, "
            "lock_timeout_inactivity = NULL, veloc_export_rows = 100000000"
        )
        # They also knock at wrong doors by the hundred, all from one address.
        self.database.rows(
            "UPDATE veloc_access_limit SET hits = 1000000 WHERE code = 'public_page'"
        )
        self._copy_files()
        self.sandbox.start()
        self.add_server(cron_threads=cron_threads, workers=workers).start()
        if not template:
            self._prepare()
        return self

    def close(self):
        """Stop every process and drop the database."""
        for server in self.servers:
            server.kill()
        self.sandbox.stop()
        self.database.drop()

    def _copy_files(self):
        source = self.settings.data_dir
        if not source:
            return
        files = source / "filestore" / self.settings.template_db
        target = self.folder / "data" / "filestore" / self.database.name
        if files.exists():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(files, target)

    # === SERVERS === #

    def add_server(self, **options):
        """Return one more server for this database, not started yet."""
        environment = {
            "VELOC_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "VELOC_SECRET_SANDBOX_SMS": TOKEN,
            "VELOC_SECRET_SANDBOX_WHATSAPP": TOKEN,
            "VELOC_SECRET_SANDBOX_CLOUD": META["SANDBOX_GRAPH_TOKEN"],
            "VELOC_SECRET_SANDBOX_CLOUD_APP": META["SANDBOX_APP_SECRET"],
            "VELOC_SECRET_SANDBOX_CLOUD_VERIFY": META["SANDBOX_VERIFY_TOKEN"],
            "VELOC_SECRET_SANDBOX_PUSH": PUSH_KEY,
            "VELOC_URL_SANDBOX_PUSH": self.sandbox.url,
            "VELOC_URL_SANDBOX_SMS": self.sandbox.url,
            "VELOC_URL_SANDBOX_WHATSAPP": self.sandbox.url,
            "VELOC_URL_SANDBOX_CLOUD": self.sandbox.url,
        }
        port = self.port if not self.servers else self.port + 2 + len(self.servers)
        server = OdooServer(
            self.settings,
            self.database,
            self.folder,
            port,
            environment=environment,
            smtp_port=self.sandbox.smtp_port,
            **options,
        )
        self.servers.append(server)
        return server

    @property
    def server(self):
        """Return the first server, the one with the public address."""
        return self.servers[0]

    @property
    def url(self):
        """Return the public address."""
        return self.server.url

    # === USERS === #

    @property
    def admin(self):
        """Return the administrator over XML-RPC."""
        return self.rpc(self.settings.admin_login, self.settings.admin_password)

    @property
    def manager(self):
        """Return a user who may do everything in Veloc and nothing else."""
        return self.rpc("e2e_manager")

    def rpc(self, login, password=PASSWORD):
        """Return a user over XML-RPC."""
        if login == "e2e_integration":
            password = self.api_key(login)  # programs have no password
        if login not in self._rpc:
            name = self.database.name
            self._rpc[login] = RpcClient(self.url, name, login, password)
        return self._rpc[login]

    def web(self, login):
        """Return a user in the web client."""
        if login not in self._web:
            name = self.database.name
            self._web[login] = WebSession(self.url, name, login, PASSWORD)
        return self._web[login]

    def api_key(self, login="e2e_integration"):
        """Return an API key: of a person by his own dialog, of a program by admin's."""
        if login not in self._keys:
            is_program = login == "e2e_integration"
            self._keys[login] = (
                self._key_of_program(login)
                if is_program
                else self.web(login).new_api_key()
            )
        return self._keys[login]

    def _key_of_program(self, login):
        (user_id,) = self.admin.search("res.users", [("login", "=", login)])
        values = {"user_id": user_id, "name": "e2e", "days": 1}
        wizard = self.admin.create("veloc.api.key.create", values)
        action = self.admin.call("veloc.api.key.create", "action_make", [wizard])
        return action["context"]["default_key"]

    def press(self, model, button, ids):
        """Press a button as the manager; XML-RPC cannot: buttons answer null."""
        return self.web("e2e_manager").call(model, button, ids)

    @cached_property
    def country_id(self):
        """Return the id of Brazil."""
        return self.admin.ref("base.br")

    # === PREPARATION === #

    def _prepare(self):
        admin = self.admin
        admin.set_parameter("veloc_messaging.in_doubt_grace", 3)
        self._make_users(admin)
        self._have_accounts()
        self.open_contact_hours(admin)

    def _make_users(self, admin):
        """Make all users in one call: each change of users empties Odoo's caches."""
        known = {u["login"] for u in admin.read("res.users", [], ["login"])}
        groups = {name for names in USERS.values() for name in names}
        ids = {name: admin.ref(name) for name in {*groups, "base.group_user"}}
        values = [
            {
                "name": login,
                "login": login,
                "password": PASSWORD,
                "email": f"{login}@example.com",
                "group_ids": [(4, ids[name]) for name in ("base.group_user", *names)],
            }
            for login, names in USERS.items()
            if login not in known
        ]
        context = {"no_reset_password": True, "tracking_disable": True}
        admin.call("res.users", "create", values, context=context)

    def _have_accounts(self):
        """Let the accounts of the demo, made if they are missing, use the sandbox."""
        rpc = self.manager
        known = {
            row["code"]: row["id"] for row in rpc.read("veloc.account", [], ["code"])
        }
        for code, values in ACCOUNTS.items():
            if code in known:
                rpc.write("veloc.account", [known[code]], values)
            else:
                rpc.create("veloc.account", {"code": code, "name": code, **values})
        # They were never other ones: what left before this moment can be looked up.
        self.database.rows("UPDATE veloc_account SET moved_at = NULL")

    def open_contact_hours(self, admin):
        """Let every channel be open at all hours: tests run at any time of day."""
        lines = admin.search("veloc.contact.hours", [])
        admin.call("veloc.contact.hours", "unlink", lines)
        always = {
            "weekday_from": "0",
            "weekday_to": "6",
            "hour_from": 0.0,
            "hour_to": 24.0,
            "on_holidays": True,
        }
        channels = ("email", "sms", "whatsapp", "push", "call")
        lines = [{"channel": channel, **always} for channel in channels]
        admin.create("veloc.contact.hours", lines)
