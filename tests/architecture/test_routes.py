"""Every web address of the house, by name: a new one is a decision, not an accident."""

import ast

from code_tree import addon_files, parsed, short

# address → (who may call, methods); "public" means anybody on the internet
ROUTES = {
    "/veloc/preferences/<string:token>": ("public", {"GET", "POST"}),
    "/veloc/unsubscribe/<string:token>": ("public", {"GET", "POST"}),
    "/veloc/webhook/<string:provider>/<string:code>": ("public", {"POST"}),
    "/veloc/webhook/<string:provider>/<string:code>/<string:key>": (
        "public",
        {"POST"},
    ),
    "/veloc/api/v1/events": ("bearer", {"POST"}),
    "/veloc/health": ("none", {"GET"}),
}


def declared_routes():
    """Yield (path, line, address, keywords) of every route in the controllers."""
    for path in addon_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and _is_route(node.func) and node.args:
                addresses = ast.literal_eval(node.args[0])
                keywords = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
                for address in [addresses] if isinstance(addresses, str) else addresses:
                    yield path, node.lineno, address, keywords


def _is_route(function):
    name = getattr(function, "attr", getattr(function, "id", ""))
    return name == "route"


def test_every_address_is_on_the_list_with_its_guard_and_methods():
    found = {
        address: (keywords.get("auth"), set(keywords.get("methods", ["any"])))
        for _, _, address, keywords in declared_routes()
    }
    assert not {a: guard for a, guard in found.items() if ROUTES.get(a) != guard}


def test_addresses_stand_in_controllers_only():
    assert not [
        f"{short(path)}:{line}"
        for path, line, _, _ in declared_routes()
        if path.parent.name != "controllers"
    ]


def test_an_address_without_csrf_guard_keeps_no_session():
    loose = [
        f"{short(path)}:{line} {address}"
        for path, line, address, keywords in declared_routes()
        if keywords.get("csrf") is False and keywords.get("save_session") is not False
    ]
    assert not loose
