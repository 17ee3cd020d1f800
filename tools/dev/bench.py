"""``make bench``: the project's own measurements on a database of their own."""

import subprocess

from . import cluster, databases, suites, venv
from .odoo_source import ensure_odoo
from .paths import ROOT, prepare_home
from .progress import Steps, Trouble
from .shell import as_environment
from .venv import PYTHON


def bench(arguments):
    """Run ``tools.bench`` on the templates the tests use."""
    prepare_home()
    steps = Steps(5)
    with steps.step("Odoo 19"):
        odoo = ensure_odoo()
    with steps.step("Python packages"):
        venv.ensure_venv(odoo, "requirements.txt", "requirements-dev.txt")
    with steps.step("PostgreSQL"):
        cluster.ensure_cluster()
    with steps.step("Database with demo data"):
        databases.ensure(suites.DEMO_TEMPLATE, odoo)
    with steps.step("Benchmarks"):
        command = [str(PYTHON), "-m", "tools.bench", *arguments]
        env = as_environment(suites.e2e_environment(odoo))
        if subprocess.run(command, check=False, cwd=ROOT, env=env).returncode:
            raise Trouble("The benchmark did not finish: see the lines above.")
