"""A real Odoo server process on a database: start, stop, kill -9, start again."""

import os
import signal
import subprocess
from contextlib import suppress

import requests

from .waiting import wait_until

CONFIG = """[options]
addons_path = {addons_path}
data_dir = {data_dir}
db_host = {pg_host}
db_port = {pg_port}
db_user = {pg_user}
db_name = {database}
dbfilter =
list_db = False
http_interface = 127.0.0.1
http_port = {port}
gevent_port = {gevent_port}
workers = {workers}
max_cron_threads = {cron_threads}
limit_time_real = 300
limit_time_real_cron = 300
smtp_server = 127.0.0.1
smtp_port = {smtp_port}
email_from = veloc@example.com
log_handler = odoo.addons.rpc:ERROR
"""


BEFORE_A_CONFLICT = 8  # lines


class OdooServer:
    """One server process; several may serve one database."""

    def __init__(self, settings, database, folder, port, **options):
        self.settings = settings
        self.database = database
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"odoo-{port}.log"
        self.config = folder / f"odoo-{port}.conf"
        self.process = None
        # All of it: libpq's variables win over the configuration file.
        self.environment = {
            "PGHOST": settings.pg_host,
            "PGPORT": settings.pg_port,
            "PGUSER": settings.pg_user,
            "PGPASSWORD": settings.pg_password,
            "VELOC_PUBLIC_URL": self.url,
            **options.pop("environment", {}),
        }
        self._write_config(folder, **options)

    def _write_config(self, folder, smtp_port=25, cron_threads=2, workers=0):
        text = CONFIG.format(
            addons_path=self.settings.addons_path,
            data_dir=folder / "data",
            pg_host=self.settings.pg_host,
            pg_port=self.settings.pg_port,
            pg_user=self.settings.pg_user,
            database=self.database.name,
            port=self.port,
            gevent_port=self.port + 10,
            cron_threads=cron_threads,
            workers=workers,
            smtp_port=smtp_port,
        )
        self.config.write_text(text)

    def start(self, timeout=120):
        """Start the process and wait until it serves the database."""
        self.launch()
        wait_until(self._is_up, timeout, 0.2, f"Odoo on port {self.port}")
        return self

    def launch(self):
        """Start the process without waiting: several start side by side."""
        command = [*self.settings.odoo, "-c", str(self.config)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def wait(self, timeout=120):
        """Wait for a launched server."""
        wait_until(self._is_up, timeout, 0.2, f"Odoo on port {self.port}")
        return self

    def _is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Odoo ended: {self.text()[-4000:]}")
        try:
            answer = requests.get(f"{self.url}/web/health", timeout=5)
        except requests.RequestException:
            return False
        return answer.status_code == 200

    def kill(self):
        """``kill -9``: no goodbye, no rollback, no flush."""
        if not self.process or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def end_orphans(self):
        """End the processes that a server which is gone has left behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self):
        """Ask the process to end, then make it."""
        if not self.process or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def text(self):
        """Return what the server logged."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def troubles(self, *ignored):
        """Return the lines of the log with level ERROR or CRITICAL."""
        return [
            line
            for line in self.text().splitlines()
            if (" ERROR " in line or " CRITICAL " in line)
            and not any(part in line for part in ignored)
        ]

    def conflicts(self):
        """Return what the log says of transactions in each other's way, with the query.

        The query stands in the lines before the database's answer.
        """
        lines = self.text().splitlines()
        return [
            "\n".join(lines[max(0, number - BEFORE_A_CONFLICT) : number + 1])
            for number, line in enumerate(lines)
            if "could not serialize access" in line or "deadlock" in line
        ]

    def cpu_seconds(self):
        """Return the CPU time that the process has used."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
