"""Which rays a radar casts: an even fan over its field of view, and a fan of its own for each thing in it.

A thing is met by its own fan alone, the rest of the world by the wide one, so that a far pedestrian or a thin pole is
sampled as well as a near wall. Each ray stands for a solid angle, and where it goes within that is drawn anew in
every frame: cross sections are right on average over frames, however coarse the fan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64, I64, Pose
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.seeding import Stream
from pairforge.sensors.radar_scene import Instant
from pairforge.sensors.ray_engine import RayEngine

_WIDE_SHARE = 60
"""A boxed thing's fan has this share of the wide fan's rays, at least ``_LEAST``; another thing's a third of it; and
none is coarser than the wide fan is on average."""
_LEAST = 32
_WIDEST = 1.2
"""Radians beyond which a thing is left to the wide fan."""
_UNAIMED = frozenset(BY_NAME[name].semantic_id for name in ("building", "vegetation", "defect"))
_BOXED = frozenset(c.semantic_id for c in BY_NAME.values() if c.boxed)


@dataclass(frozen=True, eq=False)
class Fans:
    """Rays (N,): unit ``directions`` (N, 3) in the sensor frame, the ``solid_angle`` each stands for, the instance
    each is aimed at (0: none), and a random ``phase`` (N,) of what it will meet."""

    directions: F64
    solid_angle: F64
    aimed: I64
    phase: F64


def fans(
    engine: RayEngine,
    instant: Instant,
    world_from_sensor: Pose,
    fov: tuple[float, float],
    reach_m: float,
    rays: int,
    stream: Stream,
) -> Fans:
    """All rays of a frame; ``fov`` full angles in azimuth and elevation, radians."""
    wide = _wide(fov, rays, stream / "wide")
    own = [
        _aimed(
            box, rays if boxed else rays // 3, rays / (fov[0] * fov[1]), stream / "aimed" / name, instance_id
        )
        for instance_id, name, boxed, box in _things(engine, instant, world_from_sensor, fov, reach_m)
    ]
    every = [wide, *own]
    return Fans(
        np.concatenate([f.directions for f in every]),
        np.concatenate([f.solid_angle for f in every]),
        np.concatenate([f.aimed for f in every]),
        np.concatenate([f.phase for f in every]),
    )


def _wide(fov: tuple[float, float], rays: int, stream: Stream) -> Fans:
    """Denser towards the horizon, where ground and roads are seen far away."""
    rows = max(int(np.sqrt(rays * fov[1] / fov[0])), 2)
    columns = max(rays // rows, 2)
    even = np.linspace(-1.0, 1.0, rows + 1)
    edges = np.sin(np.sign(even) * np.abs(even) ** 1.5 * fov[1] / 2.0)
    azimuth, up, draws = _within(np.linspace(-fov[0] / 2.0, fov[0] / 2.0, columns + 1), edges, stream)
    flat = np.sqrt(1.0 - up**2)
    solid = np.broadcast_to(fov[0] / columns * np.diff(edges)[None, :], up.shape)
    directions = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), up], axis=-1)
    return _fans(directions, solid, 0, draws)


def _aimed(box: F64, rays: int, per_sr: float, stream: Stream, instance_id: int) -> Fans:
    """A fan over ``box`` of the plane one metre ahead: left and right, low and high; ``per_sr`` rays at least."""
    width, height = max(box[1] - box[0], 1e-4), max(box[3] - box[2], 1e-4)
    count = max(rays // _WIDE_SHARE, _LEAST, int(per_sr * width * height))
    columns = int(np.clip(np.sqrt(count * width / height), 3, count // 3))
    rows = max(count // columns, 3)
    across, up, draws = _within(
        np.linspace(box[0], box[1], columns + 1), np.linspace(box[2], box[3], rows + 1), stream
    )
    length = np.sqrt(1.0 + across**2 + up**2)
    solid = width / columns * height / rows / length**3
    directions = np.stack([1.0 / length, across / length, up / length], axis=-1)
    return _fans(directions, solid, instance_id, draws)


def _within(across: F64, up: F64, stream: Stream) -> tuple[F64, F64, F64]:
    """A place somewhere in each cell between edges (A + 1,) and (U + 1,), and one more draw (A, U) of 0..1."""
    draws = stream.rng().random((3, len(across) - 1, len(up) - 1))
    return (
        across[:-1, None] + np.diff(across)[:, None] * draws[0],
        up[:-1] + np.diff(up) * draws[1],
        draws[2],
    )


def _fans(directions: F64, solid: F64, instance_id: int, draws: F64) -> Fans:
    n = solid.size
    aimed = np.full(n, instance_id, dtype=np.int64)
    return Fans(directions.reshape(-1, 3), solid.ravel(), aimed, 2.0 * np.pi * draws.ravel())


def _things(
    engine: RayEngine, instant: Instant, world_from_sensor: Pose, fov: tuple[float, float], reach_m: float
) -> list[tuple[int, str, bool, F64]]:
    """Things that get a fan: id, name, whether boxed, and its box in the plane ahead, cut to the field of view."""
    ids, corners = engine.boxes
    turn, at = instant.placed
    seen = world_from_sensor.inverse.points(np.einsum("pij,pkj->pki", turn[ids], corners) + at[ids][:, None])
    owner = engine.world.instance_of_part[ids]
    found = []
    for instance in engine.world.instances:
        mine = owner == instance.instance_id
        if instance.semantic_id in _UNAIMED or instance.instance_id == instant.carrier or not mine.any():
            continue
        box = _box(seen[mine].reshape(-1, 3), fov, reach_m)
        if box is not None:
            boxed = instance.semantic_id in _BOXED
            found.append((instance.instance_id, instance.name, boxed, box))
    return found


def _box(points: F64, fov: tuple[float, float], reach_m: float) -> F64 | None:
    """What holds points (N, 3) in the plane one metre ahead; None when out of sight, or all around."""
    if points[:, 0].min() < 0.1 or points[:, 0].min() > reach_m:
        return None
    across, up = points[:, 1] / points[:, 0], points[:, 2] / points[:, 0]
    side = np.tan(fov[0] / 2.0)
    left, right = max(across.min(), -side), min(across.max(), side)
    # A cone of one elevation is a hyperbola in the plane: wider at its sides.
    top = np.tan(fov[1] / 2.0) * np.hypot(1.0, max(abs(left), abs(right)))
    low, high = max(up.min(), -top), min(up.max(), top)
    if left >= right or low >= high or np.arctan(right) - np.arctan(left) > _WIDEST:
        return None
    return np.array([left, right, low, high])
