"""The ways of light from a LiDAR and back: straight, through panes of glass, and by one mirror.

Light that a mirror sends on to something comes back the same way, so the device sees that thing straight ahead, as
far off as the way was long: where its mirror image stands. Each face of a pane and each mirror takes its share of
the light twice, there and back. Panes are thin: they shift no ray.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64
from pairforge.sensors.air import GHOST, SURFACE, THROUGH
from pairforge.sensors.columns import Columns
from pairforge.sensors.lidar_model import LidarModel
from pairforge.sensors.lidar_surfaces import answer
from pairforge.sensors.ray_engine import RayEngine, lifted
from pairforge.sensors.timeline import Timeline

_LEGS = 6
"""A way turns or crosses a face of glass at most five times."""
_FAINT = 0.2
"""Ways are given up once even a white thing right behind would send back less than this share of the least power."""


@dataclass(frozen=True, eq=False)
class Rays:
    """N rays in the world: origins (N, 3), unit directions (N, 3), times (N,) int64 ns."""

    origins: F64
    directions: F64
    times_ns: I64


@dataclass(frozen=True, eq=False)
class Paths(Columns):
    """M ways on which light came back. Of each: its ``ray``; ``range_m``, half the whole way; ``gain``, the
    reflectance it would have in clear air and straight ahead; ``kind``; the ``part`` that sent it back, at ``point``
    (M, 3), met along ``onward`` (M, 3) with this ``cosine``, and whether it is a ``retro``-reflector; the mirror or
    pane it came ``via`` (a part; 0: none), met ``via_m`` along the ray."""

    ray: I64
    range_m: F64
    gain: F64
    kind: NDArray[np.uint8]
    part: NDArray[np.uint16]
    cosine: F64
    point: F64
    onward: F64
    retro: NDArray[np.bool_]
    via: NDArray[np.uint16]
    via_m: F64


@dataclass(frozen=True, eq=False)
class _Legs(Columns):
    """Rays under way: which ray, from where to where, how far so far, with what share of the light left."""

    ray: I64
    origin: F64
    direction: F64
    travelled: F64
    share: F64
    kind: NDArray[np.uint8]
    via: NDArray[np.uint16]
    via_m: F64


def trace(engine: RayEngine, timeline: Timeline, rays: Rays, model: LidarModel) -> Paths:
    """Every way on which light of N rays comes back from a surface within the model's maximum range."""
    n = len(rays.origins)
    nothing = np.zeros(n, dtype=np.uint16)
    none, zeros = np.zeros(n, np.uint8), np.zeros(n)
    legs = _Legs(np.arange(n), rays.origins, rays.directions, zeros, np.ones(n), none, nothing, zeros)
    found = []
    for _ in range(_LEGS):
        paths, legs = _step(engine, timeline, rays, legs, model)
        found.append(paths)
        if not len(legs.ray):
            break
    return Paths.joined(found)


def _step(
    engine: RayEngine, timeline: Timeline, rays: Rays, legs: _Legs, model: LidarModel
) -> tuple[Paths, _Legs]:
    """What the legs meet sends back, and the legs that go on from there."""
    hits = engine.cast_over(legs.origin, legs.direction, rays.times_ns[legs.ray], timeline)
    distance = np.where(hits.hit, hits.distance, 0.0).astype(np.float64)
    far = legs.travelled + distance
    normal = hits.normal.astype(np.float64)
    cosine = np.abs(np.einsum("ij,ij->i", normal, legs.direction))
    told = answer(engine, hits, cosine, model.surfaces)
    point = legs.origin + legs.direction * distance[:, None]
    met = hits.hit & (far <= model.max_range_m)
    gain = legs.share**2 * told.reflectance
    came = (legs.via, legs.via_m)
    all_of = Paths(
        legs.ray, far, gain, legs.kind, hits.part, cosine, point, legs.direction, told.retro, *came
    )
    paths = all_of.take(met)
    reach = model.max_range_m if model.receiver is None else model.receiver.reach_m
    onward = []
    for turned, share in ((False, told.through), (True, told.mirrored)):
        left = legs.share * share
        bright = left**2 >= _FAINT * 0.1 * (np.maximum(far, 0.1) / reach) ** 2
        go = np.flatnonzero(met & bright & ((legs.kind != GHOST) | (not turned)))
        onward.append(_onward(legs, go, turned, point[go], normal[go], far[go], left[go], hits.part[go]))
    return paths, _Legs.joined(onward)


def _onward(
    legs: _Legs, go: I64, turned: bool, point: F64, normal: F64, far: F64, left: F64, part: NDArray[np.uint16]
) -> _Legs:
    """The legs ``go`` from where they met a face: straight on, or turned as by a mirror."""
    direction, kind, via, via_m = legs.direction[go], legs.kind[go], legs.via[go], legs.via_m[go]
    if turned:
        direction = direction - 2.0 * np.einsum("ij,ij->i", direction, normal)[:, None] * normal
    first = turned | (kind == SURFACE)
    start = lifted(point, normal if turned else -normal)
    return _Legs(
        ray=legs.ray[go],
        origin=start,
        direction=direction,
        travelled=far,
        share=left,
        kind=np.where(kind == GHOST, GHOST, GHOST if turned else THROUGH).astype(np.uint8),
        via=np.where(first, part, via).astype(np.uint16),
        via_m=np.where(first, far, via_m),
    )
