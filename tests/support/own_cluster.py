"""A PostgreSQL server that one test may crash: nobody else uses it."""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from .ports import free_block

OWNER = "veloc"


class OwnCluster:
    """A cluster in a folder of its own, with a copy of the template database."""

    def __init__(self, settings):
        self.source = settings
        self.binaries = Path(os.environ["VELOC_PG_BIN"])
        # PostgreSQL refuses to run as root, and its user may not enter our folders.
        self.folder = Path(tempfile.mkdtemp(prefix="veloc-e2e-pg-"))
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.port = free_block()
        password = secrets.token_hex(16)
        self.settings = replace(
            settings, pg_port=str(self.port), pg_user=OWNER, pg_password=password
        )

    def start(self):
        """Make the cluster, start it and copy the template database into it."""
        password = self.folder / "password"
        password.write_text(self.settings.pg_password)
        data = ["-D", self.folder / "data", "-U", OWNER, "--locale=C.UTF-8"]
        login = ["--auth=scram-sha-256", f"--pwfile={password}"]
        self._run("initdb", *data, "-E", "UTF8", *login)
        self._control("start")
        self._copy_template()
        return self

    def crash(self):
        """End all of it without a goodbye, as a power cut would, and start again."""
        self._control("stop", "-m", "immediate")
        self._control("start")

    def remove(self):
        """Stop the server and remove its folder."""
        self._control("stop", "-m", "immediate", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, what, *options, check=True):
        data = ["-D", self.folder / "data", "-w"]
        if what == "start":
            server = f"-p {self.port} -c listen_addresses=127.0.0.1"
            data += ["-l", self.folder / "log", "-o", f"{server} -k ''"]
        self._run("pg_ctl", *data, *options, what, check=check)

    def _copy_template(self):
        name = self.source.template_db
        dump = self.folder / "template.dump"
        self._client("pg_dump", self.source, "-Fc", "-Z0", "-f", dump, name)
        self._client("createdb", self.settings, name)
        options = ["--no-owner", "-j2", "-d", name]
        self._client("pg_restore", self.settings, *options, dump)

    def _client(self, program, settings, *arguments):
        login = {
            "PGHOST": settings.pg_host,
            "PGPORT": settings.pg_port,
            "PGUSER": settings.pg_user,
            "PGPASSWORD": settings.pg_password,
        }
        command = [self.binaries / program, *arguments]
        subprocess.run(command, env={**os.environ, **login}, check=True)

    def _run(self, program, *arguments, check=True):
        # The server would keep a pipe open, and a test would wait for it for ever.
        subprocess.run(
            [self.binaries / program, *arguments],
            user=self.user,
            cwd="/",
            check=check,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
