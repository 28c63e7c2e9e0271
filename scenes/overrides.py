"""Overrides: fields of a spec set by dotted name, as ``--set weather.fog_per_m=0.02`` does."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.conditions import condition
from pairforge.scenes.spec import Scene
from pairforge.scenes.typecheck import fits, hints_of, is_distribution, words

S = TypeVar("S")

_LISTS = ("props", "actors", "sensors")
_WHOLE = (*_LISTS, "require", "name")
"""Scene fields that are not set as a whole."""


def overrides(scene: Scene, settings: Mapping[str, Any]) -> Scene:
    """The scene with fields replaced: {"setting.lanes": 4, "front.width_px": "320", "duration_s": 2}.

    A name starts with a field of Scene, or with the name of a prop, actor or sensor. Text is read as what the field
    holds; "weather" takes the name of a condition (``conditions.CONDITIONS``). Raises SpecError for a name that is
    not there or a value that does not fit.
    """
    for name, value in settings.items():
        scene = _override(scene, name, value)
    return scene


def _override(scene: Scene, name: str, value: Any) -> Scene:
    first, _, rest = name.partition(".")
    if name == "weather" and isinstance(value, str):
        return replace(scene, weather=condition(value))
    for group in _LISTS:
        members = getattr(scene, group)
        for index, member in enumerate(members):
            if member.name == first:
                if not rest:
                    raise SpecError(
                        f'"{name}" is a {type(member).__name__}; name one of its fields, as in {name}.…'
                    )
                changed = _set(member, rest, value, name)
                changes: Any = {group: [*members[:index], changed, *members[index + 1 :]]}
                return replace(scene, **changes)
    settable = [f.name for f in fields(scene) if f.name not in _WHOLE]
    if first not in settable:
        named = [member.name for group in _LISTS for member in getattr(scene, group)]
        raise SpecError(f'"{name}": the scene has no "{first}". {did_you_mean(first, [*settable, *named])}')
    return _set(scene, name, value, name)


def _set(spec: S, path: str, value: Any, name: str) -> S:
    """``spec`` with the field at ``path`` below it replaced."""
    first, _, rest = path.partition(".")
    if isinstance(spec, Mapping):
        inner = _set(spec[first], rest, value, name) if rest and first in spec else _guess(value)
        return {**spec, first: inner}  # type: ignore[return-value]  # a mapping stays one
    if not is_dataclass(spec) or isinstance(spec, type):
        raise SpecError(f'"{name}": {spec!r} has no fields')
    known = [f.name for f in fields(spec) if f.init]
    if first not in known:
        raise SpecError(
            f'"{name}": {type(spec).__name__} has no field "{first}". {did_you_mean(first, known)}'
        )
    if rest:
        new = _set(getattr(spec, first), rest, value, name)
    else:
        new = _read(value, hints_of(type(spec)).get(first, Any), name)
    try:
        return replace(spec, **{first: new})
    except SpecError as error:
        raise SpecError(f'"{name}" = {value!r}: {error}') from None


def _read(value: Any, hint: Any, name: str) -> Any:
    """``value`` as the field holds it; text is parsed."""
    if not isinstance(value, str):
        if not fits(value, hint):
            raise SpecError(f'"{name}" = {value!r}: it must be {words(hint)}')
        return value
    options = _options(hint)
    for option in options:
        parsed = _parsed(value, option)
        if parsed is not _NO:
            return parsed
    literals = [str(a) for option in options for a in get_args(option) if get_origin(option) is Literal]
    remedy = did_you_mean(value, literals) if literals else f"it must be {words(_plain(options))}"
    raise SpecError(f'"{name}" = "{value}": {remedy}')


_NO = object()
_ORDER = (type(None), bool, int, float)


def _options(hint: Any) -> list[Any]:
    """What an annotation allows, without distributions, text last."""
    union = get_origin(hint) in (Union, types.UnionType)
    options = [o for o in (get_args(hint) if union else (hint,)) if not is_distribution(o)]
    flat = [o for option in options for o in (_options(option) if get_origin(option) is Union else [option])]
    return sorted(flat, key=lambda o: _ORDER.index(o) if o in _ORDER else 9 if o is str else 5)


def _plain(options: list[Any]) -> Any:
    return Union[tuple(options)] if options else Any  # noqa: UP007 (built at run time)


def _parsed(text: str, hint: Any) -> Any:
    """The text as that type, or ``_NO``."""
    origin = get_origin(hint)
    if hint is str:
        return text
    if hint is type(None):
        return None if text.lower() == "none" else _NO
    if hint is bool:
        return {"true": True, "false": False}.get(text.lower(), _NO)
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            return _NO
    if origin is Literal:
        return text if text in get_args(hint) else _NO
    if origin in (tuple, list):
        return _sequence(text, origin, get_args(hint))
    return _guess(text) if hint in (Any, object) else _NO


def _sequence(text: str, origin: type, args: tuple[Any, ...]) -> Any:
    """Comma-separated entries."""
    words_ = [word.strip() for word in text.strip("()[] ").split(",") if word.strip()]
    open_ended = origin is list or args[-1] is ...
    if not open_ended and len(words_) != len(args):
        return _NO
    parsed = [_parsed(word, args[0] if open_ended else args[i]) for i, word in enumerate(words_)]
    return _NO if any(p is _NO for p in parsed) else origin(parsed)


def _guess(value: Any) -> Any:
    """Text as a truth value or number where it looks like one."""
    if isinstance(value, str):
        for hint in (bool, int, float):
            if (parsed := _parsed(value, hint)) is not _NO:
                return parsed
    return value
