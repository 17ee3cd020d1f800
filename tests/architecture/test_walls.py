"""The walls of docs/ARCHITECTURE.md: who may know whom, and what."""

import ast
import sys

from code_tree import ADDONS, ROOT, addon_files, imported_names, parsed, short

PUBLIC = ("const", "providers.base", "tests.common")  # shown to the addons above
PURE = {
    "babel",
    "cryptography",
    "dateutil",
    "holidays",
    "jinja2",
    "markupsafe",
    "numpy",
    "orjson",
    "pandas",
    "phonenumbers",
    "rapidfuzz",
    "scipy",
    "sklearn",
    "stdnum",
}
NETWORK = (
    "aiohttp",
    "aiosmtpd",
    "ftplib",
    "http.client",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "twilio",
    "urllib.request",
    "urllib3",
    "xmlrpc",
)
CLOCKS = {"now", "today", "utcnow", "monotonic", "time_ns", "perf_counter"}


def below(name, packages):
    return any(
        name == package or name.startswith(f"{package}.") for package in packages
    )


def own_package(path):
    """Return the dotted name of the layer a file stands in."""
    return ".".join(("odoo", *path.relative_to(ROOT).parts[:3]))


def test_there_is_something_to_look_at():
    for layer in ("rules", "providers", "models", "controllers", "wizards"):
        assert addon_files(layer)


def test_rules_import_only_pure_libraries_their_constants_and_each_other():
    foreign = [
        f"{short(path)} imports {name}"
        for path in addon_files("rules")
        for name in imported_names(path)
        if not below(name, [own_package(path), own_package(path)[:-6] + ".const"])
        and name.split(".")[0] not in sys.stdlib_module_names | PURE
    ]
    assert not foreign


def test_rules_touch_neither_network_nor_other_programs():
    guilty = [
        f"{short(path)} imports {name}"
        for path in addon_files("rules")
        for name in imported_names(path)
        if below(name, (*NETWORK, "subprocess", "asyncio", "threading"))
    ]
    assert not guilty


def test_rules_and_providers_do_not_know_odoo():
    guilty = [
        f"{short(path)} imports {name}"
        for path in addon_files("rules", "providers")
        for name in imported_names(path)
        if below(name, ["odoo"]) and not below(name, ["odoo.addons"])
    ]
    assert not guilty


def test_only_providers_touch_the_network():
    guilty = [
        f"{short(path)} imports {name}"
        for path in addon_files()
        for name in imported_names(path)
        if path.parent.name != "providers" and below(name, NETWORK)
    ]
    assert not guilty


def test_rules_have_no_clock():
    guilty = [
        f"{short(path)}:{node.lineno}"
        for path in addon_files("rules")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and _reads_a_clock(node.func)
    ]
    assert not guilty


def _reads_a_clock(function):
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    return function.attr in CLOCKS or (owner, function.attr) == ("time", "time")


def test_addons_depend_downwards_only():
    guilty = [
        f"{short(path)} imports {name}"
        for path in addon_files(tests=True)
        for name in imported_names(path)
        for above in ADDONS[_height(path) + 1 :]
        if below(name, [f"odoo.addons.{above}"])
    ]
    assert not guilty


def test_addons_use_only_the_public_modules_of_each_other():
    guilty = [
        f"{short(path)} imports {name}"
        for path in addon_files(tests=True)
        for name in imported_names(path)
        for other in set(ADDONS) - {ADDONS[_height(path)]}
        if below(name, [f"odoo.addons.{other}"])
        and not _is_public(name.removeprefix(f"odoo.addons.{other}."))
    ]
    assert not guilty


def _height(path):
    return ADDONS.index(path.relative_to(ROOT).parts[1])


def _is_public(module):
    return below(module, PUBLIC) or module in {"rules", "providers"}


def test_manifests_depend_downwards_only():
    for height, addon in enumerate(ADDONS):
        manifest = ast.literal_eval(
            (ROOT / "addons" / addon / "__manifest__.py").read_text()
        )
        ours = {name for name in manifest["depends"] if name.startswith("veloc_")}
        assert ours == set(ADDONS[height - 1 : height])
        assert manifest["license"] == "LGPL-3"
