"""The project's own Python environment, rebuilt only when its pins change."""

import hashlib
import shutil

from . import shell, system
from .paths import HOME, ROOT
from .progress import say

VENV = HOME / "venv"
PYTHON = VENV / "bin" / "python"


def ensure_venv(odoo, *names):
    """Install the requirement files named, and make ``import odoo`` work."""
    if not PYTHON.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        python = system.ensure_venv_module()
        trouble = "Python could not make a virtual environment: install python3-venv."
        shell.logged([python, "-m", "venv", VENV], "venv.log", trouble)
    packages = next(VENV.glob("lib/python3*/site-packages"))
    (packages / "veloc_odoo.pth").write_text(f"{odoo.python_path}\n")
    for name in names:
        _install(ROOT / name)


def _install(requirements):
    pins = [requirements, ROOT / "requirements.txt"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in pins)).hexdigest()
    stamp = VENV / f"{requirements.stem}.installed"
    if stamp.exists() and stamp.read_text() == digest:
        return
    say(f"      installing the packages of {requirements.name}")
    trouble = (
        "pip could not install the pinned packages: check the network and run the same"
        " command again."
    )
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    shell.logged(
        [
            *command,
            "--no-deps",
            "--no-compile",
            "--progress-bar",
            "off",
            "-r",
            requirements,
        ],
        f"pip-{requirements.stem}.log",
        trouble,
        hint=lambda line: line.strip() if "ing" in line.split(" ")[0] else "",
    )
    stamp.write_text(digest)
