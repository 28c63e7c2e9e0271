"""Where caption templates run: they choose and join words, and can do nothing else, whoever wrote them.

A template is at most ``MOST_SOURCE`` characters of output, conditions and ``{% set %}``. It reaches its slots, the
filters of its language, and of a slot the few attributes listed here. It has no loop, no macro, no import, no method
(but ``get`` of a dictionary), no sum or product, and a name that is set may not be made of another set name: what it
can write is bounded by its length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pairforge.captioners.meanings import Flaw, Street
from pairforge.errors import PairforgeError

MOST_SOURCE = 2000
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.If, nodes.CondExpr),
    *(nodes.Filter, nodes.Concat, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Dict),
    *(nodes.Pair, nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Keyword, nodes.Assign, nodes.Tuple),
    *(nodes.List, nodes.Test),
)
_TESTS = frozenset({"defined", "none", "in"})
_ATTRIBUTES: Mapping[type, frozenset[str]] = {
    Street: frozenset({"weather", "time", "ground", "lined", "place"}),
    Flaw: frozenset({"kind", "face", "near", "size_mm", "grade"}),
    dict: frozenset({"get"}),
}
"""What a template may ask of a value, by its type; of mentions see ``Sandbox``."""


class CaptionTemplateError(PairforgeError):
    """A caption template does not parse, asks for something it was not given, or tries to leave the sandbox."""


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment with no globals, no loader, no builtin filter, and a closed list of attributes and nodes."""

    def __init__(self, filters: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, cache_size=0)
        self.globals.clear()
        self.filters = dict(filters)
        self.tests = {name: self.tests[name] for name in _TESTS}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read an attribute: ``word`` and ``plural`` of a mention, and the listed ones."""
        from pairforge.captioners.realise import Spoken  # it imports this module

        known = (
            frozenset({"word", "plural"})
            if isinstance(obj, Spoken)
            else _ATTRIBUTES.get(type(obj), frozenset())
        )
        return attr in known

    def compiled(self, source: str) -> Template:
        """One phrasing; CaptionTemplateError when it does not parse or holds what no template may."""
        if len(source) > MOST_SOURCE:
            raise CaptionTemplateError(
                f"the caption template {source[:40]!r}… has {len(source)} characters; {MOST_SOURCE} is the most"
            )
        try:
            tree = self.parse(source)
            _check(tree, source)
            return self.from_string(tree)
        except TemplateError as error:
            raise CaptionTemplateError(f"the caption template {source!r} does not parse: {error}") from error
        except RecursionError:
            raise CaptionTemplateError(
                f"the caption template {source[:40]!r}… is nested too deeply"
            ) from None


def _check(tree: nodes.Template, source: str) -> None:
    """Refuses every node that is not on the list, calls of anything but ``get``, and sets made of sets."""
    for node in tree.find_all(nodes.Node):
        if type(node) not in _NODES:
            raise CaptionTemplateError(
                f"the caption template {source!r} holds {type(node).__name__}; "
                "a template may only choose and join words"
            )
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Getattr) and call.node.attr == "get"):
            raise CaptionTemplateError(
                f"the caption template {source!r} calls something; use a filter instead"
            )
    sets = {a.target.name for a in tree.find_all(nodes.Assign) if isinstance(a.target, nodes.Name)}
    for assign in tree.find_all(nodes.Assign):
        used = {n.name for n in assign.node.find_all(nodes.Name)} | (
            {assign.node.name} if isinstance(assign.node, nodes.Name) else set()
        )
        if used & sets or not isinstance(assign.target, nodes.Name):
            raise CaptionTemplateError(
                f"the caption template {source!r} sets a name from another that it sets; write it out"
            )
