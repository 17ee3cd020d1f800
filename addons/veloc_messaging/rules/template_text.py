"""Turn the text of a template into the text of a message.

A small part of Jinja in a sandbox: variables, a few filters and conditions.
Loops, calls, arithmetic and attributes are refused before approval, so that a
template can neither reach the program nor eat its memory.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.exceptions import TemplateAssertionError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS = ("default", "d", "upper", "lower", "title", "capitalize", "trim")
TESTS = ("defined", "undefined")
LITERAL, VARIABLE = "literal", "variable"

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.If,
    nodes.Test,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
    nodes.CondExpr,
    nodes.Keyword,
)


class RenderError(Exception):
    """A text that cannot be made; ``code`` says why, ``detail`` which name."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in the source that must be repaired before approval."""

    code: str
    detail: str = ""


class _Missing(StrictUndefined):
    """An absent variable: any use except ``default`` ends the rendering."""

    __slots__ = ()

    def __init__(self, hint=None, obj=None, name=None, exc=None) -> None:
        super().__init__(hint, obj, name, partial(_missing_variable, name))


class StandIn(_Missing):
    """What is written for a missing value, where the text has no ``default``."""

    __slots__ = ("word",)

    def __init__(self, name: str, word: str) -> None:
        super().__init__(name=name)
        self.word = word

    def __str__(self) -> str:
        return self.word


def _missing_variable(name: str | None, _message: str | None = None) -> RenderError:
    return RenderError("missing_variable", name or "")


def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=_Missing, autoescape=html, keep_trailing_newline=True, cache_size=0
    )
    environment.filters = {
        name: function
        for name, function in environment.filters.items()
        if name in FILTERS
    }
    environment.tests = {
        name: function for name, function in environment.tests.items() if name in TESTS
    }
    environment.globals.clear()
    return environment


_ENVIRONMENTS = {html: _environment(html=html) for html in (False, True)}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text ready to be rendered, and the names it asks for."""

    template: Template
    names: frozenset[str]

    def render(self, values: Mapping[str, str]) -> str:
        """Return the text with ``values`` filled in.

        :raise RenderError: for a missing value or a text that cannot be rendered.
        """
        try:
            return self.template.render(values)
        except TemplateError as error:
            raise RenderError("render_failed", type(error).__name__) from error


@lru_cache(maxsize=2048)
def compiled(source: str, *, html: bool) -> Compiled:
    """Return ``source`` compiled; with ``html`` every value is escaped.

    :raise RenderError: when it is no valid or no allowed template.
    """
    if found := flaws(source):
        raise RenderError(found[0].code, found[0].detail)
    environment = _ENVIRONMENTS[html]
    return Compiled(environment.from_string(source), frozenset(names(source)))


def names(source: str) -> set[str]:
    """Return the variables that ``source`` asks for.

    :raise RenderError: when it cannot be read.
    """
    return {node.name for node in _tree(source).find_all(nodes.Name)}


def pieces(source: str) -> list[tuple[str, str]]:
    """Return the text as literals and variables, in order.

    :raise RenderError: when it holds more than that and ``default('…')``.
    """
    found = []
    for output in _tree(source).body:
        if not isinstance(output, nodes.Output):
            raise RenderError("not_plain", _construct(output))
        found += [_piece(node) for node in output.nodes]
    return found


def _piece(node: nodes.Node) -> tuple[str, str]:
    if isinstance(node, nodes.TemplateData):
        return LITERAL, node.data
    if isinstance(node, nodes.Filter) and node.name in ("default", "d"):
        node = node.node
    if isinstance(node, nodes.Name):
        return VARIABLE, node.name
    construct = node.name if isinstance(node, nodes.Filter) else _construct(node)
    raise RenderError("not_plain", construct)


@lru_cache(maxsize=2048)
def fallbacks(source: str) -> Mapping[str, str]:
    """Return the words that ``default('…')`` puts in the place of each variable."""
    try:
        filters = list(_tree(source).find_all(nodes.Filter))
    except RenderError:
        return {}
    return {
        node.node.name: str(node.args[0].value)
        for node in filters
        if node.name in ("default", "d")
        and isinstance(node.node, nodes.Name)
        and node.args
        and isinstance(node.args[0], nodes.Const)
    }


def flaws(source: str) -> list[Flaw]:
    """Return what makes ``source`` unusable as a template; variables apart."""
    try:
        tree = _tree(source)
    except RenderError as error:
        return [Flaw(error.code, error.detail)]
    return list(dict.fromkeys(_forbidden(tree)))


def _tree(source: str) -> nodes.Template:
    try:
        return _ENVIRONMENTS[False].parse(source)
    except (TemplateSyntaxError, TemplateAssertionError) as error:
        raise RenderError("syntax", f"{error.lineno}: {error.message}") from error
    except RecursionError as error:
        raise RenderError("syntax", "1") from error


def _forbidden(node: nodes.Node) -> Iterator[Flaw]:
    for child in node.iter_child_nodes():
        if not isinstance(child, _ALLOWED):
            yield Flaw("not_allowed", _construct(child))
            continue
        if isinstance(child, nodes.Filter) and child.name not in FILTERS:
            yield Flaw("unknown_filter", child.name)
        if isinstance(child, nodes.Test) and child.name not in TESTS:
            yield Flaw("unknown_filter", child.name)
        yield from _forbidden(child)


def _construct(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f".{node.attr}"
    return type(node).__name__.lower()


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of one message, or the code of what kept it from being made."""

    subject: str = ""
    body: str = ""
    lang: str = ""
    content_sid: str = ""
    content_variables: Mapping[str, str] | None = None
    template_name: str = ""
    template_status: str = ""  # what keeps WhatsApp from taking its template
    segments: int = 0
    version_id: int | None = None
    error: str | None = None
    detail: str = ""


def choose_lang(available: Collection[str], wanted: str | None, home: str) -> str:
    """Return the language to write in: theirs, its sister, ours, any."""
    family = (wanted or "")[:2]
    sisters = sorted(lang for lang in available if family and lang[:2] == family)
    for lang in (wanted, *sisters, home):
        if lang in available:
            return lang
    return min(available)
