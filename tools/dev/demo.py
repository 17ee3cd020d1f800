"""What a new user is told: addresses, people to log in as, things to try."""

from . import databases, secret_file
from .paths import DATABASE, ROOT, SECRETS, http_port, sandbox_port
from .progress import Trouble

KEY = "INTEGRATION_API_KEY"
MAKE_KEY = """
user = env["res.users"].search([("login", "=", "integration")], limit=1)
if not user:
    values = {"name": "Broker integration", "login": "integration"}
    user = env["res.users"].create(values)
group = env.ref("veloc_crm.group_integration", raise_if_not_found=False)
if group:
    user.group_ids |= group
key = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "make run", None)
env.cr.commit()
print("API_KEY=" + key)
"""
PEOPLE = (
    ("analyst", "CRM analyst: cadences, templates, funnel"),
    ("agent", "customer service: traders, messages"),
    ("manager", "CRM manager: all of it"),
    ("dpo", "data protection officer: consents, suppressions"),
    ("admin", "administrator: accounts, settings"),
)


def integration_key(odoo):
    """Make the API key a program of the broker would use, once per database."""
    if secret_file.read_all().get(KEY):
        return
    printed = databases.odoo_shell(DATABASE, odoo, MAKE_KEY, "api-key.log")
    found = [line for line in printed.splitlines() if line.startswith("API_KEY=")]
    if not found:
        raise Trouble("Odoo made no API key: the reason is in .veloc/log/api-key.log.")
    secret_file.keep(KEY, found[0].removeprefix("API_KEY="))
    # The log would keep the key in a file that is readable by others.
    (ROOT / ".veloc" / "log" / "api-key.log").unlink()


def welcome(times):
    """Return the closing words of ``make run``."""
    key = secret_file.read_all()[KEY]
    people = "\n".join(f"    {login:8} {what}" for login, what in PEOPLE)
    return f"""
{times}

Veloc is up: http://localhost:{http_port()}

  Log in with one of these names; the password is the name again:
{people}

  What leaves the house lands in the sandbox: http://localhost:{sandbox_port()}
  A simulated broker sends events all the time (make run VELOC_BROKER=off: none).
  API key for programs (also in {SECRETS.relative_to(ROOT)}): {key}

  Try: menu Veloc > Traders, open one and read why each message was (not) sent;
  then send an event as the README shows and watch the message arrive.

  make stop   stops everything        make demo-reset   starts afresh
  make help   lists the rest          logs are in .veloc/log
"""
