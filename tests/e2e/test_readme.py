"""The examples of the README are run as they stand there."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.support.house import PASSWORD
from tests.support.settings import ROOT
from tests.support.waiting import wait_until

BLOCK = re.compile(r"<!-- test:readme -->\s*```(bash|python)\n(.*?)```", re.DOTALL)
README = ROOT / "README.md"
INTERPRETERS = {"bash": ["bash", "-euo", "pipefail", "-c"]}


def blocks():
    """Return the marked blocks of the README in their order."""
    return BLOCK.findall(README.read_text()) if README.exists() else []


@pytest.fixture(scope="module")
def environment(house):
    return {
        **os.environ,
        "VELOC_URL": house.url,
        "VELOC_API_KEY": house.api_key(),
        "VELOC_DB": house.database.name,
        "VELOC_LOGIN": "e2e_integration",
        "VELOC_PASSWORD": PASSWORD,
        "NO_PROXY": "127.0.0.1,localhost",
    }


def test_the_readme_s_first_events_reach_the_sandbox_within_seconds(environment, house):
    """What the tour promises: a text message that can be answered with SAIR."""
    run = subprocess.run(
        [*INTERPRETERS["bash"], blocks()[0][1]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(run.stdout) == {"accepted": 2, "duplicates": 0, "rejected": []}
    wait_until(
        lambda: [m for m in house.sandbox.messages() if m["to"] == "+5511961234567"],
        30,
        0.2,
        "the text message of the README",
    )


def test_the_readme_has_an_example_for_curl_and_one_for_python():
    assert {language for language, _code in blocks()} == {"bash", "python"}


@pytest.mark.parametrize("number", range(len(blocks())))
def test_the_examples_of_the_readme_run(environment, number):
    language, code = blocks()[number]
    command = [*INTERPRETERS.get(language, [sys.executable, "-c"]), code]
    run = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "rejected" in run.stdout or run.stdout.strip()
    assert '"error"' not in run.stdout
