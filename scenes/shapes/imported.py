"""Things from files of someone else's: "FOLDER:ID" names an asset of a collection as a shape family.

The drawn params hold the sha256 of all that the asset is, so a concrete scene is exact: building it refuses a
collection that has changed. Joints are params (``joint_NAME``, radians or metres), at rest unless a spec sets them.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from pairforge.assets import collection
from pairforge.assets.collection import Entry
from pairforge.assets.ingest import read
from pairforge.assets.ingest_collision import from_json, hulls
from pairforge.assets.ingest_entry import file_axes
from pairforge.assets.ingest_files import Files
from pairforge.assets.ingest_model import Link, Model, Surface, Triangles, extent, posed
from pairforge.errors import AssetError
from pairforge.frames import F64, Pose, triple
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.materials import material_of, reflectivity
from pairforge.scenes.shapes.meshing import creased
from pairforge.scenes.shapes.solids import hull_collider
from pairforge.scenes.shapes.substances import SUBSTANCES, substance
from pairforge.scenes.world import Collider, Material, Mesh, Shape, ShapeLink, ShapePart
from pairforge.seeding import Stream

CREASE_DEG = 40.0
Params = dict[str, Any]


def imported_family(name: str) -> ShapeFamily:
    """The family of "FOLDER:ID"; AssetError when there is no such collection or asset."""
    folder, asset_id = collection.split(name)
    home = collection.locate(folder)
    entry = collection.read(home).entry(asset_id, f'"{folder}"')
    return ShapeFamily(
        name,
        semantic=entry.semantic,
        noun=entry.noun,
        draw=partial(_draw, entry),
        build=partial(_build, home, entry),
        has_front=entry.has_front,
        size_key="size_m",
    )


def proved(home: Path, entry: Entry) -> str:
    """What is wrong with an asset of a collection on disk; "" when it can be built from what was added."""
    try:
        _loaded(home.resolve(), entry.id, entry.sha256)
        _build(home.resolve(), entry, _draw(entry, Stream(0)), None)
    except AssetError as error:
        return f"{entry.id}: {error}"
    return ""


def joint_key(name: str) -> str:
    """The param of a joint: "left hip.x" -> "joint_left_hip_x"."""
    return "joint_" + re.sub(r"\W", "_", name)


def _draw(entry: Entry, stream: Stream) -> Params:
    """Nothing is random about a file: its identity, its own size and its joints at rest."""
    rest = {joint_key(j.name): min(max(0.0, j.lower), j.upper) for j in entry.joints}
    return {"size_m": entry.largest_m, "sha256": entry.sha256, **rest}


def _build(home: Path, entry: Entry, params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the largest extent with the joints at rest; mass grows with its cube."""
    if params["sha256"] != entry.sha256:
        raise AssetError(
            f'asset "{entry.id}" in "{home}" is not the one this scene was drawn with (sha256 '
            f"{entry.sha256[:12]}…, not {str(params['sha256'])[:12]}…). Put the old collection back, or draw anew."
        )
    model, pieces = _loaded(home, entry.id, entry.sha256)
    factor = float(params["size_m"]) / entry.largest_m
    scale = entry.unit_m * factor
    poses = _level(model, entry, params, factor)
    low, high = extent(model, poses)
    shift = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    materials = [_material(entry, s, k, paint) for k, s in enumerate(model.surfaces)]
    parts, colliders, links = [], [], []
    for link, pose, hulls_of_link in zip(model.links, poses, pieces, strict=True):
        body_from_part = _rigid(pose, shift, scale)
        colliders += [_collider(points * scale, body_from_part) for points in hulls_of_link]
        if len(link.triangles.faces):
            parts.append(ShapePart(link.name, _mesh(link.triangles, scale, materials), body_from_part))
        links.append(_link(link, hulls_of_link, entry, params, factor, scale, body_from_part))
    size = (high - low) * scale
    what = substance(paint, _kind(entry))
    return Shape(
        parts=tuple(parts),
        size_m=triple(size),
        centre_m=(0.0, 0.0, float(size[2]) / 2),
        mass_kg=entry.mass_kg * factor**3,
        colliders=tuple(colliders),
        links=tuple(links) if model.joints else (),
        friction=what.friction,
        restitution=what.restitution,
    )


@lru_cache(maxsize=32)
def _loaded(home: Path, asset_id: str, sha256: str) -> tuple[Model, list[list[F64]]]:
    """The model and its collision pieces, every file compared with the sha256 it was added with."""
    entry = collection.read(home).entry(asset_id)
    files = Files(home / asset_id, {kept.path: kept.sha256 for kept in entry.files})
    model, _ = read(files, entry.main)
    for kept in entry.files:
        if kept.path not in files.read and kept.path != entry.collision:
            files.bytes_of(kept.path)
    if not entry.collision:
        return model, hulls(model)
    return model, from_json(json.loads(files.bytes_of(entry.collision)))


def _level(model: Model, entry: Entry, params: Params, factor: float) -> list[F64]:
    """Poses (4, 4) of the links, turned to x forward and z up, in the file's unit. AssetError beyond a limit."""
    positions = {}
    for joint in entry.joints:
        at = float(params[joint_key(joint.name)])
        if not joint.lower - 1e-9 <= at <= joint.upper + 1e-9:
            raise AssetError(
                f'"{entry.id}": {joint_key(joint.name)} is {at:g}, beyond {joint.lower:g} to {joint.upper:g}'
            )
        positions[joint.name] = at / entry.unit_m if joint.kind == "prismatic" else at
    turn = np.eye(4)
    turn[:3, :3] = file_axes(entry.up, entry.front)
    return [turn @ pose for pose in posed(model, positions)]


def _link(
    link: Link,
    pieces: list[F64],
    entry: Entry,
    params: Params,
    factor: float,
    scale: float,
    body_from_link: Pose,
) -> ShapeLink:
    """A link in metres; the root hangs on the body where it is posed."""
    part = link.name if len(link.triangles.faces) else ""
    colliders = tuple(hull_collider(points * scale) for points in pieces)
    joint = link.joint
    if joint is None:
        return ShapeLink(link.name, link.parent, "", "fixed", body_from_link, part=part, colliders=colliders)
    slides = joint.kind == "prismatic"
    # Slides grow with the thing; params speak of its own size.
    unit = factor if slides else 1.0
    limits = {j.name: (j.lower * unit, j.upper * unit) for j in entry.joints}.get(joint.name, (0.0, 0.0))
    at = float(params[joint_key(joint.name)]) * unit if joint.moves else 0.0
    return ShapeLink(
        link.name,
        link.parent,
        joint.name,
        joint.kind,
        _rigid(joint.parent_from_joint, np.zeros(3), scale),
        joint.axis,
        *limits,
        position=at,
        part=part,
        colliders=colliders,
    )


def _rigid(pose: F64, shift: F64, scale: float) -> Pose:
    matrix = pose.copy()
    matrix[:3, 3] = (pose[:3, 3] - shift) * scale
    return Pose.from_matrix(matrix)


def _mesh(t: Triangles, scale: float, materials: list[Material]) -> Mesh:
    """In metres, smooth but for creases, with the materials it uses."""
    used, slots = np.unique(t.surface, return_inverse=True)
    plain = Mesh(
        vertices=(t.vertices * scale).astype(np.float32),
        faces=t.faces.astype(np.int32),
        face_material=slots.reshape(-1).astype(np.uint8),
        materials=tuple(materials[int(k)] for k in used),
        smooth=np.ones(len(t.faces), np.bool_),
        uv=None if t.uv is None else t.uv.astype(np.float32),
    )
    return creased(plain, CREASE_DEG)


def _material(entry: Entry, surface: Surface, index: int, paint: Material | None) -> Material:
    """What a surface of the file is made of; the paint of the spec goes to the entry's paintable material."""
    if paint is not None and surface.base == entry.paint:
        return paint
    name = f"{entry.id}.{surface.base}.{index}"
    if kind := entry.materials.get(surface.base):
        return replace(material_of(kind, surface.colour, name), texture=surface.texture)
    made = Material(
        name,
        surface.colour,
        roughness=surface.roughness,
        metallic=surface.metallic,
        texture=surface.texture,
    )
    return replace(made, lidar_reflectivity=reflectivity(made.mean_colour))


def _kind(entry: Entry) -> str:
    """The substance of what takes the paint, for friction and bounce."""
    kind = entry.materials.get(entry.paint, "plastic")
    return kind if kind in SUBSTANCES else "plastic"


def _collider(points: F64, body_from_part: Pose) -> Collider:
    matrix = body_from_part.matrix
    return hull_collider(points @ matrix[:3, :3].T + matrix[:3, 3])
