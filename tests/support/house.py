"""A whole Veloc for a test: database, sandbox process, Odoo servers, users."""

import shutil
from functools import cached_property

from .odoo_server import OdooServer
from .postgres import Database
from .rpc import RpcClient, WebSession
from .sandbox import ACCOUNT_SID, TOKEN, SandboxProcess
from .waiting import wait_until

PASSWORD = "e2e-Passw0rd"
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
SMS, WHATSAPP, EMAIL = "sandbox-sms", "sandbox-whatsapp", "email"


class House:
    """One database with one sandbox and any number of Odoo servers."""

    def __init__(self, settings, name, folder, port, delay_ms=0):
        self.settings = settings
        self.folder = folder
        self.port = port
        self.database = Database(settings, f"e2e_{name}")
        self.sandbox = SandboxProcess(port + 1, port + 2, folder, delay_ms)
        self.servers = []
        self._rpc = {}
        self._keys = {}

    def open(self, cron_threads=2):
        """Copy the template, start sandbox and server, make ready for tests."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database.create()
        self._copy_files()
        self.sandbox.start()
        self.add_server(cron_threads=cron_threads).start()
        self._prepare()
        return self

    def close(self):
        """Stop every process and drop the database."""
        for server in self.servers:
            server.stop()
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
            "VELOC_URL_SANDBOX_SMS": self.sandbox.url,
            "VELOC_URL_SANDBOX_WHATSAPP": self.sandbox.url,
        }
        port = self.port if not self.servers else self.port + 10 + len(self.servers)
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
        if login not in self._rpc:
            name = self.database.name
            self._rpc[login] = RpcClient(self.url, name, login, password)
        return self._rpc[login]

    def api_key(self, login="e2e_integration"):
        """Return an API key of a user, made through the web client's dialog."""
        if login not in self._keys:
            session = WebSession(self.url, self.database.name, login, PASSWORD)
            self._keys[login] = session.new_api_key()
        return self._keys[login]

    @cached_property
    def country_id(self):
        """Return the id of Brazil."""
        return self.admin.ref("base.br")

    # === PREPARATION === #

    def _prepare(self):
        admin = self.admin
        admin.set_parameter("veloc_messaging.in_doubt_grace", 3)
        self._make_users(admin)
        self._point_accounts_here(admin)
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

    def _point_accounts_here(self, admin):
        for account in admin.read(
            "veloc.account", [("provider", "=", "twilio")], ["code"]
        ):
            values = {"account_sid": ACCOUNT_SID}
            admin.write("veloc.account", [account["id"]], values)

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

    # === LOOKING === #

    def message_states(self, where="true", *values):
        """Return how many outbox rows are in each state."""
        return self.database.counts(
            f"SELECT state, count(*) FROM veloc_message WHERE {where} GROUP BY 1",
            *values,
        )

    def wait_for_quiet(self, where="true", *values, timeout=60):
        """Wait until nothing is on its way any more; return the states."""
        moving = {"queued", "sending", "accepted", "sent", "in_doubt"}

        def settled():
            states = self.message_states(where, *values)
            return states if states and not moving & set(states) else None

        return wait_until(settled, timeout, 0.25, "messages to settle")

    def wait_for_state(self, message_id, *states, timeout=30):
        """Return the message as soon as it is in one of the states."""

        def reached():
            fields = ["state", "provider_ref", "failure_code", "channel"]
            (message,) = self.admin.read(
                "veloc.message", [("id", "=", message_id)], fields
            )
            return message if message["state"] in states else None

        return wait_until(reached, timeout, what=f"message {message_id} {states}")
