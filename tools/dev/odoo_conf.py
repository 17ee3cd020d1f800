"""Odoo's configuration files, written anew for every start."""

import os

from . import cluster, secret_file, system
from .paths import ADDONS, DATA, DATABASE, HOME, ROOT, http_port, smtp_port
from .venv import PYTHON


def path_for(database):
    name = "odoo" if database == DATABASE else f"odoo-{database}"
    return HOME / f"{name}.conf"


def addons_path(odoo):
    """Return all folders with addons, ours first."""
    extra = [ROOT / "tools" / "odoo_debian"] if odoo.lacks_selfie_segmentation else []
    return ",".join(str(folder) for folder in (ADDONS, *extra, *odoo.addons))


def program(odoo):
    """Return one executable file that is Odoo in the project's environment."""
    path = HOME / "odoo-bin"
    path.write_text(f'#!/bin/sh\nexec "{PYTHON}" "{odoo.program}" "$@"\n')
    path.chmod(0o755)
    return path


def field_key():
    """Return the environment with this clone's key for encrypted fields.

    Invented once. A shell that knows the key of another system does not mislead us.
    """
    return {"VELOC_KEY": secret_file.ensure("VELOC_KEY", size=32), "VELOC_KEY_FILE": ""}


def entry_environment(odoo, database):
    """Return what config/entrypoint.sh wants to know, as in the container."""
    return {
        **cluster.connection(),
        **field_key(),
        "PATH": f"{system.postgres_bin()}:{os.environ['PATH']}",
        "VELOC_DB_NAME": database,
        "VELOC_ODOO": str(program(odoo)),
        "VELOC_CONF": str(path_for(database)),
        "VELOC_ADDONS": str(ADDONS),
        "VELOC_ADDONS_PATH": addons_path(odoo).partition(",")[2],
        "VELOC_DATA_DIR": str(DATA),
        "VELOC_SMTP_PORT": str(smtp_port()),
        "VELOC_HTTP_INTERFACE": os.environ.get("VELOC_HTTP_INTERFACE", "127.0.0.1"),
        "VELOC_HTTP_PORT": str(http_port()),
    }


def write(odoo, database, **more):
    """Write the configuration of one database and return its path."""
    pg = cluster.connection()
    values = {
        "addons_path": addons_path(odoo),
        "data_dir": DATA,
        "db_host": pg["PGHOST"],
        "db_port": pg["PGPORT"],
        "db_user": pg["PGUSER"],
        "db_password": pg["PGPASSWORD"],
        "db_name": database,
        "list_db": False,
        "admin_passwd": secret_file.ensure("ODOO_MASTER_PASSWORD"),
        "http_interface": os.environ.get("VELOC_HTTP_INTERFACE", "127.0.0.1"),
        "smtp_server": "127.0.0.1",
        "smtp_port": smtp_port(),
        "workers": 0,
        "max_cron_threads": 3,
        "limit_time_real_cron": 300,
    } | more
    path = path_for(database)
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write("[options]\n")
        out.writelines(f"{key} = {value}\n" for key, value in values.items())
    partial.rename(path)
    return path
