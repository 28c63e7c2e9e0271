"""Real sensors as data: one TOML file each, its values cited from public documents.

A file holds ``kind`` (of sensor), ``title``, ``source`` (documents, with revision), an optional ``note`` (what was
derived or left out) and ``[fields]`` of the kind's spec. ``Lidar.like("velodyne_hdl_32e", name="top")`` reads one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pairforge.errors import SpecError, did_you_mean

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class CatalogueEntry:
    """A real sensor: what kind it is, what its maker says, and where that is written."""

    name: str
    kind: str
    title: str
    source: str
    note: str
    fields: dict[str, Any]


def names(kind: str | None = None) -> tuple[str, ...]:
    """All models, or those of one kind, in order."""
    found = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return tuple(n for n in found if kind in (None, entry(n).kind))


@cache
def entry(name: str) -> CatalogueEntry:
    """A model's entry; SpecError with a suggestion when there is none."""
    path = FOLDER / f"{name}.toml"
    if not name.isidentifier() or not path.is_file():
        raise SpecError(f'unknown sensor model "{name}". {did_you_mean(name, names())}')
    data = tomllib.loads(path.read_text())
    return CatalogueEntry(
        name, data["kind"], data["title"], data["source"], data.get("note", ""), data["fields"]
    )


def fields_of(name: str, kind: str) -> dict[str, Any]:
    """The spec fields of a model; SpecError when there is no such model, or it is of another kind."""
    found = entry(name)
    if found.kind != kind:
        raise SpecError(
            f'"{name}" is a {found.kind}, not a {kind}. Of that kind: {", ".join(names(kind)) or "none"}'
        )
    return {key: tuple(v) if isinstance(v, list) else v for key, v in found.fields.items()}
