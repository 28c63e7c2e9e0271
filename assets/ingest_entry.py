"""The entry of a checked model: scale, axes, mass, collision, colours that can be changed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

import numpy as np

from pairforge.assets import ingest_module
from pairforge.assets.check import UNITS_M
from pairforge.assets.collection import Axis, Entry, JointRange, Kept
from pairforge.assets.ingest_collision import decomposed, hull, to_json
from pairforge.assets.ingest_files import Files
from pairforge.assets.ingest_model import Joint, Model, Triangles, Verdict, extent, posed
from pairforge.assets.repair import Findings
from pairforge.errors import AssetError, did_you_mean
from pairforge.frames import F64

DENSITY_KG_M3 = 400.0
"""Of what does not say what it weighs: hollow things of plastic, wood and sheet."""
COLLISION = "collision.json"
AXES = ("x", "-x", "y", "-y", "z", "-z")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user says of a file; None: guessed, with a verdict that says so."""

    licence: str
    semantic: str = "object"
    noun: str | None = None
    asset_id: str | None = None
    source: str | None = None
    unit: str | None = None
    up: str | None = None
    front: str | None = None
    mass_kg: float | None = None
    density_kg_m3: float | None = None
    materials: dict[str, str] = field(default_factory=dict)
    paint: str | None = None
    collision: Literal["hull", "decompose"] = "hull"
    root: Path | None = None


def make_entry(
    main: str,
    files: Files,
    model: Model,
    found: Findings,
    options: Options,
    unit: str,
    noun: str,
    licences: dict[str, str],
) -> tuple[Entry, list[Verdict], str]:
    """The entry, verdicts on its mass and collision, and the text of its collision file ("" for hulls)."""
    unit_m = UNITS_M[unit]
    up, front = _up(model, options), _front(model, options)
    mass_kg, mass_from = _mass(model, unit_m, options, found)
    pieces, collided = _collision(model, options)
    kept = dict(files.read)
    if pieces:
        kept[COLLISION] = hashlib.sha256(pieces.encode()).hexdigest()
    entry = Entry(
        id=options.asset_id or _identifier(main),
        semantic=options.semantic,
        noun=noun,
        source=options.source or Path(main).name,
        licence=options.licence.strip(),
        main=main,
        unit=unit,
        unit_m=unit_m,
        up=cast("Axis", up),
        front=cast("Axis", front),
        has_front=options.front is not None,
        size_m=_size_m(model, file_axes(up, front), unit_m),
        mass_kg=mass_kg,
        mass_from=mass_from,
        triangles=model.triangle_count,
        paint=_paint(model, options),
        materials=_materials(model, options),
        joints=tuple(_range(joint, unit_m) for joint in model.joints),
        collision=COLLISION if pieces else "",
        files=tuple(Kept(path=path, sha256=digest) for path, digest in sorted(kept.items())),
        licence_files=tuple(
            Kept(path=path, sha256=digest) for path, digest in sorted(licences.items()) if path not in kept
        ),
    )
    guessed = Verdict(
        "mass", "note" if mass_from.startswith("guessed") else "ok", f"{mass_kg:.4g} kg ({mass_from})"
    )
    return entry, [guessed, collided], pieces


def file_axes(up: str, front: str) -> F64:
    """The rotation (3, 3) from the file's axes to x forward, y left, z up. AssetError when they are one line."""
    z, x = _unit(up), _unit(front)
    if abs(float(x @ z)) > 0.5:
        raise AssetError(f"up ({up}) and front ({front}) lie on one axis; give --up and --front apart")
    return np.stack([x, np.cross(z, x), z])


def axes_verdict(model: Model, options: Options) -> Verdict:
    up, front = _up(model, options), _front(model, options)
    file_axes(up, front)
    given = options.up is not None or model.metres
    text = f"up {up}, front {front}{'' if given else ' (usual for its format; --up and --front change them)'}"
    return Verdict("axes", "ok" if given else "note", text)


def _unit(axis: str) -> F64:
    made: F64 = np.eye(3)["xyz".index(axis[-1])] * (-1.0 if axis[0] == "-" else 1.0)
    return made


def _up(model: Model, options: Options) -> str:
    return options.up or model.up


def _front(model: Model, options: Options) -> str:
    """As given, else the format's, else any that is level."""
    up = _up(model, options)
    if options.front is not None:
        return options.front
    return model.front if model.front[-1] != up[-1] else ("x" if up[-1] != "x" else "z")


def _size_m(model: Model, turn: F64, unit_m: float) -> tuple[float, float, float]:
    level = [_level(turn) @ pose for pose in posed(model)]
    low, high = extent(model, level)
    x, y, z = (round(float(v) * unit_m, 6) for v in high - low)
    return x, y, z


def _level(turn: F64) -> F64:
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    return matrix


def _identifier(main: str) -> str:
    stem = re.sub(r"[^a-z0-9_-]+", "_", ingest_module.stem(main).lower()).strip("_-")[:64]
    return stem or "asset"


def _range(joint: Joint, unit_m: float) -> JointRange:
    scale = unit_m if joint.kind == "prismatic" else 1.0
    return JointRange(name=joint.name, kind=joint.kind, lower=joint.lower * scale, upper=joint.upper * scale)


def _mass(model: Model, unit_m: float, options: Options, found: Findings) -> tuple[float, str]:
    """Given, as the file says, or volume times density: of the closed mesh, else of its links' hulls."""
    if options.mass_kg is not None:
        return options.mass_kg, "given"
    if model.mass_kg is not None and options.density_kg_m3 is None:
        return round(model.mass_kg, 6), "from the file"
    closed = not (found.open_edges or found.crowded_edges)
    parts = [link.triangles for link in model.links if len(link.triangles.faces)]
    volume = sum(_volume(t) for t in parts) if closed else 0.0
    what = "closed mesh"
    if volume <= 0:
        volume, what = sum(_hull_volume(t) for t in parts), "hull"
    density = options.density_kg_m3 or DENSITY_KG_M3
    mass = float(np.clip(volume * unit_m**3 * density, 1e-6, 1e6))
    said = f"{density:g} kg/m3 times its {what}"
    return round(mass, 9), said if options.density_kg_m3 else f"guessed: {said}"


def _volume(t: Triangles) -> float:
    corners = t.vertices[t.faces] - t.vertices.mean(axis=0)
    return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))) / 6


def _hull_volume(t: Triangles) -> float:
    import trimesh

    return float(trimesh.convex.convex_hull(hull(t.vertices)).volume)


def _collision(model: Model, options: Options) -> tuple[str, Verdict]:
    if options.collision == "hull":
        count = sum(1 for link in model.links if len(link.triangles.faces))
        text = "1 convex hull" if count == 1 else f"{count} convex hulls, one a link"
        return "", Verdict(
            "collision", "ok", f"{text} (hollows are filled: --collision decompose keeps them)"
        )
    pieces = decomposed(model)
    text = f"{sum(len(link) for link in pieces)} convex pieces by CoACD"
    return json.dumps(to_json(pieces)), Verdict("collision", "ok", text)


def _paint(model: Model, options: Options) -> str:
    """The material that a spec's colour goes to: as given, else the one with the most surface."""
    bases = {s.base for s in model.surfaces}
    if options.paint is not None:
        if options.paint not in bases:
            raise AssetError(f'no material "{options.paint}" to paint. {did_you_mean(options.paint, bases)}')
        return options.paint
    area: dict[str, float] = {}
    for link in model.links:
        corners = link.triangles.vertices[link.triangles.faces]
        sizes = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        for slot, total in enumerate(np.bincount(link.triangles.surface, sizes, len(model.surfaces))):
            base = model.surfaces[slot].base
            area[base] = area.get(base, 0.0) + float(total)
    return max(sorted(area), key=lambda base: round(area[base], 6))


def _materials(model: Model, options: Options) -> dict[str, str]:
    bases = {s.base for s in model.surfaces}
    for name in options.materials:
        if name not in bases:
            raise AssetError(f'no material "{name}" in the file. {did_you_mean(name, bases)}')
    return dict(sorted(options.materials.items()))
