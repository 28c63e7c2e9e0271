"""What there is to choose from, with a line about each: the contents of ``pairforge list``."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from typing import Any

from pairforge.errors import SpecError, did_you_mean
from pairforge.registry import EXPORTERS, IMPORTERS, RENDERERS, Registry


def catalogue(kind: str | None = None) -> dict[str, dict[str, str]]:
    """Kind -> name -> one line, for one kind or all; SpecError for a kind that is not there."""
    if kind is not None and kind not in CATALOGUE:
        raise SpecError(f'cannot list "{kind}". {did_you_mean(kind, CATALOGUE)}')
    return {name: rows() for name, rows in CATALOGUE.items() if kind in (None, name)}


def _first_paragraph(thing: Any) -> str:
    return " ".join((thing.__doc__ or "").strip().partition("\n\n")[0].split())


def _registered(registry: Registry) -> dict[str, str]:
    return {name: _first_paragraph(registry.load(name)) for name in registry.names()}


def _scenes() -> dict[str, str]:
    from pairforge.scenes.load import library_names, load_scene

    found = {}
    for name in library_names():
        loaded = load_scene(name)
        constant = name.rpartition(".")[2].upper()
        found[name] = _said_of(loaded.source).get(constant) or f"{loaded.scene.duration_s:g} s"
    return found


def _said_of(source: str) -> dict[str, str]:
    """Constant -> the text that stands below it in a module, on one line."""
    body = ast.parse(source).body
    said = {}
    for assigned, below in pairwise(body):
        if (
            isinstance(assigned, ast.Assign)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            for target in assigned.targets:
                if isinstance(target, ast.Name) and isinstance(below.value.value, str):
                    said[target.id] = " ".join(below.value.value.split())
    return said


def _shapes() -> dict[str, str]:
    from pairforge.scenes.families import family, names

    return {name: f"{family(name).noun} ({family(name).semantic})" for name in names()}


def _sensors() -> dict[str, str]:
    from pairforge.sensors.protocol import SENSORS

    models = {name: SENSORS.load(name) for name in SENSORS.names()}
    return {name: m.about or f"gives a {m.gives.__name__}" for name, m in models.items()}


def _labels() -> dict[str, str]:
    from pairforge.sensors.camera_labels.protocol import LABELS

    return {name: LABELS.load(name).about for name in LABELS.names()}


def _models() -> dict[str, str]:
    from pairforge.sensors.catalogue import entry, names

    return {name: f"{entry(name).title} ({entry(name).kind})" for name in names()}


def _rigs() -> dict[str, str]:
    from pairforge.rigs import RIGS

    modules = {name: import_module(RIGS.rows[name].partition(":")[0]) for name in RIGS.names()}
    return {name: (module.__doc__ or "").partition("\n")[0] for name, module in modules.items()}


def _captioners() -> dict[str, str]:
    from pairforge.captioners.protocol import CAPTIONERS

    return _registered(CAPTIONERS)


def _questions() -> dict[str, str]:
    from pairforge.captioners.questions.registry import FAMILIES

    return _registered(FAMILIES)


def _languages() -> dict[str, str]:
    from pairforge.captioners.languages.protocol import LANGUAGES

    return {code: LANGUAGES.rows[code].rpartition(":")[2] for code in LANGUAGES.names()}


def _contrasts() -> dict[str, str]:
    from pairforge.captioners.contrasts.protocol import kind, names

    return {name: f"needs {kind(name).needs}" for name in names()}


def _exporters() -> dict[str, str]:
    return {name: EXPORTERS.load(name).summary for name in EXPORTERS.names()}


def _importers() -> dict[str, str]:
    return {name: IMPORTERS.load(name).summary for name in IMPORTERS.names()}


def _colours() -> dict[str, str]:
    from pairforge.scenes.colours import PALETTE

    return {name: f"linear RGB {r:.2f}, {g:.2f}, {b:.2f}" for name, (r, g, b) in PALETTE.items()}


def _materials() -> dict[str, str]:
    from pairforge.scenes.materials import KINDS

    return {name: f"roughness {kind.roughness:g}, looks {kind.pattern}" for name, kind in KINDS.items()}


def _conditions() -> dict[str, str]:
    from pairforge.scenes.conditions import CONDITIONS

    return {name: f"--set weather={name}" for name in CONDITIONS}


CATALOGUE: dict[str, Callable[[], dict[str, str]]] = {
    "scenes": _scenes,
    "shapes": _shapes,
    "colours": _colours,
    "materials": _materials,
    "conditions": _conditions,
    "sensors": _sensors,
    "labels": _labels,
    "catalogue": _models,
    "rigs": _rigs,
    "renderers": lambda: _registered(RENDERERS),
    "captioners": _captioners,
    "languages": _languages,
    "questions": _questions,
    "contrasts": _contrasts,
    "exporters": _exporters,
    "importers": _importers,
}
