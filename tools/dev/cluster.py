"""A PostgreSQL server of this clone alone; the system's clusters are not touched.

It listens on 127.0.0.1 only, on a port found free once and kept, without a unix
socket, with passwords, and with the durable settings PostgreSQL ships.
"""

import os
import shutil
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import secret_file, shell, system
from .paths import HOME, clone_hash, read_state, remember
from .progress import Trouble, say

OWNER = "veloc_owner"  # the cluster's superuser
ROLE = "veloc"  # what Odoo connects as; may create databases, nothing more
FIRST_PORT = 5600
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
}


def ensure_cluster():
    """Start the cluster, making it first if need be."""
    binaries = system.ensure_postgres()
    data = _data_folder()
    if not (data / "PG_VERSION").exists():
        _create(binaries, data)
    if not _is_running(binaries, data):
        _start(binaries, data)
    _ensure_role()


def stop_cluster():
    """Stop the cluster if it runs; its data stay."""
    binaries, data = system.postgres_bin(), _remembered_folder()
    if binaries and data and data.exists() and _is_running(binaries, data):
        _ctl(binaries, data, "stop", "-m", "fast", "-w")


@contextmanager
def left_as_found():
    """Stop the cluster afterwards unless it ran before, as it does for make run."""
    binaries, data = system.postgres_bin(), _remembered_folder()
    ran = bool(binaries and data and data.exists() and _is_running(binaries, data))
    try:
        yield
    finally:
        if not ran:
            stop_cluster()


def remove_cluster_data():
    """Delete a data folder that stands outside the clone."""
    data = _remembered_folder()
    if data and HOME not in data.parents:
        shutil.rmtree(data, ignore_errors=True)


def connection():
    """Return host, port, user and password as libpq's environment names them."""
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(read_state()["pg_port"]),
        "PGUSER": ROLE,
        "PGPASSWORD": secret_file.ensure("PG_PASSWORD"),
    }


def sql(statement, database="postgres", *, owner=False):
    """Run one statement and return what it printed, one row a line."""
    env = connection()
    if owner:
        env |= {"PGUSER": OWNER, "PGPASSWORD": secret_file.ensure("PG_OWNER_PASSWORD")}
    psql = system.postgres_bin() / "psql"
    options = ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", database]
    done = shell.quiet([psql, *options], env=env, text=statement)
    if done.returncode:
        raise Trouble(f"PostgreSQL refused a statement: {done.stderr.strip()}")
    return done.stdout.strip()


def _account():
    """Return the user that runs PostgreSQL, which refuses to run as root."""
    return "postgres" if system.is_root() else None


def _remembered_folder():
    place = read_state().get("pg_data")
    return Path(place) if place else None


def _data_folder():
    if folder := _remembered_folder():
        return folder
    folder = HOME / "pg"
    if _account() and shell.quiet(["test", "-x", HOME], user=_account()).returncode:
        folder = Path(f"/var/lib/veloc-{clone_hash()}")
        say(f"      user postgres may not enter {HOME}: the database goes to {folder}")
    remember(pg_data=str(folder))
    return folder


def _create(binaries, data):
    say(f"      making a database cluster in {data}")
    shutil.rmtree(data, ignore_errors=True)  # what an interrupted initdb left
    data.mkdir(mode=0o700, parents=True)
    if _account():
        shutil.chown(data, _account(), _account())
    command = [binaries / "initdb", "-D", data, "-U", OWNER, "--locale=C.UTF-8"]
    with tempfile.NamedTemporaryFile("w") as password:  # 0600, gone when closed
        password.write(secret_file.ensure("PG_OWNER_PASSWORD"))
        password.flush()
        if _account():
            shutil.chown(password.name, _account())
        done = shell.quiet(
            [
                *command,
                "-E",
                "UTF8",
                "--auth=scram-sha-256",
                f"--pwfile={password.name}",
            ],
            user=_account(),
            cwd="/",
        )
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise Trouble(f"PostgreSQL could not make {data}: {done.stderr.strip()}")


def _start(binaries, data):
    port = _port()
    remember(pg_port=port)
    settings = " ".join(f"-c {k}={v}" for k, v in SETTINGS.items())
    _ctl(
        binaries, data, "start", "-w", "-l", data / "server.log",
        "-o", f"{settings} -c port={port}",
    )  # fmt: skip


def _port():
    """Return the port of earlier runs, or the next free one."""
    first = int(os.environ.get("VELOC_PG_PORT") or read_state().get("pg_port") or 0)
    start = FIRST_PORT + int(clone_hash(), 16) % 1000
    for port in [*([first] if first else []), *range(start, start + 200)]:
        if port_is_free(port):
            return port
    raise Trouble("No free port for PostgreSQL was found: name one in VELOC_PG_PORT.")


def port_is_free(port):
    """Return whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_running(binaries, data):
    command = [binaries / "pg_ctl", "-D", data, "status"]
    return shell.quiet(command, user=_account(), cwd="/").returncode == 0


def _ctl(binaries, data, *arguments):
    # Not captured: the server would keep the pipe open and never let us go on.
    log = HOME / "log" / "pg_ctl.log"
    command = [binaries / "pg_ctl", "-D", data, *arguments]
    with log.open("w") as out:
        code = shell.detached(command, out, user=_account())
    if code:
        raise Trouble(
            f"PostgreSQL did not {arguments[0]}: see {data}/server.log and {log}."
        )


def _ensure_role():
    if sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'", owner=True):
        return
    password = secret_file.ensure("PG_PASSWORD")
    sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'", owner=True)
