"""A provider is added in under 100 lines, as docs/ADDING_A_PROVIDER.md says."""

from code_tree import ROOT, imported_names

EXAMPLE = ROOT / "tests" / "addons" / "veloc_telegram_example"
MOST_LINES = 99


def test_the_example_provider_stays_below_a_hundred_lines():
    lines = {p.name: len(p.read_text().splitlines()) for p in EXAMPLE.rglob("*.py")}
    assert {"telegram.py", "models.py"} <= lines.keys()
    assert sum(lines.values()) <= MOST_LINES, lines


def test_the_example_uses_only_what_other_addons_may_use():
    ours = "odoo.addons.veloc_messaging."
    used = {
        name.removeprefix(ours)
        for path in EXAMPLE.rglob("*.py")
        for name in imported_names(path)
        if name.startswith(ours)
    }
    assert used == {"providers.base", "providers.registry", "providers.transport"}


def test_the_documentation_shows_files_that_exist():
    text = (ROOT / "docs" / "ADDING_A_PROVIDER.md").read_text()
    for name in ("telegram.py", "models.py", "__manifest__.py"):
        assert f"veloc_telegram_example/{name}" in text
        assert (EXAMPLE / name).exists()


def test_the_code_in_the_documentation_is_the_code_that_is_tested():
    text = (ROOT / "docs" / "ADDING_A_PROVIDER.md").read_text()
    blocks = [part.partition("```")[0] for part in text.split("```python\n")[1:]]
    code = "\n".join(path.read_text() for path in EXAMPLE.rglob("*.py"))
    assert blocks
    for block in blocks:
        assert block.strip() in code
