"""One house for most tests; those that kill servers get a house of their own."""

import logging
import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.support.events import EventsApi
from tests.support.house import House
from tests.support.settings import Settings

logging.getLogger("urllib3").setLevel(logging.WARNING)
# Five seconds, Playwright's own, are little for a page of a busy machine.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def settings():
    return Settings.from_environment()


@pytest.fixture(scope="session")
def browser(settings):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=settings.chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def houses(settings, request):
    """Return a function that opens houses and closes them in the end."""
    opened = []
    folder = settings.artefacts / f"e2e-{os.getpid()}"

    def close_all():
        logs = settings.artefacts / "e2e-logs"
        logs.mkdir(parents=True, exist_ok=True)
        for house in opened:
            house.close()
            for log in house.folder.glob("*.log"):
                shutil.copy(log, logs / f"{house.folder.name}-{log.name}")
        shutil.rmtree(folder, ignore_errors=True)

    # Whatever fails below, no server of ours stays behind.
    request.addfinalizer(close_all)  # noqa: PT021 before anything can fail

    def open_house(name, **options):
        cron_threads = options.pop("cron_threads", 2)
        house = House(settings, name, folder / name, **options)
        opened.append(house)
        return house.open(cron_threads, ready_template.name)

    # Made ready once: users and their passwords take Odoo ten seconds.
    base = House(settings, "base", folder / "base")
    opened.append(base)
    ready_template = base.open().database
    base.server.kill()
    base.sandbox.stop()
    ready_template.wait_until_unused()
    return open_house


@pytest.fixture(scope="session")
def house(houses):
    return houses("main")


@pytest.fixture(scope="session")
def api(house):
    return EventsApi(house.url, house.api_key())


@pytest.fixture(autouse=True)
def _no_faults_left(request):
    """Leave a working provider to the next test."""
    yield
    if "house" in request.fixturenames:
        request.getfixturevalue("house").sandbox.clear_faults()


@pytest.fixture(scope="session")
def screenshots(settings):
    folder = Path(settings.artefacts) / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def report(capsys, settings):
    """Return a function that shows counts to whoever reads the run, and keeps them."""

    def say(text):
        with capsys.disabled():
            print(f"\n      {text}")  # noqa: T201 the numbers are the point
        with (settings.artefacts / "e2e-counts.txt").open("a") as file:
            file.write(f"{text}\n")

    return say
