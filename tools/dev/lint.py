"""Every check that needs no test: format, style, Odoo's conventions, sound XML."""

from xml.etree import ElementTree

from . import shell, venv
from .odoo_source import ensure_odoo
from .paths import ADDON_NAMES, ADDONS, ROOT, prepare_home
from .progress import Trouble, say

BIN = venv.VENV / "bin"
ADDON_PATHS = [f"addons/{name}" for name in ADDON_NAMES]
# The project has one README; rules mark texts with _ and a model translates them.
NOT_OURS = (
    # Long models are split over files of the same addon.
    "missing-readme,prefer-env-translation,consider-merging-classes-inherited"
)
CHECKS = {
    "ruff check": [BIN / "ruff", "check", "."],
    "ruff format": [BIN / "ruff", "format", "--check", "."],
    "pylint-odoo": [
        BIN / "pylint",
        "-d",
        "all",
        "-e",
        "odoolint",
        "-d",
        NOT_OURS,
        *ADDON_PATHS,
    ],
    "oca-checks-odoo-module": [BIN / "oca-checks-odoo-module", *ADDON_PATHS],
}


def lint_only(_arguments):
    """Lint the clone; the exit code says whether it is clean."""
    prepare_home()
    venv.ensure_venv(ensure_odoo(), "requirements.txt", "requirements-dev.txt")
    if not check():
        raise Trouble("Lint found something: see the lines above.")
    say("Lint is clean.")


def check():
    """Run all checks, print what they find, and return whether all are clean."""
    results = [_run(name, command) for name, command in CHECKS.items()]
    if catalogues := sorted(ADDONS.glob("*/i18n/*.po")):
        results.append(_run("oca-checks-po", [BIN / "oca-checks-po", *catalogues]))
    return all([*results, _xml_is_well_formed()])


def _run(name, command):
    done = shell.quiet(command)
    _report(name, done.returncode == 0, done.stdout + done.stderr)
    return done.returncode == 0


def _xml_is_well_formed():
    wrong = []
    for path in sorted(ADDONS.rglob("*.xml")):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            wrong.append(f"{path.relative_to(ROOT)}: {error}")
    _report("well-formed XML", not wrong, "\n".join(wrong))
    return not wrong


def _report(name, clean, output):
    say(f"      {name}: {'clean' if clean else 'NOT clean'}")
    if not clean:
        say(output.strip())
