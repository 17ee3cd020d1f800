"""Every web address of the house, by name: a new one is a decision, not an accident."""

import ast

from code_tree import addon_files, classes, parsed, short

# address → (who may call, methods); "public" means anybody on the internet
ROUTES = {
    "/veloc/preferences/<token>": ("public", {"GET", "POST"}),
    "/veloc/preferences/<token>/receipt/<ref>/<kind>": ("public", {"GET"}),
    "/veloc/unsubscribe/<token>": ("public", {"GET", "POST"}),
    "/veloc/incidents": ("public", {"GET"}),
    "/veloc/incidents/<code>": ("public", {"GET"}),
    "/veloc/second-factor": ("public", {"GET", "POST"}),
    "/veloc/confirm/<token>": ("public", {"GET", "POST"}),
    "/veloc/notice": ("public", {"GET"}),
    "/veloc/notice/<code>": ("public", {"GET"}),
    "/veloc/notice/<code>/<int:number>": ("public", {"GET"}),
    # POST stores nothing: a receipt is checked
    "/veloc/receipt": ("public", {"GET", "POST"}),
    "/veloc/receipt/keys": ("public", {"GET"}),
    "/veloc/receipts/<ref>/<kind>": ("user", {"GET"}),
    "/veloc/consent-import/<int:import_id>/<kind>": ("user", {"GET"}),
    "/veloc/privacy": ("public", {"GET", "POST"}),
    "/veloc/privacy/<token>": ("public", {"GET", "POST"}),
    "/veloc/privacy/<token>/<int:package_id>": ("public", {"POST"}),
    "/my/privacy": ("user", {"GET", "POST"}),
    "/my/privacy/<int:package_id>": ("user", {"POST"}),
    "/veloc/privacy/package/<int:package_id>": ("user", {"GET"}),
    "/veloc/privacy/proof/<int:proof_id>": ("user", {"GET"}),
    # GET: only the handshake of a provider that needs one
    "/veloc/webhook/<provider>/<code>": ("public", {"GET", "POST"}),
    "/veloc/webhook/<provider>/<code>/<key>": ("public", {"GET", "POST"}),
    "/veloc/encarregado": ("public", {"GET"}),
    "/veloc/register/<kind>": ("user", {"GET"}),
    "/veloc/l/<code>": ("public", {"GET"}),
    "/veloc/o/<code>": ("public", {"GET"}),
    "/veloc/push/<token>": ("public", {"GET", "POST"}),
    "/veloc/push/<token>/app.webmanifest": ("public", {"GET"}),
    "/veloc/push/sw.js": ("public", {"GET"}),
    "/veloc/api/v1/events": ("bearer", {"POST"}),
    # other sites' pages; only those that the form names
    "/veloc/capture/<form>": ("public", {"GET", "POST", "OPTIONS"}),
    "/veloc/capture/<form>/note": ("public", {"POST", "OPTIONS"}),
    "/veloc/capture/<form>/preview": ("user", {"GET"}),
    "/veloc/audience/<int:run_id>/<kind>": ("user", {"GET"}),
    "/veloc/health": ("none", {"GET"}),
    # 404 until a token is set, 401 without it
    "/veloc/metrics": ("public", {"GET"}),
    "/veloc/proof/<int:proof_id>": ("user", {"GET"}),
}


def declared_routes():
    """Yield (path, line, address, keywords) of every route in the controllers."""
    for path in addon_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and _is_route(node.func) and node.args:
                addresses = ast.literal_eval(node.args[0])
                keywords = dict(_keywords(node, path))
                for address in [addresses] if isinstance(addresses, str) else addresses:
                    # "string" is what an untyped part of an address is anyway
                    yield path, node.lineno, address.replace("string:", ""), keywords


def _keywords(call, path):
    """Yield (name, value) of a call's keywords, those of ``**CONSTANT`` included."""
    for keyword in call.keywords:
        if keyword.arg:
            yield keyword.arg, _value(keyword.value)
        else:
            shared = _constant(path, keyword.value.id)
            for name, value in zip(shared.keys, shared.values, strict=True):
                yield ast.literal_eval(name), _value(value)


def _constant(path, name):
    """Return the node that a module assigns to a name."""
    return next(
        node.value
        for node in parsed(path).body
        if isinstance(node, ast.Assign) and node.targets[0].id == name
    )


def _value(node):
    """Return a literal, or the source where it is none."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _is_route(function):
    name = getattr(function, "attr", getattr(function, "id", ""))
    return name == "route"


def test_every_address_is_on_the_list_with_its_guard_and_methods():
    found = {
        address: (keywords.get("auth"), set(keywords.get("methods", ["any"])))
        for _, _, address, keywords in declared_routes()
    }
    assert found == ROUTES


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


def test_controllers_of_one_family_do_not_take_each_other_s_method_names():
    """Odoo makes one class of all that extend a controller: the last name wins."""
    taken, doubled = {}, []
    for path in addon_files("controllers"):
        for node in classes(path):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    place = f"{short(path)}:{method.lineno}"
                    family = {ast.unparse(base) for base in node.bases}
                    for base in family - {"Controller"}:
                        other = taken.setdefault((base, method.name), place)
                        doubled += [f"{other} and {place}"] * (other != place)
    assert not doubled
