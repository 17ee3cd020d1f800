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

BLOCK = re.compile(
    r"<!-- test:readme ?(manager)? -->\s*```(bash|python)\n(.*?)```", re.DOTALL
)
README = ROOT / "README.md"
INTERPRETERS = {"bash": ["bash", "-euo", "pipefail", "-c"]}

MANAGER = {"VELOC_LOGIN": "e2e_manager", "VELOC_PASSWORD": PASSWORD}


def blocks():
    """Return (who runs it, language, code) of the README's marked blocks, in order."""
    return BLOCK.findall(README.read_text()) if README.exists() else []


@pytest.fixture(scope="module")
def environment(house):
    return {
        **os.environ,
        "VELOC_URL": house.url,
        "VELOC_API_KEY": house.api_key(),
        "VELOC_DB": house.database.name,
        "VELOC_LOGIN": "e2e_integration",
        "VELOC_PASSWORD": house.api_key(),  # programs have no password
        "NO_PROXY": "127.0.0.1,localhost",
    }


def test_the_readme_s_first_events_reach_the_sandbox_within_seconds(environment, house):
    """What the tour promises: a text message that can be answered with SAIR."""
    run = subprocess.run(
        [*INTERPRETERS["bash"], blocks()[0][2]],
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
    assert {language for _who, language, _code in blocks()} == {"bash", "python"}


@pytest.mark.parametrize("number", range(len(blocks())))
def test_the_examples_of_the_readme_run(environment, number):
    who, language, code = blocks()[number]
    command = [*INTERPRETERS.get(language, [sys.executable, "-c"]), code]
    run = subprocess.run(
        command,
        env=environment | (MANAGER if who else {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "rejected" in run.stdout or run.stdout.strip()
    assert '"error"' not in run.stdout


def test_the_whatsapp_example_shows_the_states_of_a_message_that_left(environment):
    (code,) = [code for who, _language, code in blocks() if who]
    lines = [line for line in code.splitlines() if line.strip()]
    # Ten statements and the line that imports what they need.
    assert len([line for line in lines if not line.startswith(("import", " "))]) <= 10
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | MANAGER,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    states = re.findall(r"'state': '(\w+)'", run.stdout)
    assert len(states) == 6
    # Mostly "read" by then; a busy machine may be a step behind.
    assert states[-1] in {"accepted", "sent", "delivered", "read"}, run.stdout
