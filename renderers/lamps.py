"""Lamps of a world: which lenses and panes glow, and what light goes out from them.

A material's ``lamp`` says what its faces are the lens of, so every shape that uses such a material, whoever made it,
lights up by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pairforge.frames import F64
from pairforge.renderers.darkness import LUX, headlights_on, lamps_on, level
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.scenes.world import Instance, Material, Mesh, Part, Rgb, Sky, World
from pairforge.seeding import Stream

F32 = NDArray[np.float32]

WARM = (1.0, 0.66, 0.36)
"""Street lamps of some 3000 K as a camera balanced for daylight sees them, and rooms."""
COOL = (1.0, 0.93, 0.82)
STREET_CD, HEADLIGHT_CD, BICYCLE_CD = 1700.0, 3600.0, 120.0
LENSES: Mapping[str, tuple[float, Rgb]] = {
    "street": (14.0, WARM),
    "head": (16.0, COOL),
    "tail": (1.6, (1.0, 0.02, 0.015)),
}
"""Radiance and colour of lit lenses, where a white wall in the metered light has a radiance of about 0.1."""
ROOMS: Mapping[str, tuple[float, float]] = {"window": (0.36, 0.26), "shop": (0.75, 0.3)}
"""Share of rooms with a light on, and their radiance."""
EMISSION_BY_NIGHT = 0.06
"""Radiance by night for each W/m^2 of what always glows, as signals do."""
_ROOM_M = (2.9, 2.9, 3.1)
_PEOPLE = frozenset(BY_NAME[name].semantic_id for name in ("pedestrian", "cyclist"))
_DIP, _FLAT = np.radians(5.5), 0.16
"""How far dipped headlights look down, and how flat their cone is: what goes out level is a fifteenth of the most, so
that they light the road and the feet of what is ahead."""


@dataclass(frozen=True, eq=False)
class Beam:
    """A light that hangs on a part: place and unit direction in the part's frame, radiant intensity (3,) RGB in
    units of irradiance times m^2, half its cone's angle, how flat the cone is (1: round) and the lamp's radius."""

    part_id: int
    at_m: F64
    towards: F64
    intensity: F64
    half_angle: float
    flatness: float
    radius_m: float


@dataclass(frozen=True, eq=False)
class Glow:
    """What each part shows by its id (P + 1,): whether its lamps are lit, the number that its rooms are lit by, and
    whether snow stays on it."""

    lit: F32
    seed: F32
    rests: F32


def beams(world: World) -> tuple[Beam, ...]:
    """The lamps that light others, in part order; none by day, when nobody would see it."""
    if not lamps_on(world.sky):
        return ()
    driven = _driven(world)
    found = (_lamp(world, part, driven) for part in world.parts)
    return tuple(lamp for lamp in found if lamp is not None)


def metered(sky: Sky, horizontal: float, lit_by: tuple[Beam, ...]) -> float:
    """The light that a camera exposes for: the sky's on level ground (``horizontal``), by night that of lamps."""
    street = any(beam.half_angle > 1.0 for beam in lit_by)
    return level(sky, horizontal, street, bool(lit_by))


def glow(world: World) -> Glow:
    """Which lamps of which parts are lit."""
    count = len(world.parts) + 1
    lit, seed, rests = np.zeros(count), np.zeros(count), np.ones(count)
    drive, dark = headlights_on(world.sky), lamps_on(world.sky)
    driven = _driven(world)
    for part in world.parts:
        own = part.instance_id in driven
        lit[part.part_id] = drive if own else dark and any(m.lamp == "street" for m in part.mesh.materials)
        rests[part.part_id] = 0.0 if own or part.semantic_id in _PEOPLE else 1.0
        if dark and any(m.lamp in ("window", "shop") for m in part.mesh.materials):
            where = ",".join(f"{x:.2f}" for x in part.world_from_part.position_m)
            seed[part.part_id] = Stream(0, f"rooms/{part.name}/{where}").rng().random()
    return Glow(lit.astype(np.float32), seed.astype(np.float32), rests.astype(np.float32))


def panes(mesh: Mesh) -> F32:
    """(F,) a number in 0..1 a room, by which its light is on or off: equal for all panes of a room; 0 elsewhere."""
    out = np.zeros(len(mesh.faces), dtype=np.float32)
    rooms = [k for k, m in enumerate(mesh.materials) if m.lamp in ("window", "shop")]
    mine = np.flatnonzero(np.isin(mesh.face_material, rooms))
    if len(mine):
        corners = mesh.faces[mine]
        rows = np.repeat(np.arange(len(mine)), 3)
        links = coo_matrix((np.ones(rows.size), (rows, corners.ravel())), (len(mine), len(mesh.vertices)))
        _, pane = connected_components(links @ links.T, directed=False)
        centre = mesh.vertices[corners].mean(axis=1).astype(np.float64)
        size = np.bincount(pane)
        middle = np.stack([np.bincount(pane, centre[:, k]) / size for k in range(3)], axis=1)
        cell = np.floor(middle / _ROOM_M).astype(np.int64)
        out[mine] = _mixed(cell)[pane]
    return out


def room_light(pane: F32, seed: float, share: F32 | float) -> F32:
    """(N,) how bright the room behind each pane is: 0 for the dark ones, else 0.35 to 1."""
    drawn = np.mod(pane + seed, 1.0)
    bright = 0.35 + 0.65 * np.mod(drawn * 97.0 + 0.5, 1.0)
    return np.asarray(np.where(drawn < share, bright, 0.0), dtype=np.float32)


def room_colour(material: Material) -> Rgb:
    """What a lit room shows through a pane: warm light, on goods and curtains their colour."""
    if material.name in ("window_glass", "shop_glass"):
        return WARM
    r, g, b = (1.6 * c * w for c, w in zip(material.colour, WARM, strict=True))
    return r, g, b


def _mixed(cell: NDArray[np.int64]) -> F32:
    """(N,) numbers in 0..1 that look random, from whole numbers (N, 3)."""
    x = (cell * np.array([73856093, 19349663, 83492791])).sum(axis=1).astype(np.uint64)
    x = (x ^ (x >> np.uint64(13))) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray((x >> np.uint64(40)) / np.float64(1 << 24), dtype=np.float32)


def _driven(world: World) -> frozenset[int]:
    """Ids of vehicles and cycles with somebody at the wheel."""
    return frozenset(i.instance_id for i in world.instances if _is_driven(i))


def _is_driven(instance: Instance) -> bool:
    said = instance.behaviour
    return said.get("motion") in ("vehicle", "cyclist") and said.get("kind") != "park"


def _lamp(world: World, part: Part, driven: frozenset[int]) -> Beam | None:
    kinds = {m.lamp for m in part.mesh.materials}
    if "street" in kinds:
        lens = part.world_from_part.points(_lens(part.mesh, "street"))
        below = np.array([*lens[:, :2].mean(axis=0), lens[:, 2].min() - 0.04])
        at = part.world_from_part.inverse.points(below)
        colour = np.array(WARM) * (STREET_CD / LUX)
        down = part.world_from_part.inverse.vectors(np.array([0.0, 0.0, -1.0]))
        return Beam(part.part_id, at, down, colour, np.radians(76.0), 1.0, 0.12)
    if "head" in kinds and part.instance_id in driven:
        body_from_part = world.instance(part.instance_id).world_from_body.inverse @ part.world_from_part
        lens = body_from_part.points(_lens(part.mesh, "head"))
        at = np.array([lens[:, 0].max() + 0.06, lens[:, 1].mean(), lens[:, 2].mean()])
        part_from_body = body_from_part.inverse
        ahead = part_from_body.vectors(np.array([np.cos(_DIP), 0.0, -np.sin(_DIP)]))
        candela = HEADLIGHT_CD if np.ptp(lens[:, 1]) > 0.5 else BICYCLE_CD
        colour = np.array(COOL) * (candela / LUX)
        return Beam(part.part_id, part_from_body.points(at), ahead, colour, np.radians(34.0), _FLAT, 0.1)
    return None


def _lens(mesh: Mesh, lamp: str) -> F64:
    """(N, 3) corners of the faces of a lamp."""
    mine = np.isin(mesh.face_material, [k for k, m in enumerate(mesh.materials) if m.lamp == lamp])
    return np.asarray(np.unique(mesh.vertices[mesh.faces[mine]].reshape(-1, 3), axis=0), dtype=np.float64)
