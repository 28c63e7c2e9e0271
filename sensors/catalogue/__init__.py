"""Real sensors as data: one TOML file each, its values cited from public documents.

A file holds ``kind`` (of sensor), ``title``, ``source`` (documents, with revision), an optional ``note`` (what was
derived or left out) and ``[fields]`` of the kind's spec, parts of it as tables of their own.
``Lidar.like("velodyne_hdl_32e", name="top")`` reads one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.beams import Beam, Doppler, Raster, Receiver, Rosette, Spin, Surfaces
from pairforge.scenes.optics import Imager, Lens, Shutter

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
    data = tomllib.loads(path.read_text("utf-8"))
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
    return {key: _value(key, value) for key, value in found.fields.items()}


PARTS: dict[str, type] = {
    part.__name__.lower(): part
    for part in (Beam, Receiver, Surfaces, Doppler, Spin, Raster, Rosette, Shutter, Lens, Imager)
}
"""What a table below ``[fields]`` makes: by its own name, or by its ``kind``."""


def _value(key: str, value: Any) -> Any:
    """A TOML value as the spec has it: lists are tuples, tables parts of a sensor."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        inner = {name: _value(name, v) for name, v in value.items() if name != "kind"}
        return PARTS[value.get("kind", key)](**inner)
    return value
