"""Reads who may do what out of a database, to be compared with a table in a test."""

import inspect

from odoo.exceptions import AccessDenied, AccessError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

OURS = ("veloc_compliance", "veloc_messaging", "veloc_crm")
RIGHTS = (
    ("r", "perm_read"),
    ("w", "perm_write"),
    ("c", "perm_create"),
    ("d", "perm_unlink"),
)
# What a stranger might send for an argument of this name.
SENT = {
    "vals_list": [{}],
    "vals": {},
    "values": {},
    "items": [{}],
    "partner_ids": [1],
    "domain": [],
    "events": [],
    "since": "2026-03-11 15:00:00",
}


class AccessMatrixCase(TransactionCase):
    """A test with a table of rights; ``addon`` says whose models it is about."""

    addon = ""
    table = ""
    # (model, method) → why it may answer anybody who works here.
    open_to_staff = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nobody = new_test_user(cls.env, "role.less")

    def _models(self):
        """Return the names of the models that this addon has brought."""
        known = self.env["ir.model"].search([("model", "=like", "veloc.%")])
        return {
            model.model
            for model in known
            if not self.env[model.model]._abstract
            and min(model.modules.split(", "), key=_height) == self.addon
        }

    def _decided(self):
        """Return ``{model: {role: rights}}`` of the table."""
        decided = {}
        for line in self.table.strip().splitlines():
            model, _colon, said = line.partition(": ")
            pairs = [part.split() for part in said.split(", ") if part != "nobody"]
            decided[model] = dict(pairs)
        return decided

    def _found(self):
        """Return the same as the database has it."""
        found = {name: {} for name in self._models()}
        lines = self.env["ir.model.access"].search(
            [("model_id.model", "in", list(found)), ("active", "=", True)]
        )
        for line in lines:
            rights = "".join(c if line[name] else "-" for c, name in RIGHTS)
            found[line.model_id.model][self._role(line.group_id)] = rights
        return found

    def _role(self, group):
        if not group:
            return "everybody"
        name = group.get_external_id()[group.id]
        return name.removeprefix(f"{self.addon}.group_").removeprefix("base.group_")

    # === METHODS === #

    def _open_methods(self):
        """Return ``{(model, method): what came}`` of methods that did not refuse."""
        still_open = {}
        for model_name, name, method in self._public_methods():
            if (model_name, name) in self.open_to_staff:
                continue
            outcome = self._try(model_name, name, method)
            if outcome:
                still_open[(model_name, name)] = outcome
        return still_open

    def _public_methods(self):
        """Yield (model, name, method) of what anybody might call, written by us."""
        home = f"odoo.addons.{self.addon}."
        for model_name, model_class in self.env.registry.items():
            for base in model_class.__mro__:
                if not base.__module__.startswith(home) or base is BaseModel:
                    continue
                for name, method in vars(base).items():
                    if _is_callable_from_afar(model_class, name, method):
                        yield model_name, name, method

    def _try(self, model_name, name, method):
        """Call as somebody who works here and has no role; return "" if refused."""
        model = self.env[model_name].with_user(self.nobody)
        try:
            with (
                self.env.cr.savepoint(),
                mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_model"),
            ):
                self._call(model, name, method)
        except (AccessError, AccessDenied):
            return ""
        except Exception as error:  # noqa: BLE001 whatever it is, it did not refuse
            return f"{type(error).__name__}: {error}"[:160]

    def _call(self, model, name, method):
        arguments = _arguments(method)
        if not getattr(method, "_api_model", False):
            # sudo: any record will do; the user under test knows none.
            found = model.sudo().search([], limit=1).ids if model._auto else []
            arguments.insert(0, found or [1])
        answer = call_kw(model, name, arguments, {})
        if isinstance(answer, dict) and answer.get("type") == "ir.actions.act_window":
            reason = "only leads to a window, which has its own access lines"
            raise AccessError(reason)
        raise _AnsweredError(repr(answer)[:80])


class _AnsweredError(Exception):
    """The method gave an answer; the savepoint takes back what it did."""


def _height(addon):
    return OURS.index(addon)


def _is_callable_from_afar(model_class, name, method):
    """Return whether it is public and new: what it overrides has Odoo's own guards."""
    if name.startswith("_") or not inspect.isfunction(method):
        return False
    if hasattr(BaseModel, name) or getattr(method, "_api_private", False):
        return False
    return not any(
        name in vars(base) and not base.__module__.startswith("odoo.addons.veloc_")
        for base in model_class.__mro__
    )


def _arguments(method):
    """Return arguments as a stranger would send them."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        SENT.get(parameter.name, "x")
        for parameter in parameters
        if parameter.default is parameter.empty and parameter.kind in plain
    ]
