"""Where things stand, and the few settings that the environment may change."""

import hashlib
import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".veloc"
LOGS = HOME / "log"
STATE = HOME / "state.json"
SECRETS = HOME / "secrets"
ENTRYPOINT = ROOT / "config" / "entrypoint.sh"
DATA = HOME / "data"
ADDONS = ROOT / "addons"
ADDON_NAMES = ("veloc_compliance", "veloc_messaging", "veloc_crm")  # lowest first
DATABASE = "veloc"


def http_port():
    return int(os.environ.get("VELOC_HTTP_PORT", "8069"))


def sandbox_port():
    return int(os.environ.get("VELOC_SANDBOX_PORT", "8070"))


def smtp_port():
    return int(os.environ.get("VELOC_SMTP_PORT", "8025"))


def prepare_home():
    """Make the working folder, with a folder for logs in it."""
    LOGS.mkdir(parents=True, exist_ok=True)


def read_state():
    """Return what earlier runs remembered (ports, folders)."""
    return json.loads(STATE.read_text()) if STATE.exists() else {}


def remember(**values):
    """Keep values for the next run."""
    STATE.write_text(json.dumps(read_state() | values, indent=1, sort_keys=True))


def clone_hash():
    """Return a short name for this clone's place on the machine."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]


def tree_hash(*folders):
    """Return a hash over names and contents of all files below the folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(folder)).encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
