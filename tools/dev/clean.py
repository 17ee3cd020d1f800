"""``make clean``: leave the clone as git made it."""

import shutil

from . import cluster, run
from .paths import ADDON_NAMES, ADDONS, HOME, ROOT
from .progress import Trouble, say


def clean(_arguments):
    """Stop everything and remove ``.veloc``; refuses outside a clone of Veloc."""
    manifests = [ADDONS / name / "__manifest__.py" for name in ADDON_NAMES]
    if not (ROOT / ".git").exists() or not all(path.exists() for path in manifests):
        raise Trouble(f"{ROOT} is no clone of Veloc: nothing was removed.")
    if HOME.is_symlink():
        raise Trouble(f"{HOME} is a link: remove it by hand.")
    if HOME.exists():
        run.stop([])
        cluster.remove_cluster_data()
        shutil.rmtree(HOME)
    say("Removed .veloc: the clone is as git made it.")
