"""What the environment says about PostgreSQL, Odoo and the template database."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Settings:
    """Where things are; ``make e2e`` and ``make bench`` export all of it."""

    pg_host: str
    pg_port: str
    pg_user: str
    pg_password: str
    odoo: tuple
    addons_path: str
    template_db: str
    admin_login: str
    admin_password: str
    artefacts: Path
    data_dir: Path | None = None
    chromium: str = "/usr/bin/chromium"

    @classmethod
    def from_environment(cls, environment=None):
        """Read the settings; a KeyError names the variable that is missing."""
        env = os.environ if environment is None else environment
        data_dir = env.get("VELOC_DATA_DIR")
        python = env.get("VELOC_ODOO_PYTHON")
        return cls(
            pg_host=env.get("VELOC_PG_HOST", "127.0.0.1"),
            pg_port=env.get("VELOC_PG_PORT", "5432"),
            pg_user=env.get("VELOC_PG_USER", "odoo"),
            pg_password=env.get("VELOC_PG_PASSWORD", ""),
            odoo=(
                *((python,) if python else ()),
                *shlex.split(env["VELOC_ODOO_BIN"]),
            ),
            addons_path=env.get("VELOC_ADDONS_PATH", str(ROOT / "addons")),
            template_db=env["VELOC_E2E_TEMPLATE_DB"],
            admin_login=env.get("VELOC_E2E_ADMIN_LOGIN", "admin"),
            admin_password=env.get("VELOC_E2E_ADMIN_PASSWORD", "admin"),
            artefacts=Path(env.get("VELOC_ARTEFACTS", ROOT / ".veloc")),
            data_dir=Path(data_dir) if data_dir else None,
            chromium=env.get("VELOC_CHROMIUM", "/usr/bin/chromium"),
        )
