"""Databases: built once, marked when whole, copied where a throw-away is wanted.

A finished database carries the hash of the addons it was built from as its comment.
One without a comment is what an interrupted build left, and is built again.
"""

import re
import shutil
from dataclasses import dataclass

from . import cluster, odoo_conf, secret_file, shell
from .paths import ADDON_NAMES, ADDONS, DATA, ENTRYPOINT, ROOT, tree_hash
from .venv import PYTHON

DEBIAN_ADDON = "veloc_debian_assets"


@dataclass(frozen=True)
class Recipe:
    """How a database comes to be."""

    name: str
    demo: bool


def sources():
    """Return the hash of everything a database is built from."""
    return tree_hash(ADDONS, ROOT / "tools" / "odoo_debian")


def mark(name):
    """Return the hash the database was built from; '' if unfinished, None if absent."""
    rows = cluster.sql(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '-') FROM pg_database"
        f" WHERE datname = '{name}'"
    )
    return {"": None, "-": ""}.get(rows, rows)


def set_mark(name, digest):
    cluster.sql(f"COMMENT ON DATABASE \"{name}\" IS '{digest}'")


def drop(name):
    """Remove a database and its files.

    As the owner of all: nobody else may end an autovacuum that is at work in it.
    """
    cluster.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', owner=True)
    shutil.rmtree(DATA / "filestore" / name, ignore_errors=True)


def copy(source, target):
    """Make ``target`` a fresh copy of ``source``, files included."""
    drop(target)
    cluster.sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    files = DATA / "filestore" / source
    if files.exists():
        shutil.copytree(files, DATA / "filestore" / target)


def build(recipe, odoo):
    """Create the database with the three addons and both languages.

    Return the lines of the log in which Odoo complains about what it installs.
    """
    digest = sources()
    shutil.rmtree(DATA / "filestore" / recipe.name, ignore_errors=True)
    demo = "1" if recipe.demo else ""
    log = _entrypoint("install", recipe.name, odoo, VELOC_DEMO=demo)
    set_mark(recipe.name, digest)
    return complaints(log.read_text())


def complaints(log):
    """Return the warnings and errors of a log, less those of Python's libraries."""
    lines = re.findall(r"^.* (?:WARNING|ERROR|CRITICAL) .*$", log, re.M)
    return [line for line in lines if " py.warnings: " not in line]


def update(name, odoo):
    """Bring an existing database up to the addons of this clone."""
    digest = sources()
    _entrypoint("update", name, odoo)
    set_mark(name, digest)


def ensure(recipe, odoo):
    """Build the database unless a current one stands; return Odoo's complaints."""
    return [] if mark(recipe.name) == sources() else build(recipe, odoo)


def odoo_shell(name, odoo, script, log_name):
    """Run a script in Odoo's shell and return what it printed."""
    command = [PYTHON, odoo.program, "shell", "-c", odoo_conf.path_for(name)]
    trouble = f"A script in database {name} failed."
    log = shell.logged(
        [*command, "-d", name, "--no-http", "--log-level=warn"],
        log_name,
        trouble,
        text=script,
        env=odoo_conf.field_key(),
    )
    return log.read_text()


def _modules(odoo):
    extra = (DEBIAN_ADDON,) if odoo.lacks_selfie_segmentation else ()
    return (*ADDON_NAMES, *extra)


def _entrypoint(command, name, odoo, **more):
    odoo_conf.write(odoo, name)
    env = odoo_conf.entry_environment(odoo, name) | more
    return shell.logged(
        [ENTRYPOINT, command],
        f"{command}-{name}.log",
        f"Odoo could not {command} its modules in database {name}.",
        env=env | {"VELOC_MODULES": ",".join(_modules(odoo))},
        hint=_module_progress,
    )


def _module_progress(line):
    found = re.search(r"Loading module (\w+) \((\d+)/(\d+)\)", line)
    return f"module {found[2]} of {found[3]}: {found[1]}" if found else ""


def secrets_for_odoo():
    """Return the environment that holds the secrets of the demo accounts."""
    token = secret_file.ensure("SANDBOX_AUTH_TOKEN")
    return {
        "VELOC_SECRET_SANDBOX_SMS": token,
        "VELOC_SECRET_SANDBOX_WHATSAPP": token,
        "VELOC_SECRET_SANDBOX_CLOUD": token,
        "VELOC_SECRET_SANDBOX_CLOUD_APP": token,
        "VELOC_SECRET_SANDBOX_CLOUD_VERIFY": token,
        # A key pair of its own: browsers would not know us with another one.
        "VELOC_SECRET_SANDBOX_PUSH": secret_file.ensure("SANDBOX_PUSH_KEY", size=32),
    }
