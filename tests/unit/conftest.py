"""Make ``odoo.addons.<addon>.rules`` importable without starting Odoo.

Each addon becomes a bare package: its ``__init__`` (which loads the models) is
not run, so a unit test that reaches for the ORM fails at import.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def _bare_package(name, path=None):
    package = ModuleType(name)
    package.__path__ = [str(path)] if path else []
    sys.modules[name] = package


_bare_package("odoo")
_bare_package("odoo.addons")
for manifest in ROOT.glob("addons/*/__manifest__.py"):
    _bare_package(f"odoo.addons.{manifest.parent.name}", manifest.parent)
