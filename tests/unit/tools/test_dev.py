"""What make does on a machine, as far as it can be told without one."""

import json
import os
import stat
import subprocess
import sys

import pytest

from tools.dev import (
    cli,
    cluster,
    databases,
    odoo_conf,
    odoo_source,
    paths,
    pytest_run,
    run,
    secret_file,
    services,
    shell,
    suites,
    system,
)
from tools.dev.progress import Trouble

SOURCES = """Types: deb
# http://snapshot.example/archive
URIs: http://deb.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://deb.example/debian-security
Suites: bookworm-security
Components: main
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A working folder of its own, whatever stands in the clone's."""
    for module in (cluster, paths, secret_file, services, shell, pytest_run):
        for name in ("HOME", "LOGS", "STATE", "SECRETS"):
            if hasattr(module, name):
                place = tmp_path / {"HOME": "", "LOGS": "log"}.get(name, name.lower())
                monkeypatch.setattr(module, name, place)
    (tmp_path / "log").mkdir()
    return tmp_path


def test_an_unknown_command_says_which_there_are(capsys):
    assert cli.main(["fly"]) == 2
    assert "demo-reset" in capsys.readouterr().err


def test_a_trouble_is_one_sentence_and_exit_code_one(monkeypatch, capsys):
    def trouble(_arguments):
        raise Trouble("The sky is down: wait.")

    monkeypatch.setitem(cli.COMMANDS, "run", trouble)
    assert cli.main(["run"]) == 1
    assert capsys.readouterr().err == "\nStopped: The sky is down: wait.\n"


def test_the_archive_is_read_from_the_modern_sources():
    entries = list(odoo_source._deb822_entries(SOURCES))
    assert entries[0] == (
        "http://deb.example/debian",
        "bookworm bookworm-updates",
        "main",
    )
    assert len(entries) == 2


def test_a_folder_that_is_no_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_PATH", str(tmp_path))
    with pytest.raises(Trouble, match="not a checkout of Odoo"):
        odoo_source.ensure_odoo()


def test_a_checkout_of_odoo_19_is_taken_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo-bin").touch()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL)")
    monkeypatch.setenv("ODOO_PATH", str(tmp_path))
    odoo = odoo_source.ensure_odoo()
    assert odoo.program == tmp_path / "odoo-bin"
    assert odoo.lacks_selfie_segmentation


def test_a_folder_of_packages_without_odoo_is_refused(home, monkeypatch):
    monkeypatch.setattr(odoo_source, "HOME", home)
    monkeypatch.setenv("ODOO_DEB_DIR", str(home))
    monkeypatch.delenv("ODOO_PATH", raising=False)
    with pytest.raises(Trouble, match=r"holds no odoo-19_\*\.deb"):
        odoo_source.ensure_odoo()


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("ensure_postgres", "apt-get install postgresql"),
        ("ensure_venv_module", "apt-get install python3-venv"),
        ("ensure_chromium", "chromium-driver"),
    ],
)
def test_a_user_without_rights_is_told_what_to_ask_for(monkeypatch, missing, words):
    monkeypatch.setattr(system, "is_root", lambda: False)
    monkeypatch.setattr(system, "postgres_bin", lambda: None)
    monkeypatch.setattr(system.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(system.shutil, "which", lambda _name: None)
    with pytest.raises(Trouble, match=words):
        getattr(system, missing)()


def test_postgres_comes_without_a_cluster_only_on_a_machine_that_had_none(
    tmp_path, monkeypatch
):
    defaults = tmp_path / "createcluster.conf"
    defaults.write_text("#create_main_cluster = true\nssl = on\n")
    monkeypatch.setattr(system, "CLUSTER_DEFAULTS", defaults)
    monkeypatch.setattr(system, "is_root", lambda: True)
    found = iter([None, tmp_path])
    monkeypatch.setattr(system, "postgres_bin", lambda: next(found))
    monkeypatch.setattr(system, "_is_installed", lambda _package: False)
    installed = []
    monkeypatch.setattr(system, "apt_install", lambda *names: installed.extend(names))
    assert system.ensure_postgres() == tmp_path
    assert installed == ["postgresql-common", "postgresql"]
    assert defaults.read_text() == "ssl = on\ncreate_main_cluster = false\n"


def test_a_secret_is_invented_once_and_only_its_owner_reads_it(home):
    first = secret_file.ensure("TOKEN")
    assert secret_file.ensure("TOKEN") == first
    assert len(first) == 32
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o600
    secret_file.forget("TOKEN")
    assert secret_file.read_all() == {}


def test_a_clone_has_one_key_of_its_own_whatever_the_shell_says(home, monkeypatch):
    monkeypatch.setenv("VELOC_KEY_FILE", "/somebody/elses/key")
    first = odoo_conf.field_key()
    assert len(bytes.fromhex(first["VELOC_KEY"])) == 32
    assert first["VELOC_KEY_FILE"] == ""
    assert odoo_conf.field_key() == first


def test_the_entry_script_refuses_to_start_without_a_key():
    script = paths.ROOT / "config" / "entrypoint.sh"
    environment = {"PATH": os.environ["PATH"], "PGHOST": "nowhere.invalid"}
    run = subprocess.run(
        ["sh", script, "serve"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert run.returncode == 1
    assert "there is no key for encrypted fields" in run.stderr


def test_what_is_remembered_is_added_to_what_was_known(home):
    paths.remember(pg_port=5601)
    paths.remember(pg_data="/x")
    assert json.loads((home / "state").read_text()) == {
        "pg_data": "/x",
        "pg_port": 5601,
    }


def test_a_taken_port_names_the_port_and_the_way_out(home, monkeypatch):
    with run.cluster.socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        service = services.Service("odoo", port, "/", "VELOC_HTTP_PORT")
        with pytest.raises(Trouble, match=rf"{port}.*VELOC_HTTP_PORT=<port>"):
            service.check_port()


def test_a_pid_of_an_earlier_life_is_not_taken_for_the_service(home):
    service = services.Service("odoo", 1, "/", "VELOC_HTTP_PORT")
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        service.pid_file.write_text(f"{process.pid} 1")
        assert service.pid() is None
        born = services._born(process.pid)
        service.pid_file.write_text(f"{process.pid} {born}")
        assert service.pid() == process.pid
    finally:
        process.communicate()
    assert service.pid() is None


def test_stopping_what_does_not_run_is_no_trouble(home):
    assert services.Service("odoo", 1, "/", "VELOC_HTTP_PORT").stop() is False


def test_a_companion_needs_no_port_and_stops_like_the_others(home):
    companion = services.Companion("broker")
    companion.start([sys.executable, "-c", "import time; time.sleep(60)"], {})
    first = companion.pid()
    companion.start([sys.executable, "-c", "pass"], {})
    assert first
    assert companion.pid() == first, "it ran already: a second start is no start"
    assert companion.stop() is True
    assert companion.pid() is None


def test_a_failing_program_leaves_its_words_in_the_trouble(home, monkeypatch):
    monkeypatch.setattr(shell, "ROOT", home)
    with pytest.raises(Trouble, match=r"It broke\. The whole story is in log/x\.log"):
        shell.logged(["sh", "-c", "echo why; exit 3"], "x.log", "It broke.")
    assert (home / "log" / "x.log").read_text() == "why\n"


def test_a_warning_during_the_install_is_a_complaint_unless_a_library_made_it():
    log = """2026-11-22 07:00:00,1 9 INFO db odoo.modules: Loading
2026-11-22 07:00:00,1 9 WARNING db py.warnings: x is deprecated
2026-11-22 07:00:00,1 9 WARNING db odoo.models: two fields with one label
2026-11-22 07:00:00,1 9 ERROR db odoo.sql_db: bad query"""
    assert [line.split()[3] for line in databases.complaints(log)] == [
        "WARNING",
        "ERROR",
    ]


def test_odoo_tells_how_far_it_is():
    line = "INFO db odoo.modules.loading: Loading module crm (17/22)"
    assert databases._module_progress(line) == "module 17 of 22: crm"
    assert not databases._module_progress("anything else")


@pytest.mark.parametrize(
    ("code", "skipped", "trouble"),
    [(0, 0, ""), (1, 0, "exit code 1"), (0, 1, "1 skipped"), (5, 0, "exit code 5")],
)
def test_a_run_is_green_only_if_every_test_ran(home, code, skipped, trouble):
    result = pytest_run.PytestRun("x", [])
    result.log.write_text("....\n== 4 passed in 0.10s ==\n")
    suite = f'<testsuite tests="4" skipped="{skipped}"/>'
    result.report.write_text(f"<testsuites>{suite}</testsuites>")
    result._judge(code)
    assert result.closing_line == "4 passed in 0.10s"
    assert trouble in result.trouble
    assert bool(result.trouble) == bool(trouble)


def test_a_red_run_names_what_failed_once_more_at_its_end(home, capsys):
    result = pytest_run.PytestRun("x", [])
    result.log.write_text("== 1 failed, 2 passed in 0.10s ==\n")
    case = '<testcase classname="tests.a" name="%s">%s</testcase>'
    cases = (
        case % pair for pair in (("b", "<failure/>"), ("c", ""), ("d", "<error/>"))
    )
    result.report.write_text(f"<testsuites>{''.join(cases)}</testsuites>")
    result._judge(1)
    with pytest.raises(Trouble):
        suites._verdict([result])
    said = capsys.readouterr().out
    assert "FAILED tests.a::b" in said
    assert "FAILED tests.a::d" in said
    assert "::c" not in said


def test_a_red_run_ends_the_whole(home):
    result = pytest_run.PytestRun("crm", [])
    result.trouble = "FAILED"
    with pytest.raises(Trouble, match="not green: lint, crm"):
        suites._verdict([result], lint_clean=False)


def test_the_hash_of_the_sources_sees_a_change_of_name_and_of_content(tmp_path):
    (tmp_path / "a").write_text("1")
    first = paths.tree_hash(tmp_path)
    (tmp_path / "a").write_text("2")
    second = paths.tree_hash(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, paths.tree_hash(tmp_path)}) == 3
