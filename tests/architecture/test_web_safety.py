"""Habits that keep web pages safe, looked for in the parsed code of controllers."""

import ast
import re

from code_tree import addon_files, parsed, short

# What a visitor sends; its name in a redirect or in Markup needs a second look.
SENT = {"redirect", "url", "next", "back", "params", "args", "form", "kwargs", "post"}


def _calls(*layers):
    """Yield (path, call, name of the called)."""
    for path in addon_files(*layers):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                yield (
                    path,
                    node,
                    getattr(node.func, "attr", getattr(node.func, "id", "")),
                )


def _names(node):
    """Return the names of variables and attributes inside an expression."""
    return {
        getattr(part, "id", getattr(part, "attr", ""))
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute)
    }


def test_nobody_is_sent_on_to_an_address_a_visitor_chose():
    """Odoo's ``redirect`` keeps to its own host unless told ``local=False``."""
    open_doors = [
        f"{short(path)}:{call.lineno}"
        for path, call, name in _calls("controllers")
        if name in {"redirect", "redirect_query"}
        and any(
            keyword.arg == "local" and ast.unparse(keyword.value) != "True"
            for keyword in call.keywords
        )
        and call.args
        and _names(call.args[0]) & SENT
    ]
    assert not open_doors


def test_markup_is_made_of_our_own_text_only():
    """What is filled in is escaped by ``Markup % …`` or ``.format``, never before."""
    guilty = [
        f"{short(path)}:{call.lineno}"
        for path, call, name in _calls()
        if name == "Markup"
        and call.args
        and not _is_own_text(call.args[0])
        and not _says_why(path, call.lineno)
    ]
    assert not guilty


def _says_why(path, number):
    """Return whether the line names the check it leaves out and gives a reason."""
    return re.search(r"noqa: S704 +\w{3,}", path.read_text().splitlines()[number - 1])


def _is_own_text(node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_own_text(node.left) and _is_own_text(node.right)
    return isinstance(node, ast.Constant)


def test_an_account_less_page_writes_nothing_elevated_in_one_go():
    """A controller hands over to a model; it never writes with ``sudo()`` itself."""
    guilty = [
        f"{short(path)}:{call.lineno}"
        for path, call, name in _calls("controllers")
        if name in {"create", "write", "unlink"} and "sudo" in ast.unparse(call.func)
    ]
    assert not guilty


def test_pages_never_evaluate_what_was_sent():
    dangerous = {"eval", "exec", "safe_eval", "literal_eval", "loads_pickle"}
    guilty = [
        f"{short(path)}:{call.lineno} {name}"
        for path, call, name in _calls("controllers")
        if name in dangerous
    ]
    assert not guilty


def test_every_cookie_of_ours_is_for_the_server_only():
    loose = [
        f"{short(path)}:{call.lineno}"
        for path, call, name in _calls("controllers")
        if name == "set_cookie"
        and not {"httponly", "samesite"} <= {keyword.arg for keyword in call.keywords}
    ]
    assert not loose
