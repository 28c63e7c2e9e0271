"""Dataclasses as dictionaries, for rows and documents that are only read."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

_ATOMS = frozenset({str, int, float, bool, type(None)})


def plain(record: Any) -> dict[str, Any]:
    """Field -> value of a dataclass, also of those that it holds, as ``dataclasses.asdict`` gives it.

    Values are shared, not copied: that copy is most of ``asdict``'s time, and a keyframe has thousands of facts.
    """
    kind: Any = type(record)
    values = record.__dict__
    return {n: v if type(v := values[n]) in _ATOMS else _plain(v) for n in _names(kind)}


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Names of a dataclass's fields; none for any other type."""
    return tuple(f.name for f in fields(kind)) if is_dataclass(kind) else ()


def _plain(value: Any) -> Any:
    kind: Any = type(value)
    if kind in _ATOMS:
        return value
    if kind is tuple or kind is list:
        return kind([v if type(v) in _ATOMS else _plain(v) for v in value])
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return plain(value) if _names(kind) else value
