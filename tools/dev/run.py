"""``make run``, ``make stop`` and ``make demo-reset``."""

import os

from . import cluster, databases, odoo_conf, secret_file, venv
from .demo import integration_key, welcome
from .odoo_source import ensure_odoo
from .paths import (
    DATABASE,
    ENTRYPOINT,
    HOME,
    http_port,
    prepare_home,
    sandbox_port,
    smtp_port,
)
from .progress import Steps, say
from .services import Companion, Service
from .venv import PYTHON

# "AC" and 32 hex digits, as on the sandbox accounts of the demo data
SANDBOX_SID = "AC" + "5a" * 16


def odoo_service():
    return Service("odoo", http_port(), "/web/health", "VELOC_HTTP_PORT")


def sandbox_service():
    return Service("sandbox", sandbox_port(), "/", "VELOC_SANDBOX_PORT")


def broker_service():
    return Companion("broker")


def run(_arguments):
    """Bring everything up, building what is missing, and say where to look."""
    prepare_home()
    _check_ports()
    steps = Steps(7)
    with steps.step("Odoo 19"):
        odoo = ensure_odoo()
    with steps.step("Python packages"):
        venv.ensure_venv(odoo, "requirements.txt")
    with steps.step("PostgreSQL"):
        cluster.ensure_cluster()
    with steps.step("Database with demo data"):
        _ensure_database(odoo)
    with steps.step("Sandbox provider"):
        _start_sandbox()
    with steps.step("API key of the integration user"):
        integration_key(odoo)
    with steps.step("Odoo"):
        _start_odoo(odoo)
        _start_broker()
    say(welcome(steps.summary()))


def stop(_arguments):
    """Stop Odoo, the sandbox and PostgreSQL; nothing is lost."""
    for service in (broker_service(), odoo_service(), sandbox_service()):
        if service.stop():
            say(f"The {service.name} is stopped.")
    cluster.stop_cluster()
    say("Stopped. The data stay in .veloc; 'make run' brings everything back.")


def demo_reset(_arguments):
    """Throw the database away and build it again with fresh demo data."""
    broker_service().stop()
    odoo_service().stop()
    _check_ports()  # before anything is thrown away
    if (HOME / "state.json").exists():
        cluster.ensure_cluster()
        databases.drop(DATABASE)
        secret_file.forget("INTEGRATION_API_KEY")
    run([])


def _check_ports():
    """Say at once, not minutes later, that a port is taken."""
    odoo_service().check_port()
    if sandbox_service().check_port():
        Service("sandbox's mail", smtp_port(), "/", "VELOC_SMTP_PORT").check_port()


def _ensure_database(odoo):
    recipe = databases.Recipe(DATABASE, demo=True)
    state = databases.mark(DATABASE)
    if not state:
        odoo_service().stop()
        secret_file.forget("INTEGRATION_API_KEY")
        databases.build(recipe, odoo)
    elif state != databases.sources():
        say("      the addons changed: updating the database")
        odoo_service().stop()
        databases.update(DATABASE, odoo)


def _start_sandbox():
    env = {
        "SANDBOX_ACCOUNT_SID": SANDBOX_SID,
        "SANDBOX_AUTH_TOKEN": secret_file.ensure("SANDBOX_AUTH_TOKEN"),
        "SANDBOX_INBOUND_URL_SMS": _webhook("sandbox-sms"),
        "SANDBOX_INBOUND_URL_WHATSAPP": _webhook("sandbox-whatsapp"),
        "SANDBOX_INBOUND_URL_CLOUD": _webhook("sandbox-cloud", "whatsapp"),
    }
    ports = ["--port", sandbox_port(), "--smtp-port", smtp_port()]
    state = ["--state", HOME / "sandbox.json"]
    sandbox_service().start([PYTHON, "-m", "tools.sandbox", *ports, *state], env)


def _webhook(account, provider="twilio"):
    return f"{_public_url()}/veloc/webhook/{provider}/{account}"


def _public_url():
    return f"http://localhost:{http_port()}"


def _start_odoo(odoo):
    odoo_conf.write(odoo, DATABASE, http_port=http_port())
    sandbox = f"http://127.0.0.1:{sandbox_port()}"
    env = odoo_conf.entry_environment(odoo, DATABASE) | databases.secrets_for_odoo()
    env |= {
        "VELOC_PUBLIC_URL": _public_url(),
        "VELOC_URL_SANDBOX_SMS": sandbox,
        "VELOC_URL_SANDBOX_WHATSAPP": sandbox,
        "VELOC_URL_SANDBOX_PUSH": sandbox,
        "VELOC_URL_SANDBOX_CLOUD": sandbox,
    }
    odoo_service().start([ENTRYPOINT, "serve"], env)


def _start_broker():
    """Let a simulated broker send a few events now and then, for two hours."""
    if os.environ.get("VELOC_BROKER") == "off":
        return
    key = secret_file.read_all()["INTEGRATION_API_KEY"]
    command = [PYTHON, "-m", "tools.sandbox.broker", "--url", _public_url()]
    broker_service().start(command, {"VELOC_API_KEY": key})
