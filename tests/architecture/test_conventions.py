"""Naming and safety habits of docs/STYLE.md that no off-the-shelf linter knows."""

import ast
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
ADDONS = sorted(manifest.parent for manifest in ROOT.glob("addons/*/__manifest__.py"))


def files(pattern):
    paths = sorted(path for addon in ADDONS for path in addon.glob(pattern))
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def class_attribute(node, name):
    for item in node.body:
        if isinstance(item, ast.Assign) and item.targets[0].id == name:
            return ast.literal_eval(item.value)
    return None


@pytest.mark.parametrize("path", files("models/[!_]*.py"))
def test_a_model_lives_in_the_file_named_after_it(path):
    classes = [
        n for n in ast.parse(path.read_text()).body if isinstance(n, ast.ClassDef)
    ]
    names = {
        class_attribute(node, "_name") or class_attribute(node, "_inherit")
        for node in classes
    }
    assert names == {path.stem.replace("_", ".")}


@pytest.mark.parametrize("path", files("**/[!_]*.py"))
def test_every_sudo_says_why(path):
    lines = path.read_text().splitlines()
    silent = [
        number
        for number, line in enumerate(lines, 1)
        if ".sudo(" in line
        and "# sudo:" not in "\n".join(lines[max(0, number - 6) : number])
    ]
    assert "tests" in path.parts or not silent


@pytest.mark.parametrize("path", files("views/*.xml"))
def test_view_ids_follow_the_model(path):
    for record in ElementTree.parse(path).iter("record"):
        if record.get("model") == "ir.ui.view":
            model = record.find("field[@name='model']").text.replace(".", "_")
            assert re.fullmatch(rf"{model}_view_\w+", record.get("id"))


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_every_cron_is_run_by_a_test(addon):
    tests = "\n".join(path.read_text() for path in addon.glob("tests/*.py"))
    for data in addon.glob("data/*.xml"):
        for record in ElementTree.parse(data).iter("record"):
            if record.get("model") == "ir.cron":
                assert f"{addon.name}.{record.get('id')}" in tests
