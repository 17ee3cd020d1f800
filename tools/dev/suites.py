"""``make test`` and its parts: what runs where, on which database, in which order."""

import os
import shlex
from concurrent.futures import ThreadPoolExecutor

from . import cluster, databases, lint, odoo_conf, system, venv
from .odoo_source import ensure_odoo
from .paths import ADDON_NAMES, DATA, HOME, ROOT, clone_hash, prepare_home
from .progress import Steps, Trouble, say
from .pytest_run import PytestRun

TEST_TEMPLATE = databases.Recipe("veloc_test_template", demo=False)
DEMO_TEMPLATE = databases.Recipe("veloc_demo_template", demo=True)
MESSAGING = "tests/unit/veloc_messaging"
# These start programs or servers of their own and wait for them.
LIVE = (
    "tests/unit/sandbox",
    "tests/unit/tools",
    *(
        f"{MESSAGING}/test_{name}.py"
        for name in (
            "push_rules",
            "smtp_provider",
            "template_properties",  # hundreds of random texts each
            "transport",
            "twilio_content",
            "twilio_options",
            "twilio_provider",
            "whatsapp_provider",
        )
    ),
)
AT_ONCE = 2  # cores of the smallest machine we promise to run on


def everything(_arguments):
    """Run all suites; a red one does not hide what the later ones find."""
    prepare_home()
    with cluster.left_as_found():
        _everything()


def _everything():
    steps = Steps(7)
    odoo = _prepare(steps, browser=True)
    runs = []
    with ThreadPoolExecutor(2) as pool:
        test_db = pool.submit(databases.ensure, TEST_TEMPLATE, odoo)
        demo_db = pool.submit(databases.ensure, DEMO_TEMPLATE, odoo)
        with steps.step("Lint (databases are built meanwhile)"):
            lint_clean = lint.check()
        with steps.step("Unit and architecture tests"):
            runs += _unit()
        with steps.step("Addon tests"):
            complaints = test_db.result()
            runs += _addons(odoo)
        with steps.step("End-to-end tests"):
            complaints += demo_db.result()
            runs.append(_e2e(odoo))
    say(f"\n{steps.summary()}\n")
    _verdict(runs, lint_clean, complaints)


def unit_only(_arguments):
    """Run the tests that need neither Odoo nor a database."""
    prepare_home()
    venv.ensure_venv(ensure_odoo(), "requirements.txt", "requirements-dev.txt")
    _verdict(_unit())


def addons_only(arguments):
    """Run the tests of all addons, or of those named."""
    steps = Steps(5)
    odoo = _prepare(steps, browser=True)
    with steps.step("Database without demo data"):
        databases.ensure(TEST_TEMPLATE, odoo)
    with steps.step("Addon tests"):
        runs = _addons(odoo, _chosen("VELOC_ADDON", ADDON_NAMES), arguments)
    _verdict(runs)


def e2e_only(arguments):
    """Run the end-to-end tests."""
    steps = Steps(5)
    odoo = _prepare(steps, browser=True)
    with steps.step("Database with demo data"):
        databases.ensure(DEMO_TEMPLATE, odoo)
    with steps.step("End-to-end tests"):
        runs = [_e2e(odoo, arguments)]
    _verdict(runs)


def _prepare(steps, *, browser):
    prepare_home()
    with steps.step("Odoo 19"):
        odoo = ensure_odoo()
    with steps.step("Python packages"):
        venv.ensure_venv(odoo, "requirements.txt", "requirements-dev.txt")
    with steps.step("PostgreSQL and Chromium"):
        cluster.ensure_cluster()
        odoo_conf.field_key()  # before two builds at once could each invent one
        if browser:
            system.ensure_chromium()
    return odoo


def _chosen(variable, everything):
    chosen = os.environ.get(variable)
    return tuple(chosen.split(",")) if chosen else everything


def _unit():
    runs = [
        PytestRun("unit (messaging)", [MESSAGING, *_ignoring(LIVE)]),
        PytestRun("unit (the rest)", ["tests/unit", *_ignoring((MESSAGING, *LIVE))]),
        PytestRun("live and architecture", [*LIVE, "tests/architecture"]),
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(PytestRun.run, runs))


def _ignoring(paths):
    return [f"--ignore={path}" for path in paths]


def _addons(odoo, names=ADDON_NAMES, arguments=()):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda name: _addon(odoo, name, arguments), names))


def _addon(odoo, name, arguments):
    database = f"test_{name}"
    databases.copy(TEST_TEMPLATE.name, database)
    config = odoo_conf.write(odoo, database, http_port=_free_port(name))
    options = ["-p", "odoo", "--odoo-http", f"--odoo-config={config}"]
    # Libpq's variables, which a shell may have set, win over the configuration.
    env = cluster.connection() | odoo_conf.field_key()
    run = PytestRun(name, [f"addons/{name}/tests"], inside_odoo=True, env=env)
    run.run([*options, f"--odoo-database={database}", *arguments])
    databases.drop(database)
    return run


def _free_port(name):
    """Return a port for a suite's servers, away from the one of ``make run``.

    The end-to-end tests also use the ports after it.
    """
    suites = (*ADDON_NAMES, "e2e")
    first = 20000 + int(clone_hash(), 16) % 8000 + 50 * suites.index(name)
    return next(p for p in range(first, first + 50) if cluster.port_is_free(p))


def e2e_environment(odoo):
    """Return what tests and benchmarks need to start servers of their own."""
    pg = cluster.connection()
    return odoo_conf.field_key() | {
        "VELOC_PG_HOST": pg["PGHOST"],
        "VELOC_PG_PORT": pg["PGPORT"],
        "VELOC_PG_USER": pg["PGUSER"],
        "VELOC_PG_PASSWORD": pg["PGPASSWORD"],
        "VELOC_PG_BIN": str(system.postgres_bin()),
        "VELOC_ODOO_BIN": shlex.join([str(venv.PYTHON), str(odoo.program)]),
        "VELOC_ADDONS_PATH": odoo_conf.addons_path(odoo),
        "VELOC_DATA_DIR": str(DATA),
        "VELOC_E2E_TEMPLATE_DB": DEMO_TEMPLATE.name,
        "VELOC_E2E_PORT": str(_free_port("e2e")),
        "VELOC_ARTEFACTS": str(HOME),
    }


def _e2e(odoo, arguments=()):
    run = PytestRun("e2e", ["tests/e2e"], env=e2e_environment(odoo))
    return run.run(arguments)


def _verdict(runs, lint_clean=True, complaints=()):
    for run in runs:
        say(f"{run.name}: {run.closing_line}")
        for name in run.failed:
            say(f"  FAILED {name}")
    red = [run.name for run in runs if run.trouble]
    if complaints:
        say("Odoo complained while it installed the addons:")
        say("\n".join(complaints))
        red.insert(0, "install")
    if not lint_clean:
        red.insert(0, "lint")
    if red:
        raise Trouble(f"not green: {', '.join(red)} (details above, in {ROOT}/.veloc).")
    say("All green.")
