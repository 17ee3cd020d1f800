"""Runs the measurements of ``inside`` in an Odoo shell on a database."""

import json
import os
import subprocess

from tests.support.settings import ROOT

from .inside import MARK

LINE = """
import sys
sys.path.insert(0, {root!r})
from tools.bench import inside
inside.run(env, {what!r}, **{options!r})
"""


def measure(house, what, **options):
    """Return what one measurement gave; raise with the log if it failed."""
    command = [*house.settings.odoo, "shell", "-c", str(house.server.config)]
    command += ["-d", house.database.name, "--no-http", "--log-level=warn"]
    run = subprocess.run(
        command,
        input=LINE.format(root=str(ROOT), what=what, options=options),
        env={**os.environ, **house.server.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in run.stdout.splitlines() if MARK in line]
    if not lines:
        raise RuntimeError(f"{what} gave nothing:\n{run.stdout}\n{run.stderr[-3000:]}")
    return json.loads(lines[-1].partition(MARK)[2])
