"""What the machine must have, and installing it where we may."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from . import shell
from .progress import Trouble, say

CLUSTER_DEFAULTS = Path("/etc/postgresql-common/createcluster.conf")


def is_root():
    return os.geteuid() == 0


def postgres_bin():
    """Return the newest folder with PostgreSQL's server programs, or None."""
    folders = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(folders, key=lambda path: float(path.parts[4]), default=None)
    return newest.parent if newest else None


def ensure_postgres():
    """Return the folder of PostgreSQL's programs; install them when we are root."""
    if found := postgres_bin():
        return found
    if not is_root():
        raise Trouble(
            "PostgreSQL's programs are missing: ask an administrator to run"
            " 'apt-get install postgresql', or run this command as root."
        )
    new_machine = not _is_installed("postgresql-common")
    apt_install("postgresql-common")
    if new_machine:
        _no_cluster_by_default()
    apt_install("postgresql")
    return postgres_bin()


def _no_cluster_by_default():
    """Keep the packages from making a cluster of the system nobody asked for."""
    lines = CLUSTER_DEFAULTS.read_text().splitlines()
    kept = [line for line in lines if "create_main_cluster" not in line]
    CLUSTER_DEFAULTS.write_text("\n".join([*kept, "create_main_cluster = false", ""]))


def ensure_venv_module():
    """Return a Python that can make virtual environments, installing it if needed."""
    if importlib.util.find_spec("ensurepip"):
        return sys.executable
    if not is_root():
        raise Trouble(
            "Python's venv module is missing: ask an administrator to run"
            " 'apt-get install python3-venv', or run this command as root."
        )
    apt_install("python3-venv")
    return "/usr/bin/python3"


def ensure_chromium():
    """Make sure that a Chromium is there for the browser tests."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return
    if not is_root():
        raise Trouble(
            "Chromium is missing: ask an administrator to run 'apt-get install"
            " chromium chromium-driver', or run this command as root."
        )
    apt_install("chromium", "chromium-driver")


def apt_install(*packages):
    """Install Debian packages; Trouble with the remedy when that fails."""
    say(f"      installing {', '.join(packages)} with apt-get")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    remedy = (
        f"apt-get could not install {' '.join(packages)}: check the network and"
        " /etc/apt/sources.list, then run the same command again."
    )
    shell.logged(["apt-get", "update"], "apt-update.log", remedy, env=env)
    shell.logged(
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
        "apt-install.log",
        remedy,
        env=env,
    )


def _is_installed(package):
    return shell.quiet(["dpkg", "-s", package]).returncode == 0
