"""Concrete scene -> World: shapes built, ids given. No randomness: the same concrete scene gives the same world."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from itertools import count
from weakref import WeakValueDictionary

import numpy as np

from pairforge.errors import SpecError
from pairforge.frames import Pose
from pairforge.scenes.colours import colour_rgb
from pairforge.scenes.concrete import ConcreteItem, ConcreteLane, ConcreteScene
from pairforge.scenes.draws import EXTENT, floats
from pairforge.scenes.families import ShapeFamily, family
from pairforge.scenes.gait import body_box
from pairforge.scenes.joints import swept_box
from pairforge.scenes.materials import material
from pairforge.scenes.stretch import stretched
from pairforge.scenes.taxonomy import semantic
from pairforge.scenes.world import Instance, Lane, Material, Part, Rgb, Shape, World

MAX_ID = 65535
PLAIN_MATERIAL = "plastic"
"""The material kind of a coloured thing whose family names none."""


def build(concrete: ConcreteScene) -> World:
    """The world of a concrete scene at rest. Things get instance ids 1..N and parts ids 1..P in item order; stuff
    has instance id 0. Equal (family, params, paint) share their meshes. Raises SpecError."""
    part_ids, instance_ids = count(1), count(1)
    seconds = max((0, *concrete.keyframe_times_ns)) * 1e-9 + 0.3
    parts: list[Part] = []
    instances: list[Instance] = []
    for item in concrete.items:
        kind = family(item.family)
        shape = shape_of(item)
        instance_id = 0 if kind.stuff else next(instance_ids)
        own = tuple(_parts(item, kind, shape, instance_id, part_ids))
        parts.extend(own)
        if instance_id:
            owned = tuple(p.part_id for p in own)
            instances.append(_instance(item, kind, shape, instance_id, owned, seconds))
    _check_limits(concrete, len(parts), len(instances))
    return World(tuple(parts), tuple(instances), tuple(_lane(lane) for lane in concrete.lanes), concrete.sky)


def shape_of(item: ConcreteItem) -> Shape:
    """The shape of an item, in its paint; the same object for equal family, params and paint."""
    return _shape(item.family, json.dumps(item.params, sort_keys=True), item.colour, item.material)


_HELD: WeakValueDictionary[tuple[str, str, str | None, str | None], Shape] = WeakValueDictionary()
"""Every shape that a world or a drawn scene still holds; for nobody, the last few hundred alone are kept."""


@lru_cache(maxsize=512)
def _shape(family_name: str, params: str, colour: str | None, material_name: str | None) -> Shape:
    key = (family_name, params, colour, material_name)
    if (shape := _HELD.get(key)) is None:
        shape = _HELD[key] = _built(*key)
    return shape


def _built(family_name: str, params: str, colour: str | None, material_name: str | None) -> Shape:
    given = json.loads(params)
    extent_m = given.pop(EXTENT, None)
    shape = family(family_name).build(given, _paint(colour, material_name))
    return shape if extent_m is None else stretched(shape, floats(extent_m))


def _paint(colour: str | None, material_name: str | None) -> Material | None:
    """The material of a named colour; a material without a colour is the family's own affair."""
    return None if colour is None else material(material_name or PLAIN_MATERIAL, colour)


def _parts(
    item: ConcreteItem, kind: ShapeFamily, shape: Shape, instance_id: int, ids: Iterator[int]
) -> Iterator[Part]:
    body = Pose.of(item.position_m, item.quaternion_wxyz)
    lamps = {lamp.part for lamp in shape.lamps}
    for piece in shape.parts:
        yield Part(
            part_id=next(ids),
            name=f"{item.name}.{piece.name}",
            instance_id=instance_id,
            semantic_id=semantic(piece.semantic or kind.semantic).semantic_id,
            mesh=piece.mesh,
            world_from_part=body @ piece.body_from_part,
            moves=piece.name in lamps if item.motion == "signal" else item.motion != "static",
        )


def _instance(
    item: ConcreteItem,
    kind: ShapeFamily,
    shape: Shape,
    instance_id: int,
    part_ids: tuple[int, ...],
    seconds: float,
) -> Instance:
    size_m, centre_m = _box(item, shape, seconds)
    return Instance(
        instance_id=instance_id,
        name=item.name,
        family=item.family,
        semantic_id=semantic(kind.semantic).semantic_id,
        noun=kind.noun,
        colour=item.colour or "",
        colour_rgb=_rgb(item, shape),
        material=item.material or "",
        size_m=size_m,
        centre_m=centre_m,
        has_front=kind.has_front,
        moves=item.motion not in ("static", "signal"),
        mass_kg=shape.mass_kg if item.mass_kg is None else item.mass_kg,
        world_from_body=Pose.of(item.position_m, item.quaternion_wxyz),
        part_ids=part_ids,
        shape=shape,
        behaviour={"motion": item.motion, **item.behaviour},
    )


def _box(
    item: ConcreteItem, shape: Shape, seconds: float
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Size and centre of what holds the thing: one whose joints move in every pose of the scene, one whose limbs
    swing all through its gait."""
    if item.motion != "jointed":
        return body_box(shape, item.motion)
    size, centre = swept_box(shape, item.behaviour["joints"], seconds)
    return floats(size), floats(centre)


def _rgb(item: ConcreteItem, shape: Shape) -> Rgb:
    """The named colour, else that of the material most faces of the first part have."""
    if item.colour is not None:
        return colour_rgb(item.colour)
    mesh = shape.parts[0].mesh
    return mesh.materials[int(np.bincount(mesh.face_material).argmax())].mean_colour


def _lane(lane: ConcreteLane) -> Lane:
    same = {f.name: getattr(lane, f.name) for f in fields(ConcreteLane)}
    return Lane(**{**same, "centre_m": np.asarray(lane.centre_m, dtype=np.float64)})


def _check_limits(concrete: ConcreteScene, parts: int, instances: int) -> None:
    for what, number in (("parts", parts), ("instances", instances)):
        if number > MAX_ID:
            raise SpecError(
                f'scene "{concrete.scene}" has {number} {what}; ids are 16 bits wide, so {MAX_ID} is the most. '
                "Ask for fewer things."
            )
