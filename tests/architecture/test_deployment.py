"""What docker-compose.yml promises: images, volumes, health, and no given secrets."""

import re
import subprocess

import pytest
import yaml
from code_tree import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|_KEY")
GIVEN = re.compile(r"\$\{\w+(:\?[^}]+|:?-)?\}")  # required, or empty unless given


def test_the_services_are_database_odoo_and_sandbox():
    assert set(SERVICES) == {"db", "odoo", "sandbox"}


def test_images_are_pinned_to_the_versions_we_test():
    assert re.fullmatch(r"postgres:1[5-8]", SERVICES["db"]["image"])
    assert SERVICES["odoo"]["image"] == SERVICES["sandbox"]["image"] == "veloc:19.0"
    recipe = (ROOT / SERVICES["odoo"]["build"]["dockerfile"]).read_text()
    assert "\nFROM odoo:19.0\n" in recipe


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_when_it_is_healthy(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= check.keys()


def test_odoo_waits_for_a_healthy_database():
    assert SERVICES["odoo"]["depends_on"]["db"]["condition"] == "service_healthy"


def test_data_live_on_named_volumes():
    mounted = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(COMPOSE["volumes"])
    assert "db-data:/var/lib/postgresql/data" in SERVICES["db"]["volumes"]
    assert "odoo-data:/var/lib/odoo" in SERVICES["odoo"]["volumes"]


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_the_environment_and_have_no_default(name):
    for variable, value in SERVICES[name]["environment"].items():
        if SECRET.search(variable):
            assert GIVEN.fullmatch(value), f"{name}: {variable}"


def test_the_passwords_of_the_database_are_required():
    for service, variable in (("db", "POSTGRES_PASSWORD"), ("odoo", "PGPASSWORD")):
        assert ":?" in SERVICES[service]["environment"][variable]


def test_every_demo_account_of_the_sandbox_has_its_secrets_and_its_webhook():
    environment = SERVICES["odoo"]["environment"]
    for code in ("SMS", "WHATSAPP", "CLOUD", "CLOUD_APP", "CLOUD_VERIFY"):
        assert environment[f"VELOC_SECRET_SANDBOX_{code}"]
    doors = {
        value.partition("/webhook/")[2]
        for name, value in SERVICES["sandbox"]["environment"].items()
        if name.startswith("SANDBOX_INBOUND_URL_")
    }
    assert doors == {
        "twilio/sandbox-sms",
        "twilio/sandbox-whatsapp",
        "whatsapp/sandbox-cloud",
    }


def test_the_sandbox_is_for_demos_only():
    assert SERVICES["sandbox"]["profiles"] == ["demo"]
    assert not any("profiles" in SERVICES[name] for name in ("db", "odoo"))


def test_nothing_listens_to_the_whole_network():
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_everything_the_image_copies_exists():
    recipe = (ROOT / "config" / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (\S+) ", recipe, re.M):
        assert (ROOT / source).exists()


def test_the_image_installs_pinned_libraries():
    recipe = (ROOT / "config" / "Dockerfile").read_text().replace("\\\n", " ")
    wanted = re.search(r"-c \S+requirements.txt\s+(.*)", recipe)[1].split()
    pins = (ROOT / "requirements.txt").read_text()
    assert wanted
    for name in wanted:
        assert re.search(rf"^{name}==", pins, re.M), name


def test_make_env_writes_every_required_variable_and_new_secrets_each_time():
    first, second = (_make_env() for _ in range(2))
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{(\w+):\?", text)) <= first.keys()
    for name in ("VELOC_DB_PASSWORD", "SANDBOX_AUTH_TOKEN"):
        assert re.fullmatch(r"[0-9a-f]{32}", first[name])
        assert first[name] != second[name]
    assert re.fullmatch(r"AC[0-9a-f]{32}", first["SANDBOX_ACCOUNT_SID"])
    assert re.fullmatch(r"[0-9a-f]{64}", first["VELOC_KEY"])
    assert first["VELOC_KEY"] != second["VELOC_KEY"]


def _make_env():
    script = ["sh", str(ROOT / "config" / "make_env.sh")]
    printed = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^(\w+)=(.*)$", printed, re.M))


def test_the_entry_script_is_sound_shell():
    script = ROOT / "config" / "entrypoint.sh"
    assert script.stat().st_mode & 0o111
    assert not subprocess.run(["sh", "-n", str(script)], check=False).returncode


def test_make_lists_every_target_the_readme_may_name():
    listed = subprocess.run(
        ["make", "-s", "help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    targets = {line.split()[0] for line in listed.splitlines()}
    assert targets == {
        "help", "run", "stop", "test", "unit", "lint", "addon-tests", "e2e", "bench",
        "demo-reset", "clean",
    }  # fmt: skip
