"""Sizes a reader can hold in the head."""

import ast

from code_tree import ROOT, parsed, short

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def _python_files():
    return [
        path
        for folder in ("addons", "tests", "tools", "config")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def test_files_stay_small():
    big = {
        short(path): lines
        for path in _python_files()
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert not big


def test_functions_stay_short():
    long = {
        f"{short(path)}:{node.lineno} {node.name}": lines
        for path in _python_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _length(node)) > LONGEST_FUNCTION
    }
    assert not long


def _length(node):
    """Return the lines of a function without decorators, signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_every_module_says_what_it_is_for():
    silent = [
        short(path)
        for path in _python_files()
        if not path.stem.startswith(("__", "test_"))
        and not _says_what_for(parsed(path))
    ]
    assert not silent


def _says_what_for(tree):
    """Return whether the file or the first class in it (a model) has a docstring."""
    first_class = next((n for n in tree.body if isinstance(n, ast.ClassDef)), None)
    return ast.get_docstring(tree) or (
        first_class is not None and ast.get_docstring(first_class)
    )
