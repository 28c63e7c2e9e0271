"""Lamps for the preview renderer: their light without shadows, and what glows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Pose
from pairforge.renderers.darkness import lamps_on, raised
from pairforge.renderers.lamps import (
    EMISSION_BY_NIGHT,
    LENSES,
    ROOMS,
    beams,
    glow,
    metered,
    panes,
    room_colour,
    room_light,
)
from pairforge.scenes.world import World
from pairforge.sensors.ray_engine import Hits, RayEngine

F32 = NDArray[np.float32]

_LEAST = 2e-3
"""A lamp's light below this share of the metered level is left out."""


@dataclass(frozen=True, eq=False)
class Placed:
    """Beams (L,) in the world: positions and axes (L, 3); ``side`` is the level axis, ``up`` the flattened one."""

    at: F32
    towards: F32
    side: F32
    up: F32


class Lamps:
    """What lamps of a world send out. ``metered`` is the light that a camera exposes for, ``any`` whether a lamp
    lights others."""

    def __init__(self, world: World, engine: RayEngine, horizontal: float) -> None:
        self._engine = engine
        self._beams = beams(world)
        self.any = bool(self._beams)
        self._rest = [world.part(b.part_id).world_from_part for b in self._beams]
        self.metered = metered(world.sky, horizontal, self._beams)
        self._glow, self._dark = glow(world), lamps_on(world.sky)
        unit = 1.0 / raised(self.metered)
        m = engine.materials
        gain = EMISSION_BY_NIGHT * unit if self._dark else 1.0
        self._always = np.array([np.multiply(x.colour, x.emission_w_m2) * gain for x in m], dtype=np.float32)
        lens = [LENSES.get(x.lamp, (0.0, (0.0, 0.0, 0.0))) for x in m]
        self._lens = np.array([np.multiply(c, s) * unit for s, c in lens], dtype=np.float32)
        rooms = [ROOMS.get(x.lamp, (0.0, 0.0)) if self._dark else (0.0, 0.0) for x in m]
        self._share = np.array([share for share, _ in rooms], dtype=np.float32)
        self._room = np.array(
            [np.multiply(room_colour(x), s) * unit for x, (_, s) in zip(m, rooms, strict=True)], np.float32
        )
        self._always[self._share > 0] = 0.0
        self._panes = self._room_numbers(world)

    def _room_numbers(self, world: World) -> list[F32 | None]:
        """By part id: the numbers of its faces' rooms, None for parts without rooms."""
        if not self._dark:
            return [None] * (len(world.parts) + 1)
        made = {}
        for part in world.parts:
            if id(part.mesh) not in made:
                found = panes(part.mesh)
                made[id(part.mesh)] = found if found.any() else None
        return [None, *(made[id(part.mesh)] for part in world.parts)]

    def placed(self, poses: Mapping[int, Pose]) -> Placed:
        """The beams where their parts are: at rest, or where ``poses`` has them."""
        count = len(self._beams)
        position, towards = np.zeros((count, 3)), np.zeros((count, 3))
        for k, beam in enumerate(self._beams):
            pose = poses.get(beam.part_id, self._rest[k])
            position[k], towards[k] = pose.points(beam.at_m), pose.vectors(beam.towards)
        level = np.where(np.abs(towards[:, 2:]) > 0.99, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
        side = np.cross(towards, level)
        side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
        up = np.cross(side, towards)
        return Placed(*(np.asarray(x, dtype=np.float32) for x in (position, towards, side, up)))

    def irradiance(self, points: F32, normals: F32, placed: Placed) -> F32:
        """(N, 3) light of all lamps on surfaces at points (N, 3) with unit normals (N, 3), nothing in the way."""
        out = np.zeros((len(points), 3), dtype=np.float32)
        for k, beam in enumerate(self._beams):
            reach = np.float32(np.sqrt(beam.intensity.max() / (_LEAST * self.metered)))
            to = placed.at[k] - points
            square = np.einsum("ij,ij->i", to, to)
            near = np.flatnonzero(square < reach * reach)
            to, square = to[near], np.maximum(square[near], beam.radius_m**2)
            facing = np.einsum("ij,ij->i", to, normals[near])
            seen = np.flatnonzero(facing > 0)
            near, to, square, facing = near[seen], to[seen], square[seen], facing[seen]
            shape = _cone(-to, placed, k, beam.half_angle, beam.flatness)
            share = facing * shape / square**1.5
            out[near] += share[:, None] * beam.intensity.astype(np.float32)
        return out

    def emission(self, hits: Hits, material: NDArray[np.int32]) -> F32:
        """(N, 3) radiance that hits send out by themselves."""
        out = self._always[material] + self._lens[material] * self._glow.lit[hits.part][:, None]
        glazed = np.flatnonzero(self._share[material] > 0)
        for part in np.unique(hits.part[glazed]):
            rooms = self._panes[int(part)]
            if rooms is not None:
                rows = glazed[hits.part[glazed] == part]
                k = material[rows]
                lit = room_light(rooms[hits.triangle[rows]], float(self._glow.seed[part]), self._share[k])
                out[rows] += self._room[k] * lit[:, None]
        return out


def _cone(away: F32, placed: Placed, k: int, half_angle: float, flatness: float) -> F32:
    """(N,) how much of the lamp's intensity goes along ``away`` (N, 3): smooth from its axis to its cone's edge, as
    Blender's spot lamp with a blend of 1; a flat cone is a round one squeezed along its up axis."""
    ahead, side, up = away @ placed.towards[k], away @ placed.side[k], away @ placed.up[k] / flatness
    cosine = ahead / np.maximum(np.sqrt(ahead**2 + side**2 + up**2), 1e-9)
    edge = np.cos(half_angle)
    t = np.clip((cosine - edge) / (1 - edge), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
