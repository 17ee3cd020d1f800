"""The project's own files, parsed once, for the tests that look at all of them."""

import ast
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
ADDONS = ("veloc_compliance", "veloc_messaging", "veloc_crm")  # lowest first


def short(path):
    """Return the path as a reader of a failed test wants it."""
    return str(path.relative_to(ROOT))


@cache
def parsed(path):
    return ast.parse(path.read_text())


@cache
def addon_files(*layers, tests=False):
    """Return the Python files of all addons, of some layers only if named."""
    found = []
    for addon in ADDONS:
        home = ROOT / "addons" / addon
        for path in sorted(home.rglob("*.py")):
            layer = path.relative_to(home).parts[0]
            if (tests or layer != "tests") and (not layers or layer in layers):
                found.append(path)
    return tuple(found)


@cache
def xml_files(addon="*"):
    return tuple(sorted((ROOT / "addons").glob(f"{addon}/**/*.xml")))


@cache
def records(model, addon="*"):
    """Return (path, element) of every XML record of that model."""
    return tuple(
        (path, record)
        for path in xml_files(addon)
        for record in ElementTree.parse(path).iter("record")
        if record.get("model") == model
    )


def field(record, name):
    """Return the field element of a record, or None."""
    return record.find(f"field[@name='{name}']")


def text(record, name):
    """Return the text of a record's field, or ''."""
    found = field(record, name)
    return (found.text or "").strip() if found is not None else ""


def classes(path):
    return [node for node in parsed(path).body if isinstance(node, ast.ClassDef)]


def class_attribute(node, name):
    """Return the literal a class assigns to a name, or None."""
    for item in node.body:
        if isinstance(item, ast.Assign):
            target = item.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                return ast.literal_eval(item.value)
    return None


def model_name(node):
    """Return the model a class declares or extends, or None for another class."""
    inherited = class_attribute(node, "_inherit")
    if isinstance(inherited, list | tuple):
        inherited = inherited[0] if len(inherited) == 1 else None
    return class_attribute(node, "_name") or inherited


def imported_names(path):
    """Yield the absolute name of everything the file imports."""
    package = ("odoo", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join(base + ([node.module] if node.module else []))
            yield from (f"{module}.{alias.name}" for alias in node.names)
