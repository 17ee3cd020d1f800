"""Names and safety habits of the house that no off-the-shelf linter knows."""

import ast
import csv
import re

import pytest
from code_tree import (
    ADDONS,
    ROOT,
    addon_files,
    class_attribute,
    classes,
    model_name,
    parsed,
    records,
    short,
)

NAMELESS = {"utils", "helpers", "misc", "common", "tools"}


def test_a_model_lives_in_the_file_named_after_it():
    strangers = [
        f"{short(path)} holds {name}"
        for path in addon_files("models", "wizards", "report")
        for node in classes(path)
        if (name := model_name(node)) and not _may_live_in(name, node, path.stem)
    ]
    assert not strangers


def _may_live_in(name, node, stem):
    """An extension may add a word to the file's name: veloc_message_delivery.py."""
    home = name.replace(".", "_")
    is_extension = not class_attribute(node, "_name")
    return stem == home or (is_extension and stem.startswith(f"{home}_"))


def test_a_class_is_named_after_its_model():
    strangers = [
        f"{short(path)}: class {node.name} of {name}"
        for path in addon_files("models", "wizards", "report")
        for node in classes(path)
        if (name := model_name(node)) and node.name.lower() != re.sub(r"[._]", "", name)
    ]
    assert not strangers


def test_no_file_without_a_name_of_its_own():
    assert not [short(path) for path in addon_files() if path.stem in NAMELESS]


def test_every_sudo_says_why():
    silent = [
        f"{short(path)}:{number}"
        for path in addon_files()
        for number, before in _lines_with(path, r"\.sudo\((?!False|self\.env\.su)")
        if "# sudo:" not in before
    ]
    assert not silent


def _lines_with(path, pattern):
    """Yield each matching line's number and the text of it and the six before it."""
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if re.search(pattern, line) and not line.lstrip().startswith("#"):
            yield number, "\n".join(lines[max(0, number - 7) : number])


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bcr\.commit\(",
        r"(execute|SQL)\(\s*f[\"']",
        r"\bexcept\s*:",
        r"except Exception:\s*pass",
        r"\btime\.sleep\(",
        r"verify=False",
        r"\bTODO\b(?! ?\(?#\d)",
    ],
)
def test_nobody_writes(pattern):
    found = [
        f"{short(path)}:{number}"
        for path in addon_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found


def test_sql_is_never_put_together_from_text():
    guilty = [
        f"{short(path)}:{node.lineno}"
        for path in addon_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and _called(node) in {"execute", "execute_query", "SQL"}
        and node.args
        and (isinstance(node.args[0], ast.JoinedStr) or _is_glued(node.args[0]))
    ]
    assert not guilty


def _called(node):
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _is_glued(node):
    """Return whether text is built with ``+``, ``%`` or ``.format()``."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return isinstance(node, ast.Call) and _called(node) == "format"


def test_every_stored_model_has_an_access_line():
    for addon in ADDONS:
        path = ROOT / "addons" / addon / "security" / "ir.model.access.csv"
        with path.open() as rows:
            lines = [row["model_id:id"] for row in csv.DictReader(rows)]
        granted = {line.rpartition(".")[2].removeprefix("model_") for line in lines}
        assert not _stored_models(addon) - granted


def _stored_models(addon):
    return {
        name.replace(".", "_")
        for path in addon_files("models", "wizards", "report")
        if path.is_relative_to(ROOT / "addons" / addon)
        for node in classes(path)
        if (name := class_attribute(node, "_name"))
        and not any("AbstractModel" in ast.unparse(base) for base in node.bases)
    }


def test_every_cron_is_run_by_a_test():
    unproved = []
    for addon in ADDONS:
        folder = ROOT / "addons" / addon / "tests"
        tests = "\n".join(path.read_text() for path in folder.glob("*.py"))
        unproved += [
            f"{addon}.{record.get('id')}"
            for _, record in records("ir.cron", addon)
            if "." not in record.get("id")  # one of Odoo's, changed by us
            and f"{addon}.{record.get('id')}" not in tests
        ]
    assert not unproved


def test_every_button_answers_something():
    """XML-RPC cannot carry None: a button without an answer faults over it."""
    silent = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in addon_files("models", "wizards")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("action_")
        and not _always_answers(node)
    ]
    assert not silent


def _always_answers(function):
    """Return whether it ends with an answer and never leaves without one."""
    answers = [n for n in ast.walk(function) if isinstance(n, ast.Return)]
    last = function.body[-1]
    return (
        all(answer.value is not None for answer in answers)
        and not any(ast.unparse(answer.value) == "None" for answer in answers)
        and isinstance(last, ast.Return | ast.Raise)
    )


def test_every_test_class_runs_after_the_install():
    untagged = [
        f"{short(path)}: {node.name}"
        for path in addon_files("tests", tests=True)
        if path.stem.startswith("test_")
        for node in classes(path)
        if _has_tests(node)
        and not any("post_install" in ast.unparse(tag) for tag in node.decorator_list)
    ]
    assert not untagged


def _has_tests(node):
    return any(getattr(item, "name", "").startswith("test_") for item in node.body)


def test_every_test_file_is_imported_by_its_package():
    for addon in ADDONS:
        folder = ROOT / "addons" / addon / "tests"
        listed = (folder / "__init__.py").read_text()
        forgotten = [p.stem for p in folder.glob("test_*.py") if p.stem not in listed]
        assert not forgotten
