"""Odoo 19 on this machine: a checkout, a folder of packages, or Debian's archive.

Debian's ``sid`` carries Odoo 19. Its dependencies want sid's Python, so it is not
installed but unpacked below ``.veloc/odoo``; the Python packages come with pip.
"""

import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import shell
from .paths import HOME
from .progress import Trouble, say

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PACKAGES = {
    "sid": (
        "odoo-19",
        "libjs-jquery",
        "libjs-jquery-form",
        "libjs-underscore",
        "fonts-montserrat",
        "fonts-roboto-unhinted",
        "fonts-ocr-b",
    ),
    # sid's newer ones dropped the files that Odoo links to
    "bookworm": ("fonts-font-awesome", "fonts-inconsolata"),
}
REMEDY = (
    "Check the network, or point ODOO_PATH at a checkout of Odoo 19 or ODOO_DEB_DIR"
    " at a folder with the Debian packages."
)


@dataclass(frozen=True)
class Odoo:
    """An Odoo 19 that can be started."""

    program: Path  # the script to hand to Python
    python_path: Path  # what makes ``import odoo`` work
    addons: tuple[Path, ...]

    @property
    def lacks_selfie_segmentation(self):
        """Debian's build leaves out one script that every backend page asks for."""
        script = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
        return not any((folder / script).exists() for folder in self.addons)


def ensure_odoo():
    """Return the Odoo to use, fetching and unpacking it when there is none."""
    if checkout := os.environ.get("ODOO_PATH"):
        return _from_checkout(Path(checkout).expanduser().resolve())
    folder = HOME / "odoo"
    if not folder.exists():
        unpacked = HOME / "odoo.partial"
        shutil.rmtree(unpacked, ignore_errors=True)
        debs = _given_debs() or _download_debs()
        for number, deb in enumerate(debs, 1):
            say(f"      unpacking {deb.name} ({number}/{len(debs)})")
            done = shell.quiet(["dpkg", "-x", deb, unpacked])
            if done.returncode:
                raise Trouble(f"{deb} could not be unpacked: {done.stderr.strip()}.")
        unpacked.rename(folder)  # a half-unpacked folder never looks finished
    return _from_debian(folder)


def _from_checkout(root):
    program = root / "odoo-bin"
    release = root / "odoo" / "release.py"
    if not program.exists() or "(19, 0" not in release.read_text():
        raise Trouble(f"ODOO_PATH={root} is not a checkout of Odoo 19.0: correct it.")
    return Odoo(program, root, (root / "addons", root / "odoo" / "addons"))


def _from_debian(folder):
    packages = folder / "usr/lib/python3/dist-packages"
    program = folder / "usr/bin/odoo"
    if not program.exists():
        raise Trouble(f"{folder} holds no Odoo: remove the folder. {REMEDY}")
    return Odoo(program, packages, (packages / "odoo/addons",))


def _given_debs():
    folder = os.environ.get("ODOO_DEB_DIR")
    if not folder:
        return None
    debs = sorted(Path(folder).expanduser().resolve().glob("*.deb"))
    if not any(deb.name.startswith("odoo-19_") for deb in debs):
        raise Trouble(f"ODOO_DEB_DIR={folder} holds no odoo-19_*.deb: correct it.")
    return debs


def _download_debs():
    if not KEYRING.exists() or not shutil.which("apt-get"):
        raise Trouble(f"Odoo can be fetched on Debian only. {REMEDY}")
    target = HOME / "debs"
    target.mkdir(exist_ok=True)
    for suite, packages in PACKAGES.items():
        options = _private_apt(suite, _archive_address())
        trouble = f"Debian's archive could not be read. {REMEDY}"
        say(f"      reading the list of packages of {suite}")
        shell.logged(["apt-get", *options, "update"], f"apt-{suite}.log", trouble)
        for package in packages:
            _download(package, options, target)
    return sorted(target.glob("*.deb"))


def _download(package, options, target):
    if list(target.glob(f"{package}_*.deb")):
        return
    say(f"      downloading {package}")
    done = shell.quiet(["apt-get", *options, "download", package], cwd=target)
    if done.returncode:
        raise Trouble(f"The package {package} could not be downloaded. {REMEDY}")


def _private_apt(suite, address):
    """Return options for an apt with its own lists; the system's stay as they are."""
    base = HOME / "apt" / suite
    (base / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (base / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    source = base / "sources.list"
    source.write_text(f"deb [signed-by={KEYRING}] {address} {suite} main\n")
    settings = {
        "Dir::Etc::sourcelist": source,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::Lists": base / "lists",
        "Dir::Cache": base / "cache",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
        "Acquire::Retries": "3",
        # without this a failed list is a warning, and an empty list is used
        "APT::Update::Error-Mode": "any",
    }
    return [
        part for key, value in settings.items() for part in ("-o", f"{key}={value}")
    ]


def _archive_address():
    """Return the address of Debian's main archive as this machine knows it."""
    folder = Path("/etc/apt/sources.list.d")
    entries = [
        entry
        for path in sorted(folder.glob("*.sources"))
        for entry in _deb822_entries(path.read_text())
    ]
    for path in (Path("/etc/apt/sources.list"), *sorted(folder.glob("*.list"))):
        if path.exists():
            line = r"^deb\s+(?:\[.*?\]\s+)?(\S+)\s+(\S+)\s+(.*)$"
            entries += re.findall(line, path.read_text(), re.M)
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    for address, suites, components in entries:
        of_debian = address.rstrip("/").endswith("/debian")  # not of another vendor
        if of_debian and "main" in components.split() and codename in suites.split():
            return address
    raise Trouble(f"No Debian archive is named below /etc/apt. {REMEDY}")


def _deb822_entries(text):
    """Yield address, suites and components of each paragraph of a sources file."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([\w-]+):\s*(.+)$", paragraph, re.M))
        for address in fields.get("URIs", "").split():
            yield address, fields.get("Suites", ""), fields.get("Components", "")
