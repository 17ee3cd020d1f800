"""One run of pytest as a process of its own, and an honest look at its outcome."""

import re
import signal
import subprocess
import time
from xml.etree import ElementTree

from .paths import LOGS, ROOT
from .progress import say
from .shell import as_environment
from .venv import PYTHON

# Odoo's tests import each other as odoo.addons.…, which pytest must not rename.
INSIDE_ODOO = ["-o", "addopts=", "--import-mode=prepend"]


class PytestRun:
    """Runs tests; a skipped test or an empty run counts as trouble too."""

    def __init__(self, name, paths, *, inside_odoo=False, env=None):
        self.name, self.paths, self.env = name, paths, env or {}
        self.options = INSIDE_ODOO if inside_odoo else []
        file_name = re.sub(r"\W+", "-", name).strip("-")
        self.log = LOGS / f"tests-{file_name}.log"
        self.report = LOGS / f"tests-{file_name}.xml"
        self.closing_line = "did not run"
        self.trouble = ""
        self.failed = []  # names, for the end: what they printed may be long

    def run(self, arguments=()):
        """Run the tests, print what went wrong, and return this object."""
        self.report.unlink(missing_ok=True)
        command = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rfEs"]
        command += [*self.options, f"--junitxml={self.report}", *arguments]
        command += [] if _names_tests(arguments) else self.paths
        start = time.monotonic()
        self._judge(self._execute(command))
        seconds = time.monotonic() - start
        if self.trouble:
            say(self.log.read_text(errors="replace")[-12000:])
        say(f"      {self.name}: {self.closing_line} ({seconds:.0f} s) {self.trouble}")
        return self

    def _execute(self, command):
        """Return pytest's exit code; an interrupted pytest ends its servers first."""
        with self.log.open("w") as out:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=as_environment(self.env),
            )
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            raise

    def _judge(self, code):
        lines = self.log.read_text(errors="replace").splitlines()
        self.closing_line = next(
            (line for line in reversed(lines) if " in " in line and "s" in line),
            "no closing line",
        ).strip("= ")
        if code:
            self.trouble = f"FAILED (pytest's exit code {code})"
            self.failed = self._failures()
        elif skipped := self._skipped():
            self.trouble = f"FAILED ({skipped} skipped: every test must run)"

    def _failures(self):
        """Return the names of failed tests; none if pytest wrote no report."""
        if not self.report.exists():
            return []
        return [
            f"{case.get('classname')}::{case.get('name')}"
            for case in ElementTree.parse(self.report).iter("testcase")
            if case.find("failure") is not None or case.find("error") is not None
        ]

    def _skipped(self):
        suites = ElementTree.parse(self.report).iter("testsuite")
        return sum(int(suite.get("skipped", 0)) for suite in suites)


def _names_tests(arguments):
    return any(
        str(argument).startswith(("tests/", "addons/")) for argument in arguments
    )
