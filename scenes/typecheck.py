"""Specs are typed at run time too: a field of the wrong type is an error where the spec is written."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.distributions import Distribution

_WORDS: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    type(None): "None",
    Mapping: "a mapping, as in {'name': value}",
    Callable: "a function",
}


class Checked:
    """A dataclass whose fields are checked against their annotations when it is made."""

    EXAMPLE: ClassVar[str] = ""
    """One as it is written, for errors where another thing stands in its place."""

    def __post_init__(self) -> None:
        check_fields(self)


def check_fields(spec: Any) -> None:
    """Raises SpecError naming the first field whose value does not fit its annotation."""
    kind: type = type(spec)
    hints = hints_of(kind)
    for spec_field in fields(spec):
        hint = hints.get(spec_field.name, Any)
        value = getattr(spec, spec_field.name)
        if not fits(value, hint):
            raise SpecError(f"{label(spec)}: {_misfit(spec_field.name, value, hint)}")


def _misfit(name: str, value: object, hint: Any) -> str:
    """What does not fit and the remedy: of a list, the member at fault."""
    members = _members(hint)
    if members is not None and isinstance(value, list | tuple):
        for k, member in enumerate(value):
            if not fits(member, members):
                return f"{name}[{k}] is {_said(member)}; {_remedy(member, members)}"
    if members is not None and fits(value, members):
        return f"{name} is {_said(value)}; put it into a list, as in {name}=[…]"
    return f"{name} is {_said(value)}; {_remedy(value, hint)}"


def _members(hint: Any) -> Any:
    """What a field that takes a list (or a tuple of any length) holds; None for others."""
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    held = [get_args(o)[0] for o in options if get_origin(o) is list or get_args(o)[1:] == (...,)]
    return held[0] if held and len(held) == len(options) else None


def _said(value: object) -> str:
    """A value in an error: parts of a spec by kind and name, others as they are written."""
    return (
        f"the {label(value)}" if isinstance(value, Checked) and hasattr(value, "name") else f"{value!r:.200}"
    )


def label(spec: Any) -> str:
    """What to call a part of a spec in an error: ``Prop "mug"``."""
    name = getattr(spec, "name", None)
    return f'{type(spec).__name__} "{name}"' if isinstance(name, str) else type(spec).__name__


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of the annotated type. Whole numbers are numbers; truth values are not."""
    origin, args, drawn = _taken_apart(hint)
    if hint is Any or hint is object:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in args)
    if origin is Literal:
        return value in args
    if origin is tuple:
        return isinstance(value, tuple) and _fits_tuple(value, args)
    if origin is list:
        return isinstance(value, list) and all(fits(v, args[0]) for v in value)
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            fits(k, args[0]) and fits(v, args[1]) for k, v in value.items()
        )
    if drawn and args:
        return isinstance(value, Distribution) and all(fits(e, args[0]) for e in value.examples())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    kind = origin or hint
    return isinstance(value, kind) if isinstance(kind, type) else True


@cache
def _taken_apart(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """Origin and arguments of an annotation, and whether it is a distribution: few are asked for again and again."""
    return get_origin(hint), get_args(hint), is_distribution(hint)


def words(hint: Any) -> str:
    """An annotation as a person would say it.

    >>> words(float | None)
    'a number or None'
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        said = [words(option) for option in args if not is_distribution(option)]
        said += ["a distribution of it"] * (len(said) < len(args))
        return " or ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
    if origin is Literal:
        return ("one of " if len(args) > 1 else "") + ", ".join(repr(a) for a in args)
    if origin is tuple:
        return "a tuple of " + words(args[0]) if args[-1] is ... else f"({', '.join(words(a) for a in args)})"
    if origin is list:
        return "a list of " + words(args[0])
    kind = origin or hint
    if kind in _WORDS:
        return _WORDS[kind]
    name = getattr(kind, "__name__", str(kind))
    example = getattr(kind, "EXAMPLE", "")
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}" + (f", as in {example}" if example else "")


def _remedy(value: object, hint: Any) -> str:
    options = [str(a) for a in get_args(hint)] if get_origin(hint) is Literal else []
    if options and isinstance(value, str):
        return did_you_mean(value, options)
    return f"it must be {words(hint)}"


def is_distribution(hint: Any) -> bool:
    """Whether a type hint is of a distribution."""
    origin = get_origin(hint) or hint
    return isinstance(origin, type) and issubclass(origin, Distribution)


def _fits_tuple(value: tuple[object, ...], args: tuple[Any, ...]) -> bool:
    if len(args) == 2 and args[1] is ...:
        return all(fits(v, args[0]) for v in value)
    return len(value) == len(args) and all(fits(v, a) for v, a in zip(value, args, strict=True))


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """Resolved annotations of a class. A name that only type checkers import stands for anything."""
    unknown: dict[str, Any] = {}
    while True:
        try:
            return get_type_hints(kind, localns=unknown or None)
        except NameError as error:
            if error.name is None or error.name in unknown:
                raise
            unknown[error.name] = Any
